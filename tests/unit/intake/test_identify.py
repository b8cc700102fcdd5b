"""A file is identified by given details, its cover, its names or its first lines."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest

from demo.samples.submissions import submissions
from sia.calendar import Quarter
from sia.contract.model import contract
from sia.errors import PermanentError
from sia.intake.identify import Details, IdentifiedFile, UnidentifiedFileError, identify, put_into_inbox
from tests import publications


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    submission = next(s for s in submissions(Quarter(2021, 4)) if s.return_name == "mediation")
    path = folder / submission.file_name
    path.write_bytes(submission.content())
    return path


def test_the_cover_identifies_a_workbook(sample: Path) -> None:
    identified = identify(sample, Details())
    assert (identified.contract.name, identified.quarter.key, identified.received_on) == (
        "mediation",
        "2021-22Q4",
        None,
    )
    assert identified.folder == Path("mediation/2021-22Q4")


def test_given_details_go_before_guessed_ones(sample: Path) -> None:
    identified = identify(sample, Details("odas", "2020/21 Q1", received_on="2020-07-20"))
    assert identified.folder == Path("odas/2020-21Q1/received-2020-07-20")


def test_an_archive_belongs_to_the_quarter_of_its_newest_month(tmp_path: Path) -> None:
    path = tmp_path / "download.zip"
    with ZipFile(path, "w") as archive:
        for month in ("2021-12", "2022-02", "2022-01"):
            archive.writestr(f"{month}/{month}-thames-valley-street.csv", "Crime ID\n")
    identified = identify(path, Details())
    assert (identified.contract.name, identified.quarter.key) == ("tvp_crime", "2021-22Q4")


@pytest.mark.parametrize(
    ("name", "content", "folder"),
    [
        ("any name.xlsx", publications.csp_crime(), "csp_crime/2024-25Q3"),
        ("detailed.xlsx", publications.homelessness("January to March 2020"), "homelessness/2019-20Q4"),
        ("mye.csv", publications.population_csv(), "population_midyear/2023-24Q1"),
        ("our list.csv", publications.similar_groups([]), "similar_groups/2024-25Q3"),
        ("severity.csv", publications.crime_severity({}), "crime_severity/2022-23Q4"),
        # Its codes have the same heading, but it has other columns too.
        ("lookup.csv", publications.lookup([], "23"), "csp_lookup/2023-24Q3"),
    ],
)
def test_the_first_lines_identify_a_published_table(tmp_path: Path, name: str, content: bytes, folder: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert identify(tmp_path / name, Details()).folder == Path(folder)


def test_several_senders_have_a_folder_each(sample: Path) -> None:
    identified = identify(sample, Details("indicators", source="daat"))
    assert identified.folder == Path("indicators/2021-22Q4/daat")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (Details(), "Add which return it is: RETURN=…, one of crime_severity, csp_casework"),
        (Details("odas"), "Add its quarter, for example QUARTER=2021-22Q4"),
        (Details("nope", "2021-22Q4"), "no return is called 'nope'"),
        (Details("odas", "2021-23Q4"), "is not a financial quarter"),
        (Details("odas", "2021-22Q4", received_on="yesterday"), "yesterday"),
        (Details("indicators", "2021-22Q4"), "Add its sender: SOURCE=…, one of csps"),
    ],
)
def test_a_message_of_one_line_says_which_details_are_missing(tmp_path: Path, given: Details, words: str) -> None:
    path = tmp_path / "unknown.xlsx"
    path.write_bytes(b"not a workbook")
    with pytest.raises(UnidentifiedFileError, match=words) as caught:
        identify(path, given)
    assert "\n" not in str(caught.value)


def test_a_missing_file_gets_a_message(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="There is no file"):
        identify(tmp_path / "nope.xlsx", Details())


def test_another_file_with_the_same_name_does_not_replace_the_first(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    first, second = tmp_path / "a" / "return.xlsx", tmp_path / "b" / "return.xlsx"
    for path, content in ((first, b"1"), (second, b"2")):
        path.parent.mkdir()
        path.write_bytes(content)

    def put(path: Path) -> Path:
        return put_into_inbox(IdentifiedFile(path, contract("odas"), Quarter(2021, 4), None, date(2022, 4, 20)), inbox)

    assert put(first) == put(first) == inbox / "odas/2021-22Q4/received-2022-04-20/return.xlsx"
    assert put(second).read_bytes() == b"2"
    assert put(first).read_bytes() == b"1"
    assert sorted(path.name for path in inbox.rglob("*") if path.is_file()) == [
        "return-d4735e3a.xlsx",
        "return.xlsx",
    ]
