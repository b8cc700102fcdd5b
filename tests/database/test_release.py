"""The ledger of releases: what is approved is what is published, once, and what any release said can be made again.

49 and 55 are the sanctuary referrals of South and Vale for 2018/19 as its reports of June 2019 and September 2020 say.
"""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from psycopg2 import errors
from psycopg2.extensions import connection as Connection

from sia import reconciliation
from sia.calendar import Quarter
from sia.errors import PermanentError
from sia.release import ledger, release, scorecard_inputs
from sia.release.ledger import Decision
from sia.warehouse import invariants, roles
from sia.warehouse.load import load
from tests import fake_release
from tests.conftest import Warehouse
from tests.database.test_load import job, submit
from tests.submissions import query

QUARTER = Quarter(2018, 4)
YES = Decision("approved", "unit", datetime(2022, 7, 4, 10, tzinfo=UTC), "As agreed by the Board")
NO = Decision("sent back", "unit", datetime(2022, 7, 4, 10, tzinfo=UTC), "Ask the contractor about April")


@pytest.fixture(autouse=True)
def small_scorecard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "contents", fake_release)


@pytest.fixture
def held(warehouse: Warehouse) -> Connection:
    """49 referrals: 45 in Vale, 4, and so a small number, in South Oxfordshire."""
    load(warehouse.connection, submit(warehouse.connection, "2019-04-23", jobs(45, 4)))
    return warehouse.connection


def jobs(vale: int, south: int) -> list[tuple[str, ...]]:
    return [job(n) for n in range(vale)] + [job(vale + n, "South Oxfordshire") for n in range(south)]


def released(connection: Connection, folder: Path) -> dict[str, Any]:
    put = release.prepare(connection, QUARTER, folder / "candidate")
    return release.publish(connection, put["candidate"], YES, folder / "releases")


def faults(connection: Connection, name: str, folder: Path) -> dict[str, str]:
    _, checked = release.verify(connection, name, folder / "releases")
    return {each.file: each.fault for each in checked if each.fault}


def test_what_was_approved_is_published_once_with_who_approved_it(held: Connection, tmp_path: Path) -> None:
    put = release.prepare(held, QUARTER, tmp_path / "candidate")
    done = release.publish(held, put["candidate"], YES, tmp_path / "releases")
    assert done["release"] == "2018-19Q4/1"
    place = tmp_path / "releases" / "2018-19Q4" / "1"
    assert sorted(path.name for path in place.iterdir()) == ["manifest.json", "scorecard.csv", "scorecard.html"]
    manifest = json.loads((place / "manifest.json").read_text())
    assert "unit" not in manifest.values()  # it goes out with the files; by whom is in the ledger
    assert manifest["data_hash"] == done["data_hash"]
    assert manifest["code_version"] == release.code_version()
    kept = query(held, "SELECT name, decided_by, decided_at, remark, data_hash, suppressed FROM release.ledger")
    assert kept == [("2018-19Q4/1", "unit", YES.decided_at, YES.remark, done["data_hash"], put["suppressed"])]
    times = {path: path.stat().st_mtime_ns for path in place.iterdir()}
    assert release.publish(held, put["candidate"], YES, tmp_path / "releases") == done
    assert {path: path.stat().st_mtime_ns for path in place.iterdir()} == times
    assert query(held, "SELECT count(*) FROM release.release") == [(1,)]


def test_the_hash_is_that_of_sha256sum_s_lines() -> None:
    """By coreutils: printf a > a; printf b > b; sha256sum a b | sha256sum."""
    expected = "cb13f400dcb618e400d0f7d54f7cdb330d37a07272cb99a1016cda5830a10556"
    assert ledger.data_hash({"b": b"b", "a": b"a"}) == expected


def test_hidden_counts_are_kept_apart_from_what_was_published(held: Connection, tmp_path: Path) -> None:
    released(held, tmp_path)
    south = query(
        held,
        "SELECT figure, amount, status FROM release.figure WHERE measure_id = 'sanctuary_referrals'"
        " AND area_code = 'E07000179' ORDER BY figure",
    )
    assert {(amount, status) for _, amount, status in south} == {(None, "hidden")}
    account = (
        "SELECT count, hidden FROM release.disclosure_cell WHERE component = 'sanctuary_referrals' AND area_code = %s"
    )
    assert query(held, account, ("E07000179",)) == [(4, True)]
    assert query(held, account, ("CSP-SOUTH-VALE",)) == [(49, False)]


