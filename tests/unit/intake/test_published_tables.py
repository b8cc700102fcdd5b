"""Published tables are found and read by their text, wherever it is in the file."""

from __future__ import annotations

import io
from datetime import date
from functools import partial
from typing import Any, Literal

import pytest
from openpyxl import Workbook, load_workbook

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.finding import Finding
from sia.geography import OtherName
from sia.intake import file_safety
from sia.intake.readers import return_file
from sia.intake.readers.cells import MAX_ROWS
from sia.intake.readers.published_tables import ROW_NUMBER_STRIDE, quarter_of
from sia.intake.readers.tables import ReadTable
from tests import publications

DECEMBER_2024, DECEMBER_2023 = Quarter(2024, 3), Quarter(2023, 3)


def read(content: bytes, name: str, return_name: str, quarter: Quarter) -> tuple[list[ReadTable], list[Finding]]:
    return return_file.read(io.BytesIO(content), name, contract(return_name), quarter)


def rows(parts: list[ReadTable], table: str) -> list[dict[str, Any]]:
    """A table's rows by the names of their columns, with the cell that each row's number leads to."""
    return [
        dict(zip(part.columns, texts, strict=True)) | {"row": number - part.offset, "sheet": part.sheet}
        for part in parts
        if part.table == table
        for number, texts in part.rows
    ]


def only(listed: list[dict[str, Any]], **wanted: object) -> dict[str, Any]:
    (row,) = [row for row in listed if wanted.items() <= row.items()]
    return row


def changed(content: bytes, change: Any) -> bytes:
    book = load_workbook(io.BytesIO(content))
    change(book)
    return publications.saved(book)


# Recorded crime: preamble, line breaks, notes, marks, totals, what is unassigned.


def test_every_figure_comes_from_its_cell_and_sheet() -> None:
    parts, findings = read(publications.csp_crime(), "a.xlsx", "csp_crime", DECEMBER_2024)
    assert findings == []
    numbers = rows(parts, "numbers")
    cherwell = only(numbers, partnership_name="Cherwell", offence="Robbery", source_table="C2")
    assert cherwell == {
        "source_table": "C2", "year_to": "2024-12", "force_code": "E23000029", "force_name": "Thames Valley",
        "partnership_code": "E22000305", "partnership_name": "Cherwell", "authority_code": "E07000177",
        "authority_name": "Cherwell", "offence": "Robbery", "offences": "400", "row": 7, "sheet": "Table C2",
    }  # fmt: skip
    assert only(numbers, partnership_name="Cherwell", offence="Robbery", source_table="C5")["year_to"] == "2023-12"
    assert only(numbers, force_code="K04000001", offence="Homicide", source_table="P1")["force_name"] == (
        "ENGLAND AND WALES"
    )
    assert (
        only(numbers, partnership_name="Unassigned Thames Valley", offence="Homicide", source_table="C2")[
            "partnership_code"
        ]
        is None
    )


def test_the_newer_of_two_years_in_a_title_is_the_table_s_year() -> None:
    parts, _ = read(publications.csp_crime(), "a.xlsx", "csp_crime", DECEMBER_2024)
    assert {row["year_to"] for row in rows(parts, "changes")} == {"2024-12"}


def test_a_mark_is_not_a_figure_but_the_reason_for_none() -> None:
    parts, _ = read(publications.csp_crime(unavailable="[X]"), "a.xlsx", "csp_crime", DECEMBER_2024)
    unassigned = only(rows(parts, "rates"), partnership_name="Unassigned Thames Valley", offence="Robbery")
    assert (unassigned["rate"], unassigned["missing_reason"], unassigned["residents"]) == (None, "[x]", None)
    oxford = only(rows(parts, "rates"), partnership_name="Oxford", offence="Robbery")
    assert (oxford["rate"], oxford["missing_reason"], oxford["residents"]) == ("5", None, "160000")
    households = only(rows(parts, "rates"), partnership_name="Oxford", offence="Residential burglary (households)")
    assert households["rate"] == "10"


