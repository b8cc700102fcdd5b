"""The ledger of releases: each approved candidate is published once, unchanged, and any release can be rebuilt.

49 and 55 are the sanctuary referrals of South and Vale for 2018/19 in its reports of June 2019 and September 2020.
"""

from __future__ import annotations

import csv
import json
import re
import secrets
from base64 import b64encode
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from psycopg2 import errors
from psycopg2.extensions import connection as Connection

from sia import reconciliation
from sia.calendar import Quarter, quarters_between
from sia.disclosure.additive import DisclosureCell, Span
from sia.errors import PermanentError
from sia.registers.policy import Policy
from sia.release import ledger, publishing, release_data, scorecard_inputs
from sia.release.candidate import prepare
from sia.release.code_version import code_version
from sia.release.ledger import Decision
from sia.release.manifest import data_hash
from sia.storage import encrypted
from sia.warehouse import invariants, roles
from sia.warehouse.load import load
from tests import few_measures
from tests.conftest import Warehouse
from tests.database.test_draft import DISTRICTS, add_version, submission
from tests.database.test_load import job, submit
from tests.submissions import query

QUARTER = Quarter(2018, 4)
YES = Decision("approved", "unit", datetime(2022, 7, 4, 10, tzinfo=UTC), "As agreed by the Board")
NO = Decision("sent_back", "unit", datetime(2022, 7, 4, 10, tzinfo=UTC), "Ask the contractor about April")


SOUTH, VALE = "E07000179", "E07000180"
MEASURES = tuple(measure for measure in few_measures.of_return("sanctuary") if measure.kind == "count")[:1]
FILES = [
    "exceptions-2018-19Q4.csv",
    "exceptions-2018-19Q4.html",
    "manifest.json",
    "release-data-2018-19Q4.json",
    "scorecard-2018-19Q4.csv",
    "scorecard-2018-19Q4.html",
    "scorecard-2018-19Q4.xlsx",
]


