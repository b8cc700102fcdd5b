from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sia.calendar import Quarter
from sia.contract.model import Contract, MonthlyArchive, contract
from sia.intake.readers import monthly_archive
from sia.intake.rejection import FileRejected

POLICE = contract("tvp_crime")
FORCE = "thames_valley_police"
QUARTER = Quarter(2021, 4)
HEADINGS = [column.label for column in POLICE.tables[0].columns]


class Dribble:
    """A stream that gives a few bytes at a time, however many are asked for."""

    def __init__(self, content: bytes, step: int) -> None:
        self._stream = io.BytesIO(content)
        self._step = step

    def read(self, size: int = -1, /) -> bytes:
        return self._stream.read(self._step if size < 0 else min(size, self._step))


def drained(month: monthly_archive.MonthlyFile) -> bytes:
    given = b""
    while piece := month.data.read(7):
        given += piece
    return given


def street(month: str, force: str = "thames-valley") -> str:
    return f"{month}/{month}-{force}-street.csv"


def rules(paths: list[str]) -> list[str]:
    return [finding.rule_id for finding in monthly_archive.plan(POLICE, FORCE, paths).findings]


def test_months_are_read_in_order() -> None:
    plan = monthly_archive.plan(POLICE, FORCE, [street("2022-01"), street("2021-12")])
    assert [(member.month, member.name) for member in plan.members] == [
        ("2021-12", "2021-12-thames-valley-street.csv"),
        ("2022-01", "2022-01-thames-valley-street.csv"),
    ]
    assert plan.findings == ()


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([], ["INT-ARCHIVE-01"]),
        (["readme.txt"], ["INT-ARCHIVE-01", "INT-ARCHIVE-06"]),
        ([street("2022-01", "gloucestershire"), street("2022-02", "gloucestershire")], ["INT-ARCHIVE-02"]),
        ([street("2022-01"), street("2022-01", "gloucestershire"), street("2022-01", "kent")], ["INT-ARCHIVE-10"]),
        ([street("2017-03")], ["INT-ARCHIVE-03"]),
        ([street("2022-13")], ["INT-ARCHIVE-03"]),
        ([street("2022-01"), "again/" + street("2022-01")], ["INT-ARCHIVE-04"]),
        ([street("2022-01"), "2022-01/2022-01-thames-valley-outcomes.csv"], ["INT-ARCHIVE-05"]),
        (
            [
                street("2022-01"),
                "2022-01/2022-01-thames-valley-outcomes.csv",
                "x/2022-01-thames-valley-stop-and-search.csv",
            ],
            ["INT-ARCHIVE-05"] * 2,
        ),
        ([street("2022-01"), "a.txt", "b.txt"], ["INT-ARCHIVE-06"]),
    ],
)
def test_every_file_of_an_archive_is_read_or_named(paths: list[str], expected: list[str]) -> None:
    assert rules(paths) == expected


def test_a_single_file_is_identified_by_its_name() -> None:
    for name in ("2022-01-thames-valley-street.csv", "synthetic-2022-01-thames-valley-street.csv"):
        assert [member.month for member in monthly_archive.plan_single(POLICE, FORCE, name).members] == ["2022-01"]
    (finding,) = monthly_archive.plan_single(POLICE, FORCE, "crime.csv").findings
    assert finding.rule_id == "INT-ARCHIVE-07"


def opened(headings: list[str], body: bytes, step: int = 5, encoding: str = "utf-8") -> monthly_archive.MonthlyFile:
    content = ",".join(headings).encode(encoding) + body
    return monthly_archive.open_month(POLICE, QUARTER, "m.csv", Dribble(content, step), encoding)


values = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=8)


@given(
    st.lists(st.lists(values, min_size=12, max_size=12), max_size=5),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 40),
)
def test_lines_are_whole_and_counted_wherever_a_chunk_ends(rows: list[list[str]], newline: str, step: int) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator=newline, quoting=csv.QUOTE_ALL).writerows(rows)
    body = buffer.getvalue().encode()
    month = opened(HEADINGS, newline.encode() + body, step)
    assert drained(month) == body.replace(b"\r\n", b"\n")
    assert month.data.count == len(rows)


def test_the_last_line_counts_without_a_line_end() -> None:
    month = opened(HEADINGS, b"\n1\n2")
    assert drained(month) == b"1\n2"
    assert month.data.count == 2