def test_nothing_of_a_release_can_be_changed_or_deleted(held: Connection, tmp_path: Path) -> None:
    released(held, tmp_path)
    tables = query(
        held,
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
            with held.cursor() as cursor, pytest.raises(errors.RestrictViolation):
                cursor.execute(change)
            held.rollback()


def test_the_publisher_prepares_and_nobody_else_reads_what_was_hidden(held: Connection, tmp_path: Path) -> None:
    released(held, tmp_path)
    roles.apply(held)
    held.commit()
    with held, held.cursor() as cursor:
        cursor.execute("SET ROLE sia_publisher")
        candidate_id, _ = ledger.open_candidate(cursor, QUARTER)
        ledger.propose(cursor, candidate_id, "0" * 64, "commit x", "none")
        cursor.execute("SELECT count(*) FROM release.disclosure_cell WHERE hidden")
        assert cursor.fetchone() != (0,)
        cursor.execute("RESET ROLE")
    for role in ("public", "analyst", "steward", "loader"):
        with held.cursor() as cursor:
            cursor.execute(f"SET ROLE sia_{role}")
            with pytest.raises(errors.InsufficientPrivilege):
                cursor.execute("SELECT count FROM release.disclosure_cell")
        held.rollback()
    with held.cursor() as cursor:
        cursor.execute("SET ROLE sia_public")
        cursor.execute("SELECT count(*) FROM release.figure WHERE amount < 5 AND status = 'hidden'")
        assert cursor.fetchone() == (0,)
    held.rollback()


def test_only_what_was_approved_can_be_a_release(held: Connection, tmp_path: Path) -> None:
    put = release.prepare(held, QUARTER, tmp_path / "candidate")
    release.send_back(held, put["candidate"], NO)
    with pytest.raises(PermanentError, match="sent back already"):
        release.publish(held, put["candidate"], YES, tmp_path / "releases")
    assert query(held, "SELECT verdict, decided_by, remark FROM release.decision") == [("sent back", "unit", NO.remark)]
    with held.cursor() as cursor, pytest.raises(errors.ForeignKeyViolation):
        cursor.execute(
            "INSERT INTO release.release (candidate_id, quarter_key, number, known_at, data_hash, code_version,"
            " suppressed, manifest) SELECT candidate_id, quarter_key, 1, known_at, data_hash, code_version, 0, '{}'"
            " FROM release.candidate INNER JOIN release.proposal USING (candidate_id)"
        )
    held.rollback()


def test_bytes_that_were_not_approved_are_not_published(
    held: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = release.prepare(held, QUARTER, tmp_path / "candidate")
    monkeypatch.setattr(fake_release, "PERSONS", 2000)
    with pytest.raises(PermanentError, match="not what was approved"):
        release.publish(held, put["candidate"], YES, tmp_path / "releases")
    assert query(held, "SELECT count(*) FROM release.release") == [(0,)]
    assert not (tmp_path / "releases").exists()


def test_a_restated_return_makes_a_second_release_with_a_note_and_the_first_still_verifies(
    held: Connection, tmp_path: Path
) -> None:
    released(held, tmp_path)
    # Received before the release and loaded after it: the release did not know it.
    load(held, submit(held, "2020-08-10", jobs(51, 4)))
    assert invariants.run(held) == []
    put = release.prepare(held, QUARTER, tmp_path / "candidate")
    done = release.publish(held, put["candidate"], YES, tmp_path / "releases")
    assert done["release"] == "2018-19Q4/2"
    assert faults(held, "2018-19Q4/1", tmp_path) == {}
    assert faults(held, "2018-19Q4/2", tmp_path) == {}
    place = tmp_path / "releases" / "2018-19Q4" / "2"
    with (place / "revision-note.csv").open(newline="") as file:
        rows = {(r["measure_id"], r["area_code"], r["figure"]): r for r in csv.DictReader(file)}
    row = rows["sanctuary_referrals", "CSP-SOUTH-VALE", "quarter_figure"]
    assert (row["before"], row["after"], row["kind"], row["marks"]) == ("49", "55", "substantial", "[r]")
    assert row["what"] == "Referrals in the quarter"
    assert "Sanctuary" in row["why"]
    assert "10 August 2020" in row["why"]
    assert not any(area == "E07000179" for _, area, _ in rows)  # hidden then and now
    text = (place / "revision-note.txt").read_text()
    assert "South and Vale CSP: was no change, is now improving." in text
    assert "no longer reported as an exception" in text
    html = (place / "revision-note.html").read_text()
    assert "<td>49</td><td>55</td>" in html
    briefing = query(held, "SELECT difference FROM release.proposal ORDER BY candidate_id")
    assert "first release of the quarter" in briefing[0][0]
    # Of the first of all there is nothing to say that it differs in: its exceptions are named.
    assert ("## Exceptions\n" in briefing[0][0], "## Exceptions closed" in briefing[0][0]) == (True, False)
    assert "South and Vale CSP: was no change, is now improving" in briefing[1][0]
    assert "Thames Valley Police" in briefing[1][0]  # nothing was received from them


def test_the_unit_is_told_only_when_a_conclusion_changed(held: Connection, tmp_path: Path) -> None:
    released(held, tmp_path)
    letters = "SELECT recipient, subject FROM feedback.letter WHERE kind = 'revision'"
    load(held, submit(held, "2020-08-10", jobs(46, 4)))
    assert released(held, tmp_path)["release"] == "2018-19Q4/2"
    assert query(held, letters) == []
    load(held, submit(held, "2020-08-11", jobs(51, 4)))
    assert released(held, tmp_path)["release"] == "2018-19Q4/3"
    ((recipient, subject),) = query(held, letters)
    assert (recipient, subject[:20]) == ("unit", "Release 2018-19Q4/3:")


def test_a_release_of_the_same_figures_has_no_note(held: Connection, tmp_path: Path) -> None:
    released(held, tmp_path)
    released(held, tmp_path)
    assert not list((tmp_path / "releases" / "2018-19Q4" / "2").glob("revision-note*"))


def test_what_was_changed_in_the_folder_or_made_otherwise_is_named(
    held: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path(released(held, tmp_path)["folder"])
    (place / "scorecard.csv").chmod(0o644)
    (place / "scorecard.csv").write_bytes(b"x")
    (place / "scorecard.html").unlink()
    assert faults(held, "2018-19Q4/1", tmp_path) == {
        "scorecard.csv": "was changed in the folder",
        "scorecard.html": "is not in the folder any more",
    }
    monkeypatch.setattr(fake_release, "PERSONS", 2000)
    assert faults(held, "2018-19Q4/1", tmp_path)["scorecard.csv"] == "is made otherwise now"
    with pytest.raises(PermanentError, match="no release 2018-19Q4/7"):
        faults(held, "2018-19Q4/7", tmp_path)


def test_what_was_heard_of_the_returns_stays_as_it_was(held: Connection, tmp_path: Path) -> None:
    put = release.prepare(held, QUARTER, tmp_path / "candidate")
    with held, held.cursor() as cursor:
        known_at = ledger.candidate(cursor, put["candidate"]).known_at
    then = scorecard_inputs.read(held, QUARTER, known_at).returns
    load(held, submit(held, "2020-08-10", jobs(51, 4)))
    pd.testing.assert_frame_equal(scorecard_inputs.read(held, QUARTER, known_at).returns, then)
    now = scorecard_inputs.read(held, QUARTER).returns
    assert not now.equals(then)


def test_a_load_waits_for_no_release_that_does_not_see_its_quarter(held: Connection, tmp_path: Path) -> None:
    """A return of a later quarter, received before the release and loaded after it, is known from its receipt."""
    released(held, tmp_path)
    load(held, submit(held, "2019-07-20", [job(n) for n in range(9)], quarter="2019-20Q1"))
    known = query(
        held, "SELECT lower(known_during)::date::text FROM warehouse.return_version ORDER BY return_version_id"
    )
    assert known == [("2019-04-23",), ("2019-07-20",)]


def test_a_run_that_died_between_ledger_and_folder_is_finished_by_the_next(held: Connection, tmp_path: Path) -> None:
    put = release.prepare(held, QUARTER, tmp_path / "candidate")
    done = release.publish(held, put["candidate"], YES, tmp_path / "releases")
    Path(done["folder"]).rename(tmp_path / "lost")
    assert release.publish(held, put["candidate"], YES, tmp_path / "releases") == done
    assert faults(held, "2018-19Q4/1", tmp_path) == {}


def test_published_figures_are_asked_of_the_warehouse_as_it_was_on_the_day_of_the_report(held: Connection) -> None:
    load(held, submit(held, "2020-08-10", jobs(51, 4)))
    figures = [
        reconciliation.Published("F1", "sanctuary_referrals", "South and Vale", "2018/19 Q4", Decimal(49), known_on=day)
        for day in (date(2019, 4, 22), date(2019, 6, 18), date(2020, 9, 21))
    ]
    found = reconciliation.reconcile(figures, reconciliation.ask(held, figures))
    assert [each.outcome.name for each in found] == ["NOT_HELD", "AGREES", "DISAGREES"]
    assert found[1].says.endswith("gives 49; restated since, 55 today")