def test_an_unknown_mark_is_left_to_the_rules() -> None:
    parts, _ = read(publications.csp_crime(unavailable="[q]"), "a.xlsx", "csp_crime", DECEMBER_2024)
    unassigned = only(rows(parts, "rates"), partnership_name="Unassigned Thames Valley", offence="Robbery")
    assert (unassigned["rate"], unassigned["missing_reason"]) == ("[q]", None)


def test_moved_columns_and_rows_change_nothing() -> None:
    def move(book: Workbook) -> None:
        book["Table C2"].insert_cols(3)
        book["Table C2"].insert_rows(1, 4)

    as_published, _ = read(publications.csp_crime(), "a.xlsx", "csp_crime", DECEMBER_2024)
    moved, findings = read(changed(publications.csp_crime(), move), "a.xlsx", "csp_crime", DECEMBER_2024)
    assert findings == []
    without = [
        [{k: v for k, v in row.items() if k != "row"} for row in rows(p, "numbers")] for p in (as_published, moved)
    ]
    assert without[0] == without[1]
    assert moved[0].columns["offences"] == "C"
    assert next(p for p in moved if p.sheet == "Table C2").columns["partnership_code"] == "D"


def test_rows_are_numbered_for_each_column() -> None:
    parts, _ = read(publications.csp_crime(), "a.xlsx", "csp_crime", DECEMBER_2024)
    numbers = [number for part in parts if part.table == "numbers" for number, _ in part.rows]
    assert len(set(numbers)) == len(numbers)
    assert max(numbers) < ROW_NUMBER_STRIDE * 23 * 4


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda b: b.__delitem__("Table C5"), "INT-PUBLISHED-03"),
        (lambda b: b["Table C2"].__setitem__("H5", "Violence"), "INT-PUBLISHED-04"),
        (lambda b: b["Table C2"].__setitem__("I5", "Murder"), "INT-HEADING-01"),
        (lambda b: b["Table C2"].__setitem__("I5", "Robbery"), "INT-HEADING-01"),
        (lambda b: b["Table C2"].__setitem__("AD5", "Robbery"), "INT-HEADING-03"),
        (lambda b: b["Table C2"].__setitem__("A5", "Area"), "INT-HEADING-01"),
        (lambda b: b["Table C2"].__setitem__("A1", "Table C2: Number of crimes"), "INT-PUBLISHED-07"),
        (lambda b: b["Table C2"].__setitem__("B8", None), "INT-PUBLISHED-06"),
    ],
)
def test_an_unknown_layout_is_refused(change: Any, rule: str) -> None:
    _, findings = read(changed(publications.csp_crime(), change), "a.xlsx", "csp_crime", DECEMBER_2024)
    assert [finding.rule_id for finding in findings if finding.refuses] == [rule]


def low(book: Workbook) -> None:
    book["Table C2"].cell(ROW_NUMBER_STRIDE, 1, "x")


def many(book: Workbook) -> None:
    for _ in range(MAX_ROWS):
        book["Table C2"].append(["x"])


@pytest.mark.parametrize("change", [low, many])
def test_a_table_that_is_too_long_is_refused(change: Any) -> None:
    parts, findings = read(changed(publications.csp_crime(), change), "a.xlsx", "csp_crime", DECEMBER_2024)
    assert [(finding.rule_id, finding.sheet) for finding in findings] == [("INT-PUBLISHED-08", "Table C2")]
    assert f"more than {MAX_ROWS} filled rows" in findings[0].message
    assert not [part for part in parts if part.sheet == "Table C2"]


def test_a_long_csv_file_is_refused_by_its_lines() -> None:
    content = publications.population_csv() + b"\r\n" * ROW_NUMBER_STRIDE + b"x\r\n"
    _, findings = read(content, "a.csv", "population_midyear", Quarter(2023, 1))
    assert [finding.rule_id for finding in findings] == ["INT-PUBLISHED-08"]
    assert f"more than {ROW_NUMBER_STRIDE - 1} filled rows" in findings[0].message


