"""The register of breaks: dated, and about known returns and measures."""

from datetime import date
from pathlib import Path

import pytest

from sia.calendar import Quarter, quarters_between
from sia.register_file import RegisterError
from sia.registers.measures import measures
from sia.registers.series_breaks import SeriesBreak, breaks, breaks_of, is_set_aside, set_aside
from tests.own_registers import replace_register

BY_ID = {measure.id: measure for measure in measures()}


def test_the_recording_standards_of_2016_break_what_police_count_and_nothing_else() -> None:
    (series_break,) = breaks_of(BY_ID["robbery"], breaks())
    assert series_break.starts == date(2016, 4, 1)
    assert breaks_of(BY_ID["street_crime"], breaks())
    assert not breaks_of(BY_ID["sanctuary_referrals"], breaks())


def test_quarters_are_set_aside_if_half_of_their_days_were_in_a_lockdown() -> None:
    # Of the 92 days of October to December 2020, 27 were; of the 90 of January to March 2021, 84.
    aside = [
        quarter.key
        for quarter in quarters_between(Quarter(2019, 4), Quarter(2021, 2))
        if is_set_aside(set_aside(), quarter.start, quarter.plus(1).start)
    ]
    assert aside == ["2020-21Q1", "2020-21Q4"]


@pytest.mark.parametrize("names", ["measures: [no_such_measure]", "returns: [no_such_return]", "measures: []"])
def test_a_break_without_a_return_or_measure_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: str
) -> None:
    text = f"breaks: [{{starts: 2020-04-01, kind: definition, reason: x, source: y, {names}}}]"
    replace_register(monkeypatch, tmp_path, "breaks.yml", text)
    with pytest.raises(RegisterError, match="2020-04-01"):
        breaks.__wrapped__()


def test_breaks_are_listed_oldest_first() -> None:
    def synthetic(day: date) -> SeriesBreak:
        return SeriesBreak(starts=day, kind="definition", reason="r", source="s", measures=("robbery",))

    later, earlier = synthetic(date(2021, 4, 1)), synthetic(date(2019, 4, 1))
    assert breaks_of(BY_ID["robbery"], [later, earlier]) == [earlier, later]