@pytest.fixture(autouse=True)
def small_scorecard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A scorecard with referrals only, and a key of its own."""
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    few_measures.use(monkeypatch, MEASURES)


@pytest.fixture
def filled(warehouse: Warehouse) -> Connection:
    """49 referrals after fifteen quarters of 90: 45 in Vale, and 4, which is a small number, in South Oxfordshire.

    49 is an exception: chance alone would show so few in 6 of 1,000 cases. 55 would not be: in 17 of 1,000.
    """
    fill(warehouse.connection)
    return warehouse.connection


def fill(connection: Connection, vale: int = 86) -> None:
    for quarter in quarters_between(QUARTER.plus(-15), QUARTER.plus(-1)):
        sent = submission(connection, "sanctuary", "sanctuary_contractor", quarter, "accepted", "2019-02-01")
        referrals = dict.fromkeys(DISTRICTS, 0) | {VALE: vale, SOUTH: 4}
        add_version(connection, sent, quarter.start, quarter.end, {"referrals": referrals})
    connection.commit()
    load(connection, submit(connection, "2019-04-23", jobs(45, 4)))


def jobs(vale: int, south: int) -> list[tuple[str, ...]]:
    return [job(n) for n in range(vale)] + [job(vale + n, "South Oxfordshire") for n in range(south)]


def released(connection: Connection, folder: Path) -> dict[str, Any]:
    candidate = prepare(connection, QUARTER, folder / "candidate")
    return publishing.publish(connection, candidate["candidate"], YES, folder / "releases")


def published(connection: Connection, folder: Path) -> release_data.ReleaseData:
    place = Path(released(connection, folder)["folder"])
    return release_data.from_bytes((place / "release-data-2018-19Q4.json").read_bytes())


def problems(connection: Connection, name: str, folder: Path) -> dict[str, str]:
    _, checks = publishing.verify(connection, name, folder / "releases")
    return {check.file: check.problem for check in checks if check.problem}


def test_an_approved_candidate_is_published_once_with_its_approver(filled: Connection, tmp_path: Path) -> None:
    put = prepare(filled, QUARTER, tmp_path / "candidate")
    done = publishing.publish(filled, put["candidate"], YES, tmp_path / "releases")
    assert done["release"] == "2018-19Q4/1"
    place = tmp_path / "releases" / "2018-19Q4" / "1"
    assert sorted(path.name for path in place.iterdir()) == FILES
    manifest = json.loads((place / "manifest.json").read_text())
    assert "unit" not in manifest.values()  # the manifest is published, so the approver is only in the ledger
    assert manifest["data_hash"] == done["data_hash"]
    assert manifest["code_version"] == code_version()
    kept = query(filled, "SELECT name, decided_by, decided_at, remark, data_hash, suppressed FROM release.ledger")
    assert kept == [("2018-19Q4/1", "unit", YES.decided_at, YES.remark, done["data_hash"], put["suppressed"])]
    times = {path: path.stat().st_mtime_ns for path in place.iterdir()}
    assert publishing.publish(filled, put["candidate"], YES, tmp_path / "releases") == done
    assert {path: path.stat().st_mtime_ns for path in place.iterdir()} == times
    assert query(filled, "SELECT count(*) FROM release.release") == [(1,)]


def test_the_seed_of_a_release_is_in_the_ledger_alone_and_encrypted(
    filled: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = [b"the secret seed of this release", b"the secret seed of another one!"]
    monkeypatch.setattr(secrets, "token_bytes", lambda _: seeds.pop(0))
    put = prepare(filled, QUARTER, tmp_path / "candidate")
    publishing.publish(filled, put["candidate"], YES, tmp_path / "releases")
    ((sealed,),) = query(filled, "SELECT sealed_seed FROM release.candidate")
    sealed = bytes(sealed)
    assert encrypted.unseal(sealed) == b"the secret seed of this release"
    files = [path for folder in ("candidate", "releases") for path in (tmp_path / folder).rglob("*") if path.is_file()]
    assert len(files) > 2 * len(FILES) - 2
    for secret in (b"the secret seed of this release", sealed):
        ways = (secret, b64encode(secret), secret.hex().encode())
        for path in files:
            content = path.read_bytes()
            if path.suffix == ".xlsx":
                with ZipFile(path) as book:
                    content = b"".join(book.read(name) for name in book.namelist())
            assert not any(way in content for way in ways), path.name
        assert not any(way.decode("latin-1") in str(put) for way in ways)
    assert problems(filled, "2018-19Q4/1", tmp_path) == {}
    (tmp_path / "landing.key").unlink()
    with pytest.raises(PermanentError, match="for another key"):
        problems(filled, "2018-19Q4/1", tmp_path)


def test_the_data_hash_is_the_hash_of_the_lines_of_sha256sum() -> None:
    """By coreutils: printf a > a; printf b > b; sha256sum a b | sha256sum."""
    expected = "cb13f400dcb618e400d0f7d54f7cdb330d37a07272cb99a1016cda5830a10556"
    assert data_hash({"b": b"b", "a": b"a"}) == expected


def test_the_ledger_separates_hidden_and_published_counts(filled: Connection, tmp_path: Path) -> None:
    released(filled, tmp_path)
    south = query(
        filled,
        "SELECT figure, amount, status FROM release.figure WHERE measure_id = 'sanctuary_referrals'"
        " AND area_code = 'E07000179' AND figure IN ('quarter_figure', 'quarter_number', 'last_year_figure', 'change')",
    )
    assert len(south) == 4
    assert {(amount, status) for _, amount, status in south} == {(None, "confidential")}
    counts = (
        "SELECT count, hidden FROM release.disclosure_cell WHERE component = 'sanctuary.referrals' AND area_code = %s"
        " AND (first_month, after_month) = (%s, %s)"
    )
    assert query(filled, counts, (SOUTH, *Span.quarter(QUARTER))) == [(4, True)]
    assert query(filled, counts, ("CSP-SOUTH-VALE", *Span.quarter(QUARTER))) == [(49, False)]


def test_the_ledger_knows_the_quarters_that_are_left_to_years(
    filled: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Policy, "by_year", lambda *_: True)
    released(filled, tmp_path)
    quarter = Span.quarter(QUARTER)
    counts = "SELECT count, hidden, printed FROM release.disclosure_cell WHERE area_code = %s AND first_month = %s"
    assert query(filled, f"{counts} AND after_month = %s", (SOUTH, *quarter)) == [(4, True, False)]
    with filled, filled.cursor() as cursor:
        (disclosed,) = ledger.disclosed_counts(cursor, ledger.releases(cursor))
    assert disclosed.unprinted[DisclosureCell("sanctuary.referrals", SOUTH, quarter)] == 4
    assert not disclosed.unprinted.keys() & disclosed.hidden.keys()
    figure = "SELECT DISTINCT status FROM release.figure WHERE area_code = %s AND figure = 'quarter_figure'"
    assert query(filled, figure, (SOUTH,)) == [("by_year",)]


def test_nothing_of_a_release_can_be_changed_or_deleted(filled: Connection, tmp_path: Path) -> None:
    released(filled, tmp_path)
    tables = query(
        filled,
        "SELECT c.relname, min(a.attname) FILTER (WHERE a.attidentity = '') FROM pg_class AS c"
        " INNER JOIN pg_attribute AS a ON c.oid = a.attrelid AND a.attnum > 0"
        " WHERE c.relnamespace = 'release'::regnamespace AND c.relkind = 'r' GROUP BY 1",
    )
    assert len(tables) >= 10
    for table, column in tables:
        for change in (
            f"UPDATE release.{table} SET {column} = {column}",
            f"DELETE FROM release.{table}",
            f"TRUNCATE release.{table} CASCADE",
        ):
            with filled.cursor() as cursor, pytest.raises(errors.RestrictViolation):
                cursor.execute(change)
            filled.rollback()


def test_only_the_publisher_prepares_a_release_and_reads_hidden_counts(filled: Connection, tmp_path: Path) -> None:
    released(filled, tmp_path)
    roles.apply(filled)
    filled.commit()
    with filled, filled.cursor() as cursor:
        cursor.execute("SET ROLE sia_publisher")
        candidate_id, _ = ledger.open_candidate(cursor, QUARTER, b"")
        ledger.propose(cursor, candidate_id, "0" * 64, "commit x", "none")
        cursor.execute("SELECT count(*) FROM release.disclosure_cell WHERE hidden")
        assert cursor.fetchone() != (0,)
        cursor.execute("RESET ROLE")
    for role in ("public", "analyst", "steward", "loader"):
        with filled.cursor() as cursor:
            cursor.execute(f"SET ROLE sia_{role}")
            with pytest.raises(errors.InsufficientPrivilege):
                cursor.execute("SELECT count FROM release.disclosure_cell")
        filled.rollback()
    with filled.cursor() as cursor:
        cursor.execute("SET ROLE sia_public")
        cursor.execute("SELECT count(*) FROM release.figure WHERE status = 'confidential' AND amount IS NOT NULL")
        assert cursor.fetchone() == (0,)
    filled.rollback()


def test_only_an_approved_candidate_can_be_a_release(filled: Connection, tmp_path: Path) -> None:
    put = prepare(filled, QUARTER, tmp_path / "candidate")
    publishing.send_back(filled, put["candidate"], NO)
    with pytest.raises(PermanentError, match="was already sent back"):
        publishing.publish(filled, put["candidate"], YES, tmp_path / "releases")
    assert query(filled, "SELECT verdict, decided_by, remark FROM release.decision") == [
        ("sent_back", "unit", NO.remark)
    ]
    with filled.cursor() as cursor, pytest.raises(errors.ForeignKeyViolation):
        cursor.execute(
            "INSERT INTO release.release (candidate_id, quarter_key, number, known_at, data_hash, code_version,"
            " suppressed, manifest) SELECT candidate_id, quarter_key, 1, known_at, data_hash, code_version, 0, '{}'"
            " FROM release.candidate INNER JOIN release.proposal USING (candidate_id)"
        )
    filled.rollback()


def test_bytes_that_were_not_approved_are_not_published(
    filled: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = prepare(filled, QUARTER, tmp_path / "candidate")
    few_measures.use(monkeypatch, MEASURES, publisher="Another board")
    with pytest.raises(PermanentError, match="no longer give what was approved"):
        publishing.publish(filled, put["candidate"], YES, tmp_path / "releases")
    assert query(filled, "SELECT count(*) FROM release.release") == [(0,)]
    assert not (tmp_path / "releases").exists()


def test_a_restated_return_makes_a_second_release_with_a_note_and_the_first_still_verifies(
    filled: Connection, tmp_path: Path
) -> None:
    released(filled, tmp_path)
    # The totals of earlier quarters have no rows here, which a check reports. The load adds no problem.
    before = invariants.run(filled)
    assert [broken.check for broken in before] == ["components_reconcile"]
    # We received it before the release and loaded it afterwards, so the release did not know it.
    load(filled, submit(filled, "2020-08-10", jobs(51, 4)))
    assert invariants.run(filled) == before
    put = prepare(filled, QUARTER, tmp_path / "candidate")
    done = publishing.publish(filled, put["candidate"], YES, tmp_path / "releases")
    assert done["release"] == "2018-19Q4/2"
    assert problems(filled, "2018-19Q4/1", tmp_path) == {}
    assert problems(filled, "2018-19Q4/2", tmp_path) == {}
    place = tmp_path / "releases" / "2018-19Q4" / "2"
    with (place / "revision-note.csv").open(newline="") as file:
        rows = {(r["measure_id"], r["area_code"], r["figure"]): r for r in csv.DictReader(file)}
    row = rows["sanctuary_referrals", "CSP-SOUTH-VALE", "quarter_figure"]
    assert (row["before"], row["after"], row["kind"], row["marks"]) == ("49", "55", "substantial", "[r]")
    assert row["figure_name"] == "Referrals in the quarter"
    assert "Sanctuary" in row["why"]
    assert "10 August 2020" in row["why"]
    assert not any(area == "E07000179" for _, area, _ in rows)  # hidden then and now
    text = " ".join((place / "revision-note.txt").read_text().split())
    assert "South and Vale CSP: was deteriorating, is now no clear trend." in text
    assert "no longer reported as an exception" in text
    html = (place / "revision-note.html").read_text()
    assert "<td>49</td><td>55</td>" in html
    briefing = query(filled, "SELECT difference FROM release.proposal ORDER BY candidate_id")
    assert "first release of the quarter" in briefing[0][0]
    # The first release has no earlier one, so its exceptions are listed.
    assert ("## Exceptions\n" in briefing[0][0], "## Closed exceptions" in briefing[0][0]) == (True, False)
    assert "South and Vale CSP: was deteriorating, is now no clear trend" in briefing[1][0]
    assert "Thames Valley Police" in briefing[1][0]  # we have received nothing from them
    sections = dict(re.findall(r"## (.+)\n\n((?:- .+\n)+)", briefing[1][0]))
    assert sections["Checks that failed"] == (
        f"- Every total is the sum of its rows. Rows that break this: {before[0].rows}.\n"
    )
    assert "- Every accepted return counts, and no other.\n" in sections["Checks that passed"]
    assert "- Every total is" not in sections["Checks that passed"]
    listed = {title: section.count("\n") for title, section in sections.items()}
    assert sections["In short"].startswith(
        f"- Conclusions changed: {listed['Conclusions changed']}\n"
        f"- Exceptions: 0, of which 0 are new; {listed['Closed exceptions']} closed\n"
    )


def test_the_unit_gets_a_letter_only_when_a_conclusion_changed(filled: Connection, tmp_path: Path) -> None:
    released(filled, tmp_path)
    letters = "SELECT recipient, subject FROM feedback.letter WHERE kind = 'revision'"
    load(filled, submit(filled, "2020-08-10", jobs(46, 4)))
    assert released(filled, tmp_path)["release"] == "2018-19Q4/2"
    assert query(filled, letters) == []
    load(filled, submit(filled, "2020-08-11", jobs(51, 4)))
    assert released(filled, tmp_path)["release"] == "2018-19Q4/3"
    ((recipient, subject),) = query(filled, letters)
    assert (recipient, subject[:20]) == ("unit", "Release 2018-19Q4/3:")


def test_the_release_data_has_the_known_figures_and_the_changes(filled: Connection, tmp_path: Path) -> None:
    released(filled, tmp_path)
    load(filled, submit(filled, "2020-08-10", jobs(51, 4)))
    place = Path(released(filled, tmp_path)["folder"])
    manifest = json.loads((place / "manifest.json").read_text())
    assert "release-data-2018-19Q4.json" in {file["name"] for file in manifest["files"]}
    content = (place / "release-data-2018-19Q4.json").read_bytes()
    data = release_data.from_bytes(content)
    assert release_data.to_bytes(data) == content
    assert (data.name, data.revises, data.known_at.isoformat()) == (
        "2018-19Q4/2",
        "2018-19Q4/1",
        datetime.fromisoformat(manifest["known_at"]).astimezone(UTC).isoformat(),
    )
    (state,) = [state for state in data.scorecard.returns if state.return_name == "sanctuary"]
    assert state.state == "accepted"
    assert {line.area_code for line in data.changes} >= {"CSP-SOUTH-VALE", "E10000025"}
    assert len(data.conclusions) == 4  # two directions, two exceptions that ended


def test_a_release_of_the_same_figures_has_no_note(filled: Connection, tmp_path: Path) -> None:
    released(filled, tmp_path)
    released(filled, tmp_path)
    assert not list((tmp_path / "releases" / "2018-19Q4" / "2").glob("revision-note*"))


def test_what_is_decided_after_a_release_is_in_the_next_and_the_first_still_verifies(
    filled: Connection, tmp_path: Path
) -> None:
    """Each would change the first: a threshold of its own day, a target that it misses, and the name of a district."""
    first = published(filled, tmp_path)
    day = {"starts": "2018-04-01", "set_by": "Board", "why": "Because."}
    target = {"measure": MEASURES[0].id, "area": "E10000025", "value": 999.0, "of_year": False, **day}
    threshold = {"kind": "disclosure_threshold", "value": 50, "measures": [MEASURES[0].id], **day}
    name = {"id": "ARE-2018-01", "area": VALE, "kind": "name", "text": "Vale", **day}
    for register, entry in (("targets", target), ("settings", threshold), ("areas", name)):
        query(
            filled,
            "INSERT INTO feedback.register_entry (register, key, entry, allowed_by, why, decided_by)"
            " VALUES (%s, %s, %s, 'Board', 'Because.', 'unit@example.org') RETURNING 1",
            (register, entry.get("id", "new"), json.dumps(entry)),
        )
    assert problems(filled, "2018-19Q4/1", tmp_path) == {}
    second = published(filled, tmp_path)
    assert second.suppressed > first.suppressed
    assert [data.scorecard.areas[VALE].name for data in (first, second)] == ["Vale of White Horse", "Vale"]
    assert problems(filled, "2018-19Q4/1", tmp_path) == {}
    assert problems(filled, "2018-19Q4/2", tmp_path) == {}


def test_verify_names_a_changed_file_and_a_file_that_is_built_differently(
    filled: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path(released(filled, tmp_path)["folder"])
    (place / "scorecard-2018-19Q4.csv").chmod(0o644)
    (place / "scorecard-2018-19Q4.csv").write_bytes(b"x")
    (place / "scorecard-2018-19Q4.html").unlink()
    assert problems(filled, "2018-19Q4/1", tmp_path) == {
        "scorecard-2018-19Q4.csv": "was changed in the folder",
        "scorecard-2018-19Q4.html": "is missing from the folder",
    }
    few_measures.use(monkeypatch, MEASURES, publisher="Another board")
    assert problems(filled, "2018-19Q4/1", tmp_path)["scorecard-2018-19Q4.xlsx"] == "is built differently now"
    with pytest.raises(PermanentError, match="no release 2018-19Q4/7"):
        problems(filled, "2018-19Q4/7", tmp_path)


def test_a_release_keeps_the_status_of_returns(filled: Connection, tmp_path: Path) -> None:
    put = prepare(filled, QUARTER, tmp_path / "candidate")
    with filled, filled.cursor() as cursor:
        known_at = ledger.candidate(cursor, put["candidate"]).known_at
    then = scorecard_inputs.read(filled, QUARTER, known_at).returns
    load(filled, submit(filled, "2020-08-10", jobs(51, 4)))
    assert scorecard_inputs.read(filled, QUARTER, known_at).returns == then
    assert scorecard_inputs.read(filled, QUARTER).returns != then


def test_a_release_of_an_earlier_quarter_does_not_affect_a_load(filled: Connection, tmp_path: Path) -> None:
    """A return of a later quarter, loaded after the release, is known from its receipt before the release."""
    released(filled, tmp_path)
    load(filled, submit(filled, "2019-07-20", [job(n) for n in range(9)], quarter="2019-20Q1"))
    known = query(
        filled, "SELECT lower(known_during)::date::text FROM warehouse.return_version ORDER BY return_version_id"
    )
    assert known[-2:] == [("2019-04-23",), ("2019-07-20",)]


def test_the_next_run_finishes_a_release_that_is_in_the_ledger_and_not_in_the_folder(
    filled: Connection, tmp_path: Path
) -> None:
    put = prepare(filled, QUARTER, tmp_path / "candidate")
    done = publishing.publish(filled, put["candidate"], YES, tmp_path / "releases")
    Path(done["folder"]).rename(tmp_path / "lost")
    assert publishing.publish(filled, put["candidate"], YES, tmp_path / "releases") == done
    assert problems(filled, "2018-19Q4/1", tmp_path) == {}


def test_published_figures_are_checked_against_the_warehouse_as_it_was_on_the_day_of_the_report(
    filled: Connection,
) -> None:
    load(filled, submit(filled, "2020-08-10", jobs(51, 4)))
    figures = [
        reconciliation.PublishedFigure(
            "F1", "sanctuary_referrals", "South and Vale", "2018/19 Q4", Decimal(49), known_on=day
        )
        for day in (date(2019, 4, 22), date(2019, 6, 18), date(2020, 9, 21))
    ]
    compared = reconciliation.reconcile(figures, reconciliation.known_figures(filled, figures))
    assert [figure.outcome.name for figure in compared] == ["NOT_COMPARED", "AGREES", "DISAGREES"]
    assert compared[1].reason.endswith("gives 49; restated since, 55 today")
