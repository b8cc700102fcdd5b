from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sia.intake.readers import csv_file
from sia.intake.readers.cells import MAX_ROWS, CellKind, clean
from sia.intake.rejection import FileRejected

ROWS = [["Month", "Café £"], ["2021-04", "don\u2019t"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "end"])
def test_every_program_s_encoding_and_line_ends_are_read(encoding: str, newline: str, last: str) -> None:
    content = newline.join(",".join(row) for row in ROWS) + (newline if last else "")
    sheet = csv_file.read(content.encode(encoding), "x.csv")
    assert [[cell.text for cell in row.cells.values()] for row in sheet.rows] == ROWS
    assert [row.number for row in sheet.rows] == [1, 2]


def test_a_row_has_the_number_of_the_line_on_which_it_begins() -> None:
    sheet = csv_file.read(b'a,b\n"one\ntwo",x\n\n,,\nlast,y\n', "x.csv")
    assert [(row.number, row.cells[1].text) for row in sheet.rows] == [(1, "a"), (2, "one two"), (6, "last")]


@pytest.mark.parametrize(
    ("content", "rule", "row"),
    [
        (b'a,b\n1,2\n"x"y,3\n', "INT-LINE-01", 3),
        (b'a,b\n"never closed,2\n', "INT-LINE-01", 2),
        (b"a,b\n\x00,2\n", "INT-TEXT-01", None),
        (b"a,b\n\x81\x8d,2\n", "INT-TEXT-01", None),
    ],
)
def test_a_line_that_cannot_be_read_is_a_finding(content: bytes, rule: str, row: int | None) -> None:
    with pytest.raises(FileRejected) as refused:
        csv_file.read(content, "x.csv")
    (finding,) = refused.value.findings
    assert (finding.rule_id, finding.row) == (rule, row)


@pytest.mark.parametrize("line", ["sep=,\r\n", "SEP=,\n", "sep=,\r", "\ufeffsep=,\n"])
def test_the_line_that_names_the_separator_counts_as_no_line(line: str) -> None:
    # Excel writes it, and does not show it.
    sheet = csv_file.read(f"{line}a,b\n1,2\n".encode(), "x.csv")
    assert [(row.number, [cell.text for cell in row.cells.values()]) for row in sheet.rows] == [
        (1, ["a", "b"]), (2, ["1", "2"]),
    ]  # fmt: skip


def test_the_separator_that_a_file_names_is_used() -> None:
    sheet = csv_file.read(b"sep=;\na;b\n1;2,5\n", "x.csv")
    assert [[cell.text for cell in row.cells.values()] for row in sheet.rows] == [["a", "b"], ["1", "2,5"]]


def test_the_character_with_which_old_programs_end_a_file_gives_no_row() -> None:
    assert [row.number for row in csv_file.read(b"a,b\n1,2\n\x1a", "x.csv").rows] == [1, 2]


def test_the_error_of_a_formula_is_not_read_as_text() -> None:
    (_, row) = csv_file.read(b"a,b\n#REF!,#VALUE\n", "x.csv").rows
    assert [cell.kind for cell in row.cells.values()] == [CellKind.ERROR, CellKind.TEXT]


def test_an_endless_file_is_cut_and_reported() -> None:
    sheet = csv_file.read(b"x\n" * (MAX_ROWS + 1), "x.csv")
    assert sheet.is_overlong
    assert len(sheet.rows) == MAX_ROWS


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=("Cs",)), max_size=12)


@given(st.lists(st.lists(cells, min_size=2, max_size=4), max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_what_was_written_is_read(rows: list[list[str]], newline: str) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator=newline, quoting=csv.QUOTE_ALL).writerows(rows)
    rows_read = csv_file.read(buffer.getvalue().encode(), "x.csv").rows
    filled = [[clean(value) for value in row] for row in rows if any(map(clean, row))]
    assert [[cell.text for cell in row.cells.values()] for row in rows_read] == [
        [v for v in row if v] for row in filled
    ]