@pytest.mark.parametrize("step", [3, 7, 100])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.encode() + b"\x1a",
        lambda text: text.encode("utf-16"),
        lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
        lambda text: text.replace("\n", "\r").encode(),
    ],
    ids=["Ctrl-Z", "UTF-16", "UTF-16 of another order", "CR alone"],
)
def test_a_month_that_another_system_saved_is_read(change: Callable[[str], bytes], step: int) -> None:
    content = change(",".join(HEADINGS) + "\ncaf\u00e9\n\x1a2\n")
    month = monthly_archive.open_month(POLICE, QUARTER, "m.csv", Dribble(content, step), "utf-8")
    assert drained(month) == "caf\u00e9\n\x1a2\n".encode()
    assert month.data.count == 2


def test_columns_may_be_in_any_order() -> None:
    month = opened(HEADINGS[::-1], b"\n")
    assert list(month.columns) == [column.name for column in POLICE.tables[0].columns][::-1]
    assert month.columns["context"] == 1


@given(st.lists(st.lists(values, min_size=14, max_size=14), max_size=5), st.integers(1, 40))
def test_an_extra_column_is_dropped_and_named_by_its_heading(rows: list[list[str]], step: int) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerows(rows)
    month = opened(["Officer", *HEADINGS, "Phone"], b"\r\n" + buffer.getvalue().encode(), step)
    lines = list(csv.reader(io.StringIO(drained(month).decode(), newline="")))
    assert lines == [row[1:13] for row in rows]
    assert [(f.rule_id, f.refuses) for f in month.findings] == [("INT-HEADING-02", False)] * 2
    assert ["Officer" in month.findings[0].message, "Phone" in month.findings[1].message] == [True, True]
    assert month.columns["crime_id"] == 2


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (HEADINGS[1:], ["INT-HEADING-01"]),
        ([*HEADINGS[:-1], "Notes"], ["INT-HEADING-01", "INT-HEADING-02"]),
        ([*HEADINGS, "Crime ID"], ["INT-HEADING-03"]),
        (["a", "b"], ["INT-TEMPLATE-04"]),
        ([], ["INT-TEMPLATE-04"]),
    ],
)
def test_headings_that_differ_from_the_contract_refuse_the_file(headings: list[str], expected: list[str]) -> None:
    with pytest.raises(FileRejected) as rejected:
        opened(headings, b"\n")
    assert [finding.rule_id for finding in rejected.value.findings] == expected


def test_a_line_of_another_width_is_named_while_columns_are_dropped() -> None:
    month = opened([*HEADINGS, "Notes"], b"\n" + b"," * 12 + b"\n" + b"," * 11 + b"\n")
    with pytest.raises(FileRejected) as rejected:
        drained(month)
    assert [(f.rule_id, f.row) for f in rejected.value.findings] == [("INT-LINE-01", 3)]
    assert month.data.failure is rejected.value


def of_another_publisher(**archive: object) -> Contract:
    """The contract of crime-level files, as a publisher with other names of files would have it."""
    given = {"publisher": "gov.uk", **archive}
    return POLICE.model_copy(update={"archive": MonthlyArchive.model_validate(given)})


def test_months_and_senders_are_named_as_the_contract_says() -> None:
    fire = of_another_publisher(
        member=r"incidents_(?P<month>\d\d)_(?P<year>\d{4})_(?P<sender>\w+)\.csv",
        sender_names={"TVP": FORCE},
        example="incidents_01_2022_TVP.csv",
    )
    plan = monthly_archive.plan(fire, FORCE, ["incidents_02_2022_TVP.csv", "incidents_12_2021_TVP.csv"])
    assert [member.month for member in plan.members] == ["2021-12", "2022-02"]
    assert plan.findings == ()
    (finding,) = monthly_archive.plan(fire, FORCE, ["incidents_02_2022_BFRS.csv"]).findings
    assert (finding.rule_id, "BFRS: 1" in finding.message) == ("INT-ARCHIVE-02", True)
    (finding,) = monthly_archive.plan_single(fire, FORCE, "fire.csv").findings
    assert finding.rule_id == "INT-ARCHIVE-07"
    assert "gov.uk gave it, for example incidents_01_2022_TVP.csv" in finding.message


def test_files_whose_names_give_no_sender_belong_to_the_sender() -> None:
    fire = of_another_publisher(member=r"(?P<month>\d{4}-\d{2})\.csv", example="2022-01.csv")
    plan = monthly_archive.plan(fire, FORCE, ["2022-01.csv"])
    assert [(member.month, member.path) for member in plan.members] == [("2022-01", "2022-01.csv")]
    assert plan.findings == ()
