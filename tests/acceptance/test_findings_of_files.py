"""What goes back for a CSV file or an archive: a workbook that names file, line and column, however much is wrong."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.feedback.reply import reply_to_submission
from sia.intake import admit, stage
from sia.quality import validate
from sia.storage.folders import inbox_folder, landing_folder
from sia.warehouse.load import load
from tests.conftest import Warehouse
from tests.submissions import attached_workbook, query
from tests.workbooks import put

QUARTER = "2021-22Q4"
POLICE = contract("tvp_crime")
HEADINGS = [column.label for column in POLICE.table("street").columns]
COLUMN = {heading: place for place, heading in enumerate(HEADINGS)}
RIGHT = [
    "", "", "Thames Valley Police", "Thames Valley Police", "-1.257", "51.752", "On or near High Street", "E01028522",
    "Oxford 008A", "Anti-social behaviour", "", "",
]  # fmt: skip
NO_FORCE = "Canary constabulary"
WRONG = {"Falls_within": NO_FORCE}
MANY = 10_000
# A place for each heading of the sheet What to fix.
Line = tuple[str, str, str, str, str, int, str]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    return tmp_path


def row(month: str, **changes: str) -> list[str]:
    values = [*RIGHT]
    values[COLUMN["Month"]] = month
    for heading, value in changes.items():
        values[COLUMN[heading.replace("_", " ")]] = value
    return values


def as_csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([HEADINGS, *rows])
    return text.getvalue().encode()


def file_of(month: str) -> str:
    return f"{month}-thames-valley-street.csv"


def archive(files: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for month, content in files.items():
            package.writestr(f"{month}/{file_of(month)}", content)
    return buffer.getvalue()


def decided(warehouse: Warehouse, state: Path, name: str, content: bytes) -> int:
    """Hand a police file in, up to its decision."""
    put(state / "inbox", name, content, return_name="tvp_crime", quarter=QUARTER)
    (number,) = admit.receive(warehouse.connection, POLICE, Quarter.parse(QUARTER), inbox_folder(), landing_folder())
    stage.stage(warehouse.connection, number)
    validate.validate(warehouse.connection, number)
    load(warehouse.connection, number)
    warehouse.connection.rollback()
    return number


def answered(warehouse: Warehouse, state: Path, number: int) -> tuple[str, bytes]:
    """The letter's text and its workbook."""
    assert reply_to_submission(warehouse.connection, number) == 1
    ((recipient, plain, name),) = query(
        warehouse.connection, "SELECT recipient, plain, attachment FROM feedback.letter"
    )
    assert recipient == "unit", "the police publish their records for all, and sent us nothing"
    return " ".join(plain.split()), attached_workbook(state, name)


def lines(workbook: bytes) -> list[Line]:
    book = load_workbook(BytesIO(workbook))
    assert book.sheetnames == ["What to fix"]
    return [tuple(line) for line in book["What to fix"].iter_rows(min_row=5, values_only=True)]


def test_every_finding_of_an_archive_has_its_file_line_and_column(warehouse: Warehouse, state: Path) -> None:
    january = [row("2022-01"), row("2022-01", Latitude=""), row("2022-01")]
    february = [row("2022-02", **WRONG), row("2022-02"), row("2022-01"), row("2022-01")]
    content = archive({"2022-01": as_csv(january), "2022-02": as_csv(february)})
    plain, workbook = answered(warehouse, state, decided(warehouse, state, "thames-valley.zip", content))
    listed = {line[2:6] for line in lines(workbook) if line[1] == "Must be fixed"}
    # By hand: the headings are line 1, so the second row is line 3; in February the 1st, 3rd and 4th rows are wrong.
    assert listed >= {
        (file_of("2022-01"), "Line 3", "Longitude", 1),
        (file_of("2022-02"), "Line 2", "Falls within", 1),
        (file_of("2022-02"), "Lines 4 to 5", "Month", 2),
    }
    assert f"{file_of('2022-02')}, line 2 (Falls within)" in plain
    assert not any(NO_FORCE in str(cell) for line in lines(workbook) for cell in line)


