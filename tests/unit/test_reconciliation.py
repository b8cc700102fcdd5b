"""Published figures are compared with the warehouse, and never changed to fit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sia import reconciliation
from sia.calendar import Quarter
from sia.errors import PermanentError
from sia.reconciliation import KnownAmounts, PublishedFigure, ReconciledFigure
from sia.reconciliation import ReconciliationOutcome as Outcome
from tests.published import published

SOUTH_VALE = "CSP-SOUTH-VALE"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "published_figures.csv"


def figure(value: str, **other: str) -> PublishedFigure:
    return PublishedFigure(
        "F1", other.get("measure", "referrals"), SOUTH_VALE, other.get("period", "2018-19Q4"), Decimal(value)
    )


def compared(published: PublishedFigure, number: str, out_of: str | None = None) -> ReconciledFigure:
    key = (published.measure, SOUTH_VALE, "2018-19Q4")
    known: KnownAmounts = {key: (Decimal(number), None if out_of is None else Decimal(out_of))}
    return reconciliation.reconcile([published], {None: known})[0]


def register(*ids: str) -> dict[str, ReconciledFigure]:
    figures = reconciliation.read(reconciliation.register())
    days = {figure.known_on for figure in figures} | {None}
    return {
        c.published.id: c for c in reconciliation.reconcile(figures, {day: {} for day in days}) if c.published.id in ids
    }


def test_the_printed_8_6_per_cent_should_be_9_4() -> None:
    """Annual refresh 2013-14: a fall from 37,068 to 33,587 crimes, printed as 8.6 %. By hand: 3481 / 37068 = 9.39 %."""
    (reconciled,) = register("F097").values()
    assert reconciled.outcome is Outcome.DISAGREES
    assert reconciled.reason == "the change of F096 37,068, F095 33,587 gives -9.4"
    assert reconciled.published.value == Decimal("-8.6")


def test_the_printed_746294_pounds_should_be_746160() -> None:
    """Annual refresh 2013-14, text and table of funding. By hand: 286794 + 327000 + 112866 + 19500 = 746160."""
    reconciled = register("F124", "F129")
    assert reconciled["F124"].outcome is Outcome.AGREES
    assert reconciled["F129"].outcome is Outcome.DISAGREES
    assert reconciled["F129"].reason.endswith("gives 746,160")


def test_the_shares_of_the_reports_are_right_once_rounded() -> None:
    """By hand: 312/1892 = 16.5, 341/1535 = 22.2, 406/1757 = 23.1, 90/249 = 36.1, 85/232 = 36.6."""
    reconciled = register("F130", "F131", "F132", "F133", "F134")
    assert {key: figure.outcome for key, figure in reconciled.items()} == dict.fromkeys(reconciled, Outcome.ROUNDS)
    assert len(reconciled) == 5


@pytest.mark.parametrize(
    ("published", "number", "out_of", "outcome"),
    [
        ("49", "49", None, Outcome.AGREES),
        ("49", "50", None, Outcome.DISAGREES),
        ("86", "429", "5", Outcome.ROUNDS),  # 85.8
        ("85", "429", "5", Outcome.DISAGREES),  # cut off and not rounded
        ("85.8", "429", "5", Outcome.AGREES),
        ("3", "5", "2", Outcome.ROUNDS),  # 2.5, half up
        ("0", "0", None, Outcome.AGREES),
        ("0", "0", "0", Outcome.NOT_COMPARED),  # a mean of nothing
    ],
)
def test_a_figure_agrees_agrees_once_rounded_or_disagrees(
    published: str, number: str, out_of: str | None, outcome: Outcome
) -> None:
    assert compared(figure(published), number, out_of).outcome is outcome


def test_a_quarter_that_is_missing_is_not_zero() -> None:
    assert compared(figure("49", period="2018-19"), "49").outcome is Outcome.NOT_COMPARED
    assert compared(figure("49", period="since the war"), "49").outcome is Outcome.NOT_COMPARED


def test_a_figure_that_was_restated_agrees_and_says_so() -> None:
    """49 in the report of June 2019, 55 in that of September 2020."""
    key = ("referrals", SOUTH_VALE, "2018-19Q4")
    day = date(2019, 6, 18)
    published = PublishedFigure("F031", *key[:2], "2018-19Q4", Decimal(49), known_on=day)
    known = {day: {key: (Decimal(49), None)}, None: {key: (Decimal(55), None)}}
    (reconciled,) = reconciliation.reconcile([published], known)
    assert reconciled.outcome is Outcome.AGREES
    assert reconciled.reason == "the warehouse on 2019-06-18 gives 49; restated since, 55 today"


@pytest.mark.parametrize(
    ("text", "first", "last", "number"),
    [
        ("2019-20", "2019-20Q1", "2019-20Q4", 4),
        ("2019/20", "2019-20Q1", "2019-20Q4", 4),
        ("2019/20 Q4", "2019-20Q4", "2019-20Q4", 1),
        ("2011-12Q4 to 2012-13Q3", "2011-12Q4", "2012-13Q3", 4),
    ],
)
def test_periods_are_read_as_people_write_them(text: str, first: str, last: str, number: int) -> None:
    quarters = reconciliation.quarters(text)
    assert (quarters[0], quarters[-1], len(quarters)) == (Quarter.parse(first), Quarter.parse(last), number)


@pytest.mark.parametrize(
    ("text", "code"),
    [("South and Vale", SOUTH_VALE), ("oxford", "E07000178"), ("E10000025", "E10000025"), ("Atlantis", None)],
)
def test_an_area_is_known_by_its_code_or_name(text: str, code: str | None) -> None:
    assert reconciliation.area_code(text) == code


def test_figures_that_disagree_come_first() -> None:
    lines = reconciliation.report([compared(figure("49"), "49"), compared(figure("48"), "49")])
    assert lines[0] == "1 disagree, 0 agree once rounded as printed, 1 agree, 0 not compared."
    assert lines.index("Disagree") < lines.index("Agree")


@pytest.mark.parametrize("line", ["F1,referrals,Oxford,2018-19,many", "F1,referrals,Oxford,2018-19"])
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "figures.csv"
    path.write_text(f"id,measure,area,period,value\n{line}\n")
    with pytest.raises(PermanentError, match=r"figures\.csv, line 2"):
        reconciliation.read(path)


def test_the_register_has_every_published_figure() -> None:
    kept = {figure.id: figure for figure in reconciliation.read(reconciliation.register())}
    # As they were printed by three reports of 2019 to 2022; the others are of 2013, of a year
    # that is not over, or computed from these.
    assert len(published()) == 96
    for row in published():
        names = ("measure", "area", "period", "value", "unit", "source", "known_on")
        assert all(getattr(kept[row.id], name) == getattr(row, name) for name in names)


def test_the_register_matches_the_figures_read_from_the_reports() -> None:
    if not SHARED.exists():
        pytest.skip("the file of published figures is not on this machine")
    read = {figure.id: figure.value for figure in reconciliation.read(SHARED)}
    kept = {figure.id: figure.value for figure in reconciliation.read(reconciliation.register()) if figure.id in read}
    assert len(kept) > 80
    assert kept == {name: read[name] for name in kept}


def test_a_file_with_only_measure_area_and_period_is_checked() -> None:
    if not SHARED.exists():
        pytest.skip("the file of published figures is not on this machine")
    reconciled = {c.published.id: c for c in reconciliation.reconcile(reconciliation.read(SHARED), {None: {}})}
    assert reconciled["F097"].outcome is Outcome.DISAGREES
    assert reconciled["F097"].reason.endswith("gives -9.4")
    assert reconciled["F031"].outcome is Outcome.NOT_COMPARED
