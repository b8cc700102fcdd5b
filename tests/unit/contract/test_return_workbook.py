"""The blank workbook that a contract makes."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
import yaml
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from sia.calendar import Quarter
from sia.cli.templates import templates, write_templates
from sia.contract import return_workbook
from sia.contract.model import Contract, contract, returns
from sia.paths import CONTRACTS

QUARTER = Quarter(2021, 4)
WORKBOOK_RETURNS = [name for name, contract in returns().items() if "xlsx" in contract.formats]


def saved(returned: Contract, quarter: Quarter = QUARTER, **more: bool) -> Workbook:
    """The workbook as it is read back from its bytes."""
    source = next(iter(returned.senders))
    return load_workbook(BytesIO(return_workbook.to_bytes(return_workbook.workbook(returned, quarter, source, **more))))


def headings(sheet: Worksheet) -> list[str]:
    return [cell.value for cell in sheet[return_workbook.HEADING_ROW] if cell.value]


def validations(sheet: Worksheet) -> dict[str, object]:
    """The validation of each column by its heading."""
    by_range = {}
    for validation in sheet.data_validations.dataValidation:
        column = next(iter(validation.sqref.ranges)).min_col
        by_range[sheet.cell(return_workbook.HEADING_ROW, column).value] = validation
    return by_range


@pytest.mark.parametrize("name", WORKBOOK_RETURNS)
def test_tables_are_found_by_tag_above_their_headings(name: str) -> None:
    returned = contract(name)
    book = saved(returned)
    for table in returned.tables:
        sheet = book[table.sheet]
        assert (sheet["A1"].value, sheet["A3"].value) == (table.title, returned.tag(table))
        assert headings(sheet) == [column.label for column in table.columns]


def test_the_cover_identifies_the_workbook() -> None:
    sheet = saved(contract("sanctuary")).worksheets[0]
    assert (sheet.title, sheet["A3"].value) == ("Cover", "#cover")
    assert {sheet.cell(row, 1).value: sheet.cell(row, 2).value for row in range(4, 9)} == {
        "Return": "sanctuary",
        "Template version": contract("sanctuary").version,
        "Source": "sanctuary_contractor",
        "Quarter": "2021-22Q4",
        "Made-up sample": "No",
    }


@pytest.mark.parametrize("name", WORKBOOK_RETURNS)
def test_accessible_layout(name: str) -> None:
    """Analysis Function guidance: nothing merged or frozen, title in A1, plain 12 point font, cursor at A1."""
    book = saved(contract(name))
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"] == ["Lists"]
    for sheet in book.worksheets:
        assert not sheet.merged_cells.ranges
        assert sheet.freeze_panes is None
        assert sheet.auto_filter.ref is None
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        assert sheet.sheet_view.selection[0].activeCell == "A1"
        assert all(
            cell.font.name == "Arial" and cell.font.size >= 12
            for row in sheet.iter_rows()
            for cell in row
            if cell.value
        )
        assert len(set(headings(sheet))) == len(headings(sheet))
    assert book.active.title == "Cover"
    assert book.properties.language == "en-GB"
    assert book.properties.title


def test_only_cells_that_the_partner_fills_are_unlocked() -> None:
    counts = saved(contract("tvp_counts"))["Counts"]
    assert all(counts.cell(row, column).protection.locked for row in (1, 2, 3, 4, 5, 76) for column in (1, 2))
    assert not any(counts.cell(row, column).protection.locked for row in (5, 76) for column in range(3, 9))
    jobs = saved(contract("sanctuary"))["Jobs"]
    assert not jobs.cell(5, 1).protection.locked
    assert not jobs.cell(504, 10).protection.locked
    assert jobs.cell(505, 1).protection.locked


def test_the_grid_lists_the_quarter_s_rows() -> None:
    sheet = saved(contract("tvp_counts"))["Counts"]
    measures = contract("tvp_counts").table("counts").column("measure").choices
    lines = [(row[0], row[1]) for row in sheet.iter_rows(min_row=5, max_col=2, values_only=True)]
    assert lines == [(month, m.label) for month in ("2022-01", "2022-02", "2022-03") for m in measures]


@pytest.mark.parametrize(
    ("quarter", "counted", "offers_young_person_idva"),
    [
        (Quarter(2019, 4), "Helpline calls", False),
        (Quarter(2020, 1), "New contacts", False),
        (Quarter(2021, 1), "New contacts", True),  # the service began in June 2021
    ],
)
def test_only_answers_that_are_valid_in_the_quarter_are_offered(
    quarter: Quarter, counted: str, offers_young_person_idva: bool
) -> None:
    book = saved(contract("odas"), quarter)
    assert {row[0] for row in book["Contacts"].iter_rows(min_row=5, max_col=1, values_only=True)} == {counted}
    services = {row[0] for row in book["Services"].iter_rows(min_row=5, max_col=1, values_only=True)}
    assert any("young person" in service for service in services) == offers_young_person_idva


def test_drop_downs_offer_the_contracts_answers() -> None:
    book = saved(contract("sanctuary"))
    cameras = contract("sanctuary").table("cameras")
    by_range = validations(book["Cameras"])
    for column in cameras.columns:
        if column.choices:
            validation = by_range[column.label]
            assert validation.type == "list"
            sheet, cells = validation.formula1.split("!")
            answers = [row[0].value for row in book[sheet][cells.replace("$", "")]]
            assert answers == [choice.label for choice in column.choices]
    yes_no = validations(book["Jobs"])["Locks"]
    assert [row[0].value for row in book["Lists"][yes_no.formula1.split("!")[1].replace("$", "")]] == ["Yes", "No"]


def test_validations_use_the_contract_s_words() -> None:
    returned = contract("sanctuary")
    by_range = validations(saved(returned)["Jobs"])
    cost = by_range["Works cost"]
    rule = next(rule for rule in returned.table("jobs").rules if rule.id == "SAN-COST-01")
    assert (cost.type, cost.formula1, cost.formula2, cost.error) == ("decimal", "0", "5000", rule.message)
    assert returned.table("jobs").column("works_cost").help in cost.prompt
    assert by_range["Date referred"].type == "date"
    assert by_range["Job reference"].prompt
    counts = validations(saved(contract("csp_grants"))["Awards"])["Activities"]
    assert (counts.type, counts.formula1, counts.formula2) == ("whole", "0", "10000")


def test_a_cell_takes_a_number_or_withheld() -> None:
    sheet = saved(contract("tvp_counts"))["Counts"]
    oxford = validations(sheet)["Oxford"]
    first = str(oxford.sqref).partition(":")[0]
    assert oxford.type == "custom"
    assert oxford.formula1 == (
        f'IF(ISNUMBER({first}),AND({first}>=0,{first}<=100000,{first}=INT({first})),TRIM({first})="withheld")'
    )
    assert "withheld" in oxford.error
    assert "withheld" in oxford.prompt
    money = validations(saved(contract("mediation"))["Funding"])["Funding in the quarter"]
    assert "INT(" not in money.formula1
    assert "withheld" not in validations(saved(contract("sanctuary"))["Jobs"])["Works cost"].prompt


@pytest.mark.parametrize("name", WORKBOOK_RETURNS)
def test_messages_fit_excel_s_limits(name: str) -> None:
    book = saved(contract(name))
    for sheet in book.worksheets:
        for validation in sheet.data_validations.dataValidation:
            assert len(validation.prompt) <= 255
            assert len(validation.error or "") <= 255
            assert len(validation.promptTitle) <= 32


def test_help_lists_every_column() -> None:
    for name in WORKBOOK_RETURNS:
        sheet = saved(contract(name))["Help"]
        lines = [row[:3] for row in sheet.iter_rows(min_row=5, values_only=True)]
        assert lines == [(t.sheet, c.label, c.help) for t in contract(name).tables for c in t.columns]
        assert all(cell.value for row in sheet.iter_rows(min_row=5) for cell in row)


def test_headings_carry_their_help() -> None:
    table = contract("sanctuary").table("jobs")
    sheet = saved(contract("sanctuary"))["Jobs"]
    for number, column in enumerate(table.columns, start=1):
        assert column.help in sheet.cell(4, number).comment.text


def test_same_bytes_every_time() -> None:
    returned = contract("mediation")
    first, second = (
        return_workbook.to_bytes(return_workbook.workbook(returned, QUARTER, "mediation_bucks")) for _ in range(2)
    )
    assert first == second


def _changed(change: str, into: str) -> Contract:
    text = (CONTRACTS / "sanctuary.yml").read_text(encoding="utf-8")
    assert text.count(change) == 1
    return Contract.model_validate(yaml.safe_load(text.replace(change, into)))


def test_one_changed_label_changes_the_workbook() -> None:
    changed = _changed("label: Works cost", "label: Cost of works")
    book = saved(changed)
    assert "Cost of works" in headings(book["Jobs"])
    assert "Works cost" not in headings(book["Jobs"])
    assert "Cost of works" in validations(book["Jobs"])
    assert "Cost of works" in {row[1].value for row in book["Help"].iter_rows(min_row=5)}


def test_one_changed_limit_changes_the_workbook() -> None:
    changed = _changed("max_value: 5000", "max_value: 6000")
    assert validations(saved(changed)["Jobs"])["Works cost"].formula2 == "6000"


def test_one_changed_answer_changes_the_workbook() -> None:
    changed = _changed("{code: kept, label: Kept}", "{code: kept, label: Kept, until: 2020-01-01}")
    lists = [cell.value for row in saved(changed)["Lists"].iter_rows(min_row=5) for cell in row]
    assert "Installed" in lists
    assert "Kept" not in lists


def test_fill_enters_rows_as_a_partner_would() -> None:
    returned = contract("mediation")
    book = return_workbook.workbook(returned, QUARTER, "mediation_bucks")
    case = {
        "case_reference": "MED-2021-0001",
        "district": "E07000179",
        "offered_on": date(2022, 1, 4),
        "referred": True,
    }
    return_workbook.fill(book, returned.table("cases"), [case])
    return_workbook.fill(book, returned.table("funding"), [{"csp": "CSP-SOUTH-VALE", "amount": 1000}])
    read = load_workbook(BytesIO(return_workbook.to_bytes(book)))
    assert [cell.value for cell in read["Cases"][5]][:2] == ["MED-2021-0001", "South Oxfordshire"]
    assert read["Cases"]["D5"].value.date() == date(2022, 1, 4)
    assert read["Cases"]["E5"].value == "Yes"
    amounts = {row[0]: row[1] for row in read["Funding"].iter_rows(min_row=5, values_only=True)}
    assert amounts["South and Vale CSP"] == 1000
    assert amounts["Cherwell CSP"] is None


def test_fill_refuses_a_line_that_the_workbook_does_not_have() -> None:
    returned = contract("odas")
    book = return_workbook.workbook(returned, QUARTER, "odas")
    with pytest.raises(ValueError, match="has no line"):
        return_workbook.fill(book, returned.table("contacts"), [{"contact_type": "helpline_calls", "category": "all"}])


def test_a_file_that_is_not_a_workbook_is_refused() -> None:
    with pytest.raises(ValueError, match="not sent as a workbook"):
        return_workbook.workbook(contract("tvp_crime"), QUARTER, "thames_valley_police")
    with pytest.raises(ValueError, match="does not send"):
        return_workbook.workbook(contract("odas"), QUARTER, "mediation_bucks")


def test_command_writes_a_workbook_for_every_sender(tmp_path, capsys) -> None:
    templates("2021-22Q4", tmp_path)
    assert capsys.readouterr().out.count("written") == sum(len(contract(n).senders) for n in WORKBOOK_RETURNS)
    assert not any(write_templates(QUARTER, tmp_path / QUARTER.key).values())
    names = {path.name for path in tmp_path.rglob("*.xlsx")}
    assert {"sanctuary-2021-22Q4.xlsx", "indicators-youth_offending_service-2021-22Q4.xlsx"} <= names