def test_a_csv_file_of_a_month_gets_the_same_reply(warehouse: Warehouse, state: Path) -> None:
    content = as_csv([row("2022-01"), row("2022-01", **WRONG)])
    _, workbook = answered(warehouse, state, decided(warehouse, state, file_of("2022-01"), content))
    assert (file_of("2022-01"), "Line 3", "Falls within", 1) in {line[2:6] for line in lines(workbook)}


def test_ten_thousand_findings_are_a_few_lines_and_quick(warehouse: Warehouse, state: Path) -> None:
    """Every second row of two months is wrong, so that no two wrong ones are neighbours."""
    files = {
        month: as_csv([row(month, **WRONG) if n % 2 else row(month) for n in range(MANY)])
        for month in ("2022-01", "2022-02")
    }
    number = decided(warehouse, state, "thames-valley.zip", archive(files))
    began = time.monotonic()
    plain, workbook = answered(warehouse, state, number)
    # Reading, grouping, writing, encrypting: a second or so here. A quadratic step would take minutes.
    assert time.monotonic() - began < 20
    wrong = [line for line in lines(workbook) if line[6] == "TVS-STREET-FALLS-WITHIN-CHOICE"]
    # Line 1 has the headings: the second row, and every second one after it, is lines 3, 5, 7 and so on.
    assert [line[2:6] for line in wrong[:5]] == [
        (file_of("2022-01"), f"Line {n}", "Falls within", 1) for n in (3, 5, 7, 9, 11)
    ]
    _, kind, files_named, where, column, _, _ = wrong[5]
    both = f"{file_of('2022-01')}, {file_of('2022-02')}"
    assert (kind, files_named, column) == ("Must be fixed", both, "Falls within")
    assert where.startswith("Other places: line 13; line 15;")
    assert where.endswith("; and 9,955 more")
    assert sum(line[5] for line in wrong) == MANY
    assert len(wrong) == 6
    assert f"in {MANY:,} places" in str(load_workbook(BytesIO(workbook))["What to fix"]["A2"].value)
    assert len(workbook) < 20_000
    assert "10,000" in plain
    assert not any("Canary" in text for text in (plain, *(str(cell) for line in wrong for cell in line)))


@pytest.mark.slow
def test_a_published_month_with_unknown_words(warehouse: Warehouse, state: Path, shared_data: Path) -> None:
    """Every hundredth row of the police's own January 2022 is made wrong here; counted with the csv module alone."""
    with zipfile.ZipFile(shared_data / "police" / "thames-valley-2021-22.zip") as opened:
        (name,) = [name for name in opened.namelist() if name.endswith(file_of("2022-01"))]
        rows = list(csv.reader(io.StringIO(opened.read(name).decode("utf-8-sig"))))[1:]
    assert len(rows) > 5_000
    expected = [number for number in range(2, len(rows) + 2) if number % 100 == 0]
    for number in expected:
        rows[number - 2][COLUMN["Falls within"]] = NO_FORCE
    number = decided(warehouse, state, "thames-valley.zip", archive({"2022-01": as_csv(rows)}))
    _, workbook = answered(warehouse, state, number)
    wrong = [line for line in lines(workbook) if line[6] == "TVS-STREET-FALLS-WITHIN-CHOICE"]
    assert [line[3] for line in wrong[:5]] == [f"Line {number}" for number in expected[:5]]
    assert sum(line[5] for line in wrong) == len(expected)
    kept = query(
        warehouse.connection,
        "SELECT row_number FROM quality.finding WHERE rule_id = 'TVS-STREET-FALLS-WITHIN-CHOICE' ORDER BY 1",
    )
    assert [line for (line,) in kept] == expected
    assert Counter(line[2] for line in wrong) == {file_of("2022-01"): len(wrong)}