def test_a_new_column_is_reported_and_not_read() -> None:
    def add(book: Workbook) -> None:
        book["Table C2"]["AD5"] = "Witchcraft"
        book["Table C2"]["AD6"] = 13

    parts, findings = read(changed(publications.csp_crime(), add), "a.xlsx", "csp_crime", DECEMBER_2024)
    assert [(finding.rule_id, finding.sheet, finding.refuses) for finding in findings] == [
        ("INT-PUBLISHED-05", "Table C2", False)
    ]
    assert len(rows(parts, "numbers")) == 23 * (2 * 5 + 2 * 10)


# Homelessness: merged headings in rows, columns without headings, dated sheets and labels.


def test_merged_headings_are_joined_and_dated() -> None:
    parts, findings = read(publications.homelessness(), "a.xlsx", "homelessness", DECEMBER_2023)
    assert findings == []
    listed = rows(parts, "reasons")
    oxford = {(row["duty"], row["reason"]): row["households"] for row in listed if row["authority_name"] == "Oxford"}
    reasons = ("All reasons", "Domestic abuse", "Domestic abuse: victim", "Domestic abuse: alleged perpetrator",
               "Domestic abuse: victim or perpetrator not recorded")  # fmt: skip
    assert oxford == {
        (duty, reason): number
        for duty in ("prevention", "relief")
        for reason, number in zip(reasons, ("144", "22", "22", "0", "0"), strict=True)
    }


@pytest.mark.parametrize(
    ("heading", "known"),
    [
        ("End of social rented tenancy, due to..", True),
        ("Departure from institution : > Of which: > Custody", True),
        ("Domestic abuse > Child of a victim", False),
        ("Domestic abuse of a child", False),
        ("End of social rented tenancy, due to.. > Domestic abuse", False),
    ],
)
def test_a_new_column_about_domestic_abuse_is_noticed(heading: str, known: bool) -> None:
    def add(book: Workbook) -> None:
        for row, words in enumerate(heading.split(" > "), 3):
            book["A2P"].cell(row, 10, words)

    _, findings = read(changed(publications.homelessness(), add), "a.xlsx", "homelessness", DECEMBER_2023)
    assert [(finding.rule_id, finding.sheet) for finding in findings] == (
        [] if known else [("INT-PUBLISHED-05", "A2P")]
    )


def test_an_older_table_that_does_not_separate_duties_and_parts() -> None:
    content = publications.homelessness("October to December 2019")
    parts, findings = read(content, "a.xlsx", "homelessness", Quarter(2019, 3))
    assert findings == []
    listed = rows(parts, "reasons")
    assert {row["reason"] for row in listed} == {"All reasons", "Domestic abuse"}
    assert {row["duty"] for row in listed} == {"homelessness"}


def test_blank_rows_and_footnotes_do_not_count_and_an_authority_that_did_not_report_is_not_zero() -> None:
    parts, _ = read(publications.homelessness(), "a.xlsx", "homelessness", DECEMBER_2023)
    listed = [row for row in rows(parts, "reasons") if row["sheet"] == "A2P" and row["reason"] == "Domestic abuse"]
    assert [row["row"] for row in listed] == [6, 7, 8, *range(10, 17)]
    york = only(listed, authority_name="York")
    assert (york["households"], york["missing_reason"]) == (None, "..")


def test_a_figure_outside_the_rows_of_the_table_refuses_it() -> None:
    content = publications.homelessness(footnote_figure=7)
    _, findings = read(content, "a.xlsx", "homelessness", DECEMBER_2023)
    assert [(finding.rule_id, finding.row) for finding in findings] == [("INT-PUBLISHED-06", 20)]


