"""The registers of agreements, extensions and waivers: read strictly, so that no mistake goes unnoticed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from sia.contract.model import returns
from sia.paths import REGISTERS
from sia.register_file import RegisterError
from sia.registers.agreements import Agreements, agreements
from sia.registers.extensions import Extensions, extensions
from sia.registers.measures import measures
from sia.registers.waivers import Waivers, waivers
from tests.own_registers import replace_register

AGREEMENT = {"source": "odas", "reference": "DSA-1", "signed": date(2021, 1, 1), "review_by": date(2021, 12, 31)}
EXTENSION = {
    "return": "odas",
    "source": "odas",
    "quarter": "2021/22 Q4",
    "until": date(2022, 5, 6),
    "allowed_by": "x",
    "why": "x",
}
WAIVER = {
    "id": "WAI-2021-01",
    "return": "sanctuary",
    "source": "sanctuary_contractor",
    "quarter": "2021-22Q1",
    "rule": "SAN-COST-01",
    "keys": [{"job_reference": "SAN-2021-0042"}],
    "expect": 1,
    "allowed_by": "x",
    "why": "x",
    "starts": date(2021, 7, 1),
    "until": date(2021, 9, 30),
}
OF_A_LINE = {key: value for key, value in WAIVER.items() if key != "keys"} | {
    "return": "tvp_crime", "source": "thames_valley_police", "rule": "TVS-PLACE-02", "rows": [3],
}  # fmt: skip


def test_the_registers_of_the_project_are_read() -> None:
    senders = {key for contract in returns().values() for key in contract.senders}
    assert {entry.source for entry in agreements({}).agreements} == senders
    assert all("made-up" in entry.reference for entry in agreements({}).agreements)
    assert all("Made-up" in entry.why for entry in extensions())
    assert waivers({}) == ()


def test_an_agreement_is_in_force_from_its_signing_to_its_review() -> None:
    register = Agreements.model_validate({"agreements": [AGREEMENT]})
    days = [date(2020, 12, 31), date(2021, 1, 1), date(2021, 12, 31), date(2022, 1, 1)]
    assert [register.in_force("odas", day) for day in days] == [False, True, True, False]
    assert not register.in_force("mediation_bucks", date(2021, 6, 1))
    assert (register.last_day("odas"), register.last_day("mediation_bucks")) == (date(2021, 12, 31), None)


def test_an_example_in_the_comments_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    comments = (REGISTERS / "waivers.yml").read_text(encoding="utf-8").splitlines()
    lines = [line[4:] for line in comments if line.startswith("#   ")]
    replace_register(monkeypatch, tmp_path, "waivers.yml", "waivers:\n" + "\n".join(f"  {line}" for line in lines))
    assert [waiver.rule for waiver in waivers({})] == ["SAN-COST-01"]


@pytest.mark.parametrize(
    ("model", "entry", "change"),
    [
        (Agreements, AGREEMENT, {"source": "nobody"}),
        (Agreements, AGREEMENT, {"review_by": date(2020, 1, 1)}),
        (Agreements, AGREEMENT, {"reveiw_by": date(2022, 1, 1)}),
        (Extensions, EXTENSION, {"source": "sanctuary_contractor"}),
        (Extensions, EXTENSION, {"until": date(2022, 4, 25)}),
        (Extensions, EXTENSION, {"quarter": "2021-23Q4"}),
        (Waivers, WAIVER, {"rule": "SAN-COST-99"}),
        (Waivers, WAIVER, {"rule": "ODA-TOTAL-01"}),
        (Waivers, WAIVER, {"keys": [{"works": "x"}]}),
        (Waivers, WAIVER, {"rows": [17]}),
        (Waivers, OF_A_LINE, {"rows": [], "keys": [{"month": "2022-01"}]}),
        (Waivers, WAIVER, {"expect": 0}),
        (Waivers, WAIVER, {"until": date(2021, 6, 1)}),
        (Waivers, WAIVER, {"why": None}),
    ],
)
def test_a_mistake_in_a_register_is_refused(model: Any, entry: dict[str, Any], change: dict[str, Any]) -> None:
    (name,) = model.model_fields
    model.model_validate({name: [entry]})
    with pytest.raises(ValidationError):
        model.model_validate({name: [entry | change]})
    with pytest.raises(ValidationError, match=r"two (agreements|extensions|waivers)"):
        model.model_validate({name: [entry, entry]})


@pytest.mark.parametrize(
    "change", ["numerator: spend", "denominator: spend\n    kind: mean", "parts: [[secured, spend]]"]
)
def test_a_measure_of_what_its_return_does_not_count_is_refused(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = (REGISTERS / "measures.yml").read_text(encoding="utf-8")
    measure = (
        "  - id: cost\n    title: Cost\n    theme: Sanctuary scheme\n    lead: CSPs\n    source: sanctuary_contractor\n"
        f"    return_name: sanctuary\n    unit: GBP\n    numerator: works_cost\n    {change}\n"
    ).replace("    numerator: works_cost\n    numerator", "    numerator")
    replace_register(monkeypatch, tmp_path, "measures.yml", lines + measure)
    with pytest.raises(RegisterError, match="measure cost: spend is not a component of sanctuary"):
        measures()


def test_a_number_of_first_time_entrants_is_not_taken_for_the_national_rate() -> None:
    (entrants,) = [measure for measure in measures() if measure.id == "first_time_entrants"]
    assert entrants.kind == "count"
    assert not entrants.has_rate
    assert entrants.note
    assert "100,000 people aged 10 to 17" in entrants.note
