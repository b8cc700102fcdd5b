from __future__ import annotations

import pytest

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.intake.readers import tables
from sia.intake.readers.cells import MAX_ROWS, CellKind, SheetCell, SheetContent, SheetRow, column_letter
from tests.staged import good_rows

QUARTER = Quarter(2021, 1)


def csv_sheet(return_name: str = "tvp_counts", **replaced: str) -> SheetContent:
    table = contract(return_name).tables[0]
    lines = [{column.name: column.label for column in table.columns}, *good_rows(return_name, table.name)]
    lines[1] |= replaced
    return SheetContent(
        "x.csv",
        [
            SheetRow(
                n, {m: SheetCell(text) for m, column in enumerate(table.columns, 1) if (text := line[column.name])}
            )
            for n, line in enumerate(lines, 1)
        ],
    )


def faults(sheet: SheetContent, return_name: str = "tvp_counts") -> list[tuple[str, int | None, str | None]]:
    _, findings = tables.from_csv(contract(return_name), QUARTER, sheet)
    return [(finding.rule_id, finding.row, finding.column) for finding in findings]


def test_a_good_file_has_no_findings() -> None:
    assert faults(csv_sheet()) == []


@pytest.mark.parametrize(
    "text",
    [
        "Total",
        "TOTAL",
        "Grand total",
        "Sub-total",
        "Subtotal",
        "All districts",
        "Sum",
        "Total for Q1",
        "Oxfordshire total",
        "all",
    ],
)
def test_a_total_row_is_recognised_by_its_words(text: str) -> None:
    assert faults(csv_sheet(measure=text)) == [("INT-TOTAL-01", 2, "measure")]


@pytest.mark.parametrize(
    ("return_name", "table", "column"),
    [
        (name, table.name, column.name)
        for name in ("tvp_counts", "odas", "mediation", "sanctuary", "indicators")
        for table in contract(name).tables
        for column in table.columns
        if column.code_list()
    ],
)
def test_no_answer_of_a_code_list_looks_like_a_total(return_name: str, table: str, column: str) -> None:
    agreed = contract(return_name)
    wanted = agreed.table(table)
    asked = wanted.column(column)
    place = wanted.columns.index(asked) + 1
    rows = [
        SheetRow(1, {1: SheetCell(agreed.tag(wanted))}),
        SheetRow(2, {n: SheetCell(c.label) for n, c in enumerate(wanted.columns, 1)}),
        *(SheetRow(n, {place: SheetCell(choice.label.upper())}) for n, choice in enumerate(asked.code_list(), 3)),
    ]
    _, findings = tables.from_workbook(agreed, QUARTER, [SheetContent(wanted.sheet, rows)])
    assert not [finding for finding in findings if finding.rule_id == "INT-TOTAL-01"]


def test_headings_match_whatever_their_case_and_spaces() -> None:
    sheet = csv_sheet()
    sheet.rows[0].cells[3] = SheetCell("cherWELL")
    assert faults(sheet) == []


def test_a_line_with_too_many_values_is_named() -> None:
    sheet = csv_sheet()
    sheet.rows[2].cells[30] = SheetCell("7")
    assert faults(sheet) == [("INT-LINE-02", 3, None)]


def test_too_many_rows_of_a_csv_file_are_reported() -> None:
    sheet = csv_sheet()
    sheet.is_overlong = True
    _, (finding,) = tables.from_csv(contract("tvp_counts"), QUARTER, sheet)
    assert finding.rule_id == "INT-ROWS-01"
    assert f"CSV file has more than {MAX_ROWS} filled rows" in finding.message
    assert "delete the others" in finding.message


def test_a_row_of_figures_is_never_quoted_as_headings() -> None:
    agreed = contract("sanctuary")
    jobs = agreed.table("jobs")
    secret = "Agnes Canary"
    rows = [
        SheetRow(3, {1: SheetCell(agreed.tag(jobs))}),
        SheetRow(4, {1: SheetCell("Job reference"), 2: SheetCell(secret), 3: SheetCell("44 Example Road")}),
    ]
    _, findings = tables.from_workbook(agreed, QUARTER, [SheetContent("Jobs", rows)])
    assert findings
    assert not [finding for finding in findings if secret in finding.message or "Example" in finding.message]


@pytest.mark.parametrize(
    ("text", "kind", "staged"),
    [
        ("2021-04-01", CellKind.DATE, "2021-04"),
        ("2021-04-14", CellKind.DATE, "2021-04"),
        ("2021-04", CellKind.TEXT, "2021-04"),
    ],
)
def test_a_month_that_a_program_turned_into_a_date_is_read_as_a_month(text: str, kind: CellKind, staged: str) -> None:
    sheet = csv_sheet()
    sheet.rows[1].cells[1] = SheetCell(text, kind)
    (table,), _ = tables.from_csv(contract("tvp_counts"), QUARTER, sheet)
    assert table.rows[0][1][0] == staged


def test_a_ticked_box_means_yes() -> None:
    agreed = contract("sanctuary")
    jobs = agreed.table("jobs")
    secured = jobs.names.index("secured") + 1
    rows = [
        SheetRow(3, {1: SheetCell(agreed.tag(jobs))}),
        SheetRow(4, {n: SheetCell(column.label) for n, column in enumerate(jobs.columns, 1)}),
        SheetRow(5, {1: SheetCell("SAN-2021-0001"), secured: SheetCell("FALSE", CellKind.BOOLEAN)}),
    ]
    (table,), _ = tables.from_workbook(agreed, QUARTER, [SheetContent("Jobs", rows)])
    assert table.rows[0][1][secured - 1] == "No"
    assert table.columns["secured"] == column_letter(secured)


def test_the_noise_of_a_binary_fraction_is_read_as_the_amount() -> None:
    agreed = contract("sanctuary")
    jobs = agreed.table("jobs")
    cost = jobs.names.index("works_cost") + 1
    rows = [
        SheetRow(3, {1: SheetCell(agreed.tag(jobs))}),
        SheetRow(4, {n: SheetCell(column.label) for n, column in enumerate(jobs.columns, 1)}),
        SheetRow(5, {1: SheetCell("SAN-2021-0001"), cost: SheetCell("33.299999999999997")}),
    ]
    (table,), _ = tables.from_workbook(agreed, QUARTER, [SheetContent("Jobs", rows)])
    assert table.rows[0][1][cost - 1] == "33.3"
