"""A figure that its sender withholds, from the workbook to the scorecard, and the number that comes later."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from sia.calendar import Quarter
from sia.contract.model import WITHHELD, contract
from sia.registers.measures import measures
from sia.release.draft import draft
from sia.trace.figure import Traced, trace
from sia.warehouse import invariants
from tests.conftest import Warehouse
from tests.staged import Row, findings, whole_rows
from tests.submissions import hand_in, query
from tests.workbooks import QUARTER, filled

MEASURE, SERVICE = "outreach_clients", "Outreach clients"
TITLE = next(measure.title for measure in measures() if measure.id == MEASURE)
CHERWELL, OXFORD, COUNTY = "E07000177", "E07000178", "E10000025"
OXFORD_CSP, SOUTH_AND_VALE = "CSP-OXFORD", "CSP-SOUTH-VALE"
DESK = "https://desk.example"


@dataclass(frozen=True)
class Sent:
    """What the unit and its readers have after a return with one withheld figure."""

    warehouse: Warehouse
    state: Path
    number: int


def services(oxford: str) -> list[Row]:
    """The rows of the sheet Services, with what is entered for the outreach clients of Oxford."""
    rows = whole_rows("odas", "services")
    return [{**row, "oxford": oxford} if row["service"] == SERVICE else row for row in rows]


@pytest.fixture(scope="module")
def sent(warehouse_of_module: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sent]:
    with pytest.MonkeyPatch.context() as patch:
        state = tmp_path_factory.mktemp("withheld")
        patch.setenv("SIA_STATE", str(state))
        patch.setenv("SIA_DESK_ADDRESS", DESK)
        book = filled("odas", {"services": services("Withheld")})
        yield Sent(
            warehouse_of_module, state, hand_in(warehouse_of_module, state, book, "2021-07-10", return_name="odas")
        )


def observed(sent: Sent, known_at: str = "infinity") -> dict[str, tuple[int | None, str | None]]:
    """The numerator of the measure and why there is none, by area."""
    rows = query(
        sent.warehouse.connection,
        "SELECT area_code, numerator, missing_reason FROM marts.observation_known_at(%s) WHERE measure_id = %s",
        (known_at, MEASURE),
    )
    return {area: (number, reason) for area, number, reason in rows}


def test_the_return_is_accepted_with_a_question_at_the_cell(sent: Sent) -> None:
    letter = query(
        sent.warehouse.connection,
        "SELECT kind, plain FROM feedback.letter WHERE submission_id = %s",
        (sent.number,),
    )
    ((kind, plain),) = letter
    assert kind == "accepted_with_warnings"
    (found_at,) = findings(sent.warehouse.connection, sent.number)
    row = 5 + next(n for n, row in enumerate(services("")) if row["service"] == SERVICE)
    assert (found_at.rule_id, found_at.sheet, found_at.cell) == ("INT-WITHHELD-01", "Services", f"C{row}")
    words = " ".join(plain.split())
    assert f"You withheld 1 figure: Services, cell C{row} (Oxford)." in words
    assert f"{DESK}/tell-us/odas/{QUARTER}?subject=withheld" in words
    assert "avoid this in your next return" not in words
    assert f"{TITLE}: withheld" in words


def test_the_fact_is_missing_with_its_reason(sent: Sent) -> None:
    facts = query(
        sent.warehouse.connection,
        "SELECT area_code, clients, clients_missing_reason FROM warehouse.domestic_abuse_client WHERE service = %s",
        (MEASURE,),
    )
    by_area = {area: (clients, reason) for area, clients, reason in facts}
    assert by_area.pop(OXFORD) == (None, WITHHELD)
    assert set(by_area.values()) == {(12, None)}


def test_no_sum_of_the_others_passes_for_the_whole(sent: Sent) -> None:
    by_area = observed(sent)
    assert {area for area, figure in by_area.items() if figure == (None, WITHHELD)} == {
        OXFORD,
        OXFORD_CSP,
        COUNTY,
        "SERVICE",
    }
    assert (by_area[CHERWELL], by_area[SOUTH_AND_VALE]) == ((12, None), (24, None))
    other = query(
        sent.warehouse.connection,
        "SELECT count(*) FROM marts.observation WHERE measure_id <> %s AND missing_reason IS NOT NULL",
        (MEASURE,),
    )
    assert other == [(0,)]
    assert invariants.run(sent.warehouse.connection) == []


def test_the_scorecard_shows_that_it_is_withheld(sent: Sent, tmp_path: Path) -> None:
    written = draft(sent.warehouse.connection, Quarter.parse(QUARTER), tmp_path)
    rows = {
        row["area_code"]: row
        for row in csv.DictReader(StringIO(written.data.read_text(encoding="utf-8")))
        if row["measure_id"] == MEASURE
    }
    for area in (OXFORD, OXFORD_CSP, COUNTY):
        assert (rows[area]["quarter_status"], rows[area]["quarter_number"], rows[area]["rate"]) == (
            "withheld",
            "[w]",
            "[w]",
        )
    assert (rows[CHERWELL]["quarter_status"], rows[CHERWELL]["quarter_number"]) == ("reported", "12")
    page = written.data.with_suffix(".html").read_text(encoding="utf-8")
    assert "[w]" in page
    assert "withheld: the sender did not give us this figure" in page
    book = load_workbook(BytesIO(written.data.with_suffix(".xlsx").read_bytes()))
    assert any(cell.value == "[w]" for sheet in book for row in sheet.iter_rows() for cell in row)


def traced(sent: Sent, area: str) -> Traced:
    figure = trace(sent.warehouse.connection, MEASURE, area, Quarter.parse(QUARTER))
    assert figure is not None
    sent.warehouse.connection.rollback()
    return figure


def test_a_trace_leads_to_the_row_that_is_withheld(sent: Sent) -> None:
    county = traced(sent, COUNTY)
    assert county.figure == "No figure: the sender withheld it, or a part of it. That is not zero."
    (part,) = county.parts
    assert part.amount == WITHHELD
    assert [sheet.name for source in part.sources for sheet in source.sheets] == ["Services"]
    assert traced(sent, CHERWELL).parts[0].amount == "12"


def test_the_number_that_comes_later_replaces_it(sent: Sent) -> None:
    rows = [{**row, "service_total": "91"} if row["service"] == SERVICE else row for row in services("7")]
    hand_in(sent.warehouse, sent.state, filled("odas", {"services": rows}), "2021-07-20", return_name="odas")
    # By hand: 7 in Oxford, 12 in each of the four other districts and three other places.
    assert observed(sent)[OXFORD] == (7, None)
    assert observed(sent)[COUNTY] == (55, None)
    assert observed(sent, "2021-07-15")[COUNTY] == (None, WITHHELD)


def test_a_row_about_one_case_withholds_nothing(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    (job,) = whole_rows("sanctuary", "jobs")
    number = hand_in(
        warehouse, tmp_path, filled("sanctuary", {"jobs": [{**job, "works_cost": WITHHELD}]}), "2021-07-10"
    )
    (message,) = query(
        warehouse.connection,
        "SELECT message FROM quality.finding WHERE submission_id = %s AND rule_id = 'INT-NUMBER-06'",
        (number,),
    )
    assert "each row here needs its number" in message[0]


def test_no_column_of_a_row_about_one_case_may_be_withheld() -> None:
    for return_name in ("sanctuary", "mediation", "csp_casework"):
        for table in contract(return_name).case_tables:
            assert not [column.name for column in table.columns if column.may_be_withheld]


def test_no_sum_of_the_rest_is_in_the_letter(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first grant is withheld, so the sum of the column is not known; that of another column is."""
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    first, *others = whole_rows("csp_grants", "grants")
    book = filled("csp_grants", {"grants": [{**first, "granted": "withheld"}, *others]})
    hand_in(warehouse, tmp_path, book, "2021-07-10", return_name="csp_grants")
    ((plain,),) = query(warehouse.connection, "SELECT plain FROM feedback.letter")
    spent = sum(float(row["spent"] or 0) for row in [first, *others])
    assert "Granted in the quarter: withheld" in plain
    assert f"Spent in the quarter: £{spent:,.2f}" in plain