@pytest.mark.parametrize(
    ("heading", "mark"),
    [
        ("Mid-2023", " [note 2]"),
        ("Mid-2022", " [r]"),
        ("Mid-2023", "*"),
        ("Mid-2023", "\u00b9"),
        ("Mid-2021", " [note 12]"),
    ],
)
def test_the_mark_of_a_note_is_left_out_of_headings_names_and_figures(heading: str, mark: str) -> None:
    content = publications.population_csv().decode()
    content = (
        content.replace(heading, heading + mark)
        .replace("Oxford,,", f'"Oxford{mark}",,')
        .replace("166321.00", "166321 [r]")
    )
    parts, findings = read(content.encode(), "a.csv", "population_midyear", Quarter(2023, 1))
    assert findings == []
    assert len({row["mid_year"] for row in rows(parts, "residents")}) == 3
    assert only(rows(parts, "residents"), place_name="Oxford", mid_year="2023")["persons"] == "165184"
    assert only(rows(parts, "residents"), place_name="Cherwell", mid_year="2023")["persons"] == "166321"


@pytest.mark.parametrize("name", ["mid-2023", "Mid 2023", "Mid\u20132023", "MID-2023 [note 1]"])
def test_a_publication_is_dated_by_its_newest_heading_however_it_is_written(name: str) -> None:
    assert quarter_of(contract("population_midyear"), ["Name", name, "Mid-2022"]) == Quarter(2023, 1)


def test_a_district_that_a_publication_leaves_out_or_renames_is_named() -> None:
    def recoded(book: Workbook) -> None:
        for row in book["MYE4"].iter_rows():
            if row[0].value == "E07000178":
                row[0].value = "E07000998"

    for content, name in (
        (publications.population_csv().replace(b"Oxford,,", b"Oxford City,,"), "a.csv"),
        (changed(publications.population_workbook(), recoded), "a.xlsx"),
    ):
        quarter = Quarter(2023, 1) if name == "a.csv" else Quarter(2021, 1)
        _, findings = read(content, name, "population_midyear", quarter)
        assert [finding.rule_id for finding in findings] == ["INT-PUBLISHED-09"]
        assert findings[0].message.startswith("Oxford is not in the table")


def other_name(area: str, kind: Literal["name", "code", "spelling"], text: str) -> OtherName:
    return OtherName(
        id="ARE-2024-01", area=area, kind=kind, text=text, starts=date(2024, 4, 1), set_by="ONS", why="It was renamed."
    )


def test_a_district_under_a_new_name_or_code_is_read_as_ours_and_the_reply_says_so() -> None:
    def recoded(book: Workbook, *, both: bool = False) -> None:
        sheet = book["MYE4"]
        for row in list(sheet.iter_rows()):
            if row[0].value == "E07000178":
                if both:
                    sheet.append(["E07000998", *(cell.value for cell in row[1:])])
                else:
                    row[0].value = "E07000998"

    renamed = publications.population_csv().replace(b"Oxford,,", b"Oxford City,,")
    workbook = publications.population_workbook()
    for content, name, quarter, known in (
        (renamed, "a.csv", Quarter(2023, 1), other_name("E07000178", "name", "oxford city")),
        (changed(workbook, recoded), "a.xlsx", Quarter(2021, 1), other_name("E07000178", "code", "E07000998")),
    ):
        parts, findings = return_file.read(io.BytesIO(content), name, contract("population_midyear"), quarter, [known])
        assert [finding.rule_id for finding in findings] == ["INT-AREA-01"]
        assert " as Oxford, because the unit decided" in findings[0].message
        original = publications.population_csv() if name == "a.csv" else workbook
        assert parts == read(original, name, "population_midyear", quarter)[0]

    content = changed(workbook, partial(recoded, both=True))
    known = other_name("E07000178", "code", "E07000998")
    _, findings = return_file.read(
        io.BytesIO(content), "a.xlsx", contract("population_midyear"), Quarter(2021, 1), [known]
    )
    assert "INT-AREA-02" in {finding.rule_id for finding in findings}


# CSV files and codes that come and go.


