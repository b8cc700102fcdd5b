"""An approver opens every file of the candidate that waits, and sees at once if it is not what was proposed."""

from __future__ import annotations

import pytest

from sia.calendar import Quarter
from sia.release import manifest
from sia.release.draft_folders import candidate_folder
from tests.desk import MEDIATION, UNIT, Desk
from tests.submissions import query

QUARTER = Quarter(2021, 4)
FILES = {"scorecard-2021-22Q4.csv": b"measure,area\n", "exceptions-2021-22Q4.html": b"<!DOCTYPE html><p>Page</p>"}
TEXT = "# Release 2021-22Q4/1\n\n## Returns missing\n\n- <b>none</b>"


@pytest.fixture
def candidate(desk: Desk) -> int:
    """A candidate that waits for approval."""
    manifest.write_folder(candidate_folder(QUARTER), {**FILES, "difference.md": b"# Release"})
    connection = desk.warehouse.connection
    (number,) = query(
        connection,
        "INSERT INTO release.candidate (quarter_key, known_at) VALUES (%s, now()) RETURNING candidate_id",
        (QUARTER.key,),
    )[0]
    query(
        connection,
        "INSERT INTO release.proposal (candidate_id, data_hash, code_version, difference)"
        " VALUES (%s, %s, 'test', %s) RETURNING 1",
        (number, manifest.data_hash(FILES), TEXT),
    )
    return int(number)


def test_an_approver_reads_what_differs_and_opens_every_file(desk: Desk, candidate: int) -> None:
    approver, other = desk.visitor(UNIT), desk.visitor(MEDIATION)
    page = approver.page("/approval")
    assert "<h2>Returns missing</h2>" in page
    assert "&lt;b&gt;none" in page
    assert "A release waits for approval: 2021/22 Q4" in approver.page("/returns")
    for name, content in FILES.items():
        assert f"/approval/{candidate}/{name}" in page
        assert approver.client.get(f"/approval/{candidate}/{name}").content == content
        assert approver.client.get(f"/approval/{candidate + 1}/{name}").status_code == 404
        assert other.client.get(f"/approval/{candidate}/{name}").status_code == 403
    assert approver.client.get(f"/approval/{candidate}/difference.md").status_code == 404


def test_files_that_were_changed_are_not_shown(desk: Desk, candidate: int) -> None:
    name = next(iter(FILES))
    (candidate_folder(QUARTER) / name).write_bytes(b"measure,area\nsomething,else\n")
    approver = desk.visitor(UNIT)
    assert "Do not approve it" in approver.page("/approval")
    assert approver.client.get(f"/approval/{candidate}/{name}").status_code == 404


def test_what_was_decided_no_longer_waits(desk: Desk, candidate: int) -> None:
    query(
        desk.warehouse.connection,
        "INSERT INTO release.decision VALUES (%s, 'sent_back', 'unit', now(), '') RETURNING 1",
        (candidate,),
    )
    approver = desk.visitor(UNIT)
    assert "No release waits" in approver.page("/approval")
    assert approver.client.get(f"/approval/{candidate}/{next(iter(FILES))}").status_code == 404