def test_year_columns_become_rows_and_codes_may_be_missing() -> None:
    parts, findings = read(publications.population_csv(), "a.csv", "population_midyear", Quarter(2023, 1))
    assert findings == []
    listed = rows(parts, "residents")
    assert only(listed, place_name="Cherwell", mid_year="2021") == {
        "place_name": "Cherwell", "geography": "Non-metropolitan District", "mid_year": "2021", "persons": "161830",
        "missing_reason": None, "row": 5, "sheet": "a.csv",
    }  # fmt: skip
    assert only(listed, place_name="Bristol, City of", mid_year="2023")["persons"] == "482998"
    parts, _ = read(publications.population_workbook(), "a.xlsx", "population_midyear", Quarter(2021, 1))
    oxford = only(rows(parts, "residents"), place_name="Oxford", mid_year="2011")
    assert (oxford["place_code"], oxford["persons"], oxford["missing_reason"]) == ("E07000178", None, "[x]")


@pytest.mark.parametrize("columns_turned", [False, True])
def test_a_lookup_is_read_in_any_order_and_of_any_year(columns_turned: bool) -> None:
    content = publications.lookup([("E07000177", "Cherwell", "E22000305", "Cherwell")], columns_turned=columns_turned)
    parts, findings = read(content, "a.csv", "csp_lookup", DECEMBER_2024)
    assert findings == []
    row, *_ = rows(parts, "authorities")
    assert (row["authority_code"], row["partnership_code"], row["force_name"]) == (
        "E07000177",
        "E22000305",
        "Thames Valley",
    )


def test_neighbour_columns_become_ranks() -> None:
    content = publications.nearest_neighbours(
        {"E07000177": ["E07000070", "E06000049"], "E07000178": ["E06000038", "E09000021"]}
    )
    parts, findings = read(content, "a.xlsx", "nearest_neighbours", Quarter(2025, 3))
    assert findings == []
    assert only(rows(parts, "ranks"), authority_code="E07000177", place="2")["neighbour_code"] == "E06000049"
    assert {row["tier"] for row in rows(parts, "ranks")} == {"Lower", "Upper"}


# Which publication a file is, and of when.

CHERWELL = ("E07000177", "Cherwell", "E22000305", "Cherwell")
NEIGHBOURS = {"E07000177": ["E07000070"]}


@pytest.mark.parametrize(
    ("return_name", "content", "name", "quarter"),
    [
        ("csp_crime", publications.csp_crime(), "a.xlsx", Quarter(2024, 3)),
        ("homelessness", publications.homelessness(), "a.xlsx", Quarter(2023, 3)),
        ("homelessness", publications.homelessness("January to March 2020"), "a.xlsx", Quarter(2019, 4)),
        ("homelessness", publications.homelessness("October - December 2023"), "a.xlsx", Quarter(2023, 3)),
        ("population_midyear", publications.population_csv(), "a.csv", Quarter(2023, 1)),
        ("population_midyear", publications.population_workbook(), "a.xlsx", Quarter(2021, 1)),
        ("csp_lookup", publications.lookup([CHERWELL]), "a.csv", Quarter(2024, 3)),
        ("nearest_neighbours", publications.nearest_neighbours(NEIGHBOURS), "a.xlsx", Quarter(2025, 3)),
    ],
)  # fmt: skip
def test_a_publication_is_identified_and_dated_by_its_text(
    return_name: str, content: bytes, name: str, quarter: Quarter
) -> None:
    for other in ("csp_crime", "csp_lookup", "homelessness", "nearest_neighbours", "population_midyear"):
        agreed = contract(other)
        if name.rpartition(".")[2] in agreed.formats:
            file = io.BytesIO(content)
            lines = return_file.title_lines(file, file_safety.check_file(file, name, agreed).format, agreed)
            assert quarter_of(agreed, lines) == (quarter if other == return_name else None)


def test_a_day_in_place_of_a_month_gives_no_date() -> None:
    line = "This data was released on {} and relates to an earlier methodology article"
    agreed = contract("nearest_neighbours")
    assert quarter_of(agreed, [line.format("05/11/2025")]) == Quarter(2025, 3)
    assert quarter_of(agreed, [line.format("11/25/2025")]) is None
