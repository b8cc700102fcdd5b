"""Migrations of a warehouse with data, as an earlier version left it: every answer stays the same."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from sia.errors import PermanentError
from sia.local import postgres
from sia.warehouse import database, invariants
from sia.warehouse import migrate as migrations
from sia.warehouse.migrate import MIGRATIONS, migrate

GOLDEN = Path(__file__).parents[1] / "golden"
KEPT = sorted(GOLDEN.glob("warehouse-*.sql.gz"))
# A day before the restatement of 2018/19, a day after it, and now.
TIMES = ("2019-06-18 17:00 Europe/London", "2020-09-21 17:00 Europe/London", "infinity")
# A later migration changes a table of the baseline and one of its constraints.
LATER = """\
-- Grain: task.
-- Keys: task_id.
-- Why: a later migration, for the test alone.
ALTER TABLE feedback.task ADD COLUMN owner text;
UPDATE feedback.task SET owner = source;
ALTER TABLE feedback.task ALTER COLUMN owner SET NOT NULL;
ALTER TABLE quality.rule DROP CONSTRAINT rule_tier, ADD CONSTRAINT rule_tier CHECK (tier BETWEEN 1 AND 4);
"""
Rows = list[tuple[Any, ...]]


@pytest.fixture(params=KEPT, ids=lambda path: path.name)
def earlier(request: pytest.FixtureRequest, server: postgres.Server, migrated: str) -> Iterator[Connection]:
    """A kept database with its tables, views, functions and rows. The roles are on the server."""
    with restored(server, request.param) as connection:
        yield connection


@contextmanager
def restored(server: postgres.Server, kept: Path) -> Iterator[Connection]:
    name = f"earlier_{kept.name[10:14]}"
    server.ensure_database(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIA_WAREHOUSE_URL", server.database_url(name))
        with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
            cursor.execute(gzip.decompress(kept.read_bytes()).decode())
        with closing(database.connect()) as connection:
            yield connection
    with closing(psycopg2.connect(server.url)) as owner:
        owner.autocommit = True
        with owner.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def ask(connection: Connection, question: str, *values: object) -> Rows:
    with connection, connection.cursor() as cursor:
        cursor.execute(question, values)
        return list(cursor.fetchall())


def counts(connection: Connection) -> dict[str, int]:
    """The number of rows of every table with history."""
    tables = ask(
        connection,
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
        " AND table_schema IN ('intake', 'quality', 'warehouse', 'marts', 'release')"
        " AND table_name !~ '^dim_|^rule$|^area_member$|^population$'",
    )
    count = sql.SQL("SELECT count(*) FROM {}")
    rows = {}
    with connection, connection.cursor() as cursor:
        for schema, table in tables:
            cursor.execute(count.format(sql.Identifier(schema, table)))
            rows[f"{schema}.{table}"] = cursor.fetchone()[0]  # type: ignore[index]
    return rows


def observations(connection: Connection) -> dict[tuple[str, str, str, str], tuple[Any, ...]]:
    """Every observation, as known at each of the times."""
    question = (
        "SELECT measure_id, area_code, quarter_key, numerator, denominator, complete"
        " FROM marts.observation_known_at(%s)"
    )
    return {(known_at, *row[:3]): row[3:] for known_at in TIMES for row in ask(connection, question, known_at)}


def history(connection: Connection) -> str:
    """A hash of the return versions, their known time and their component totals."""
    rows = ask(
        connection,
        "SELECT v.return_name, v.source, v.submission_id, v.period, v.known_during, t.component, t.area_code,"
        " t.starts_on, t.value FROM warehouse.return_version AS v"
        " INNER JOIN marts.component_total AS t ON v.return_version_id = t.return_version_id"
        " ORDER BY t.return_version_id, t.component, t.area_code, t.starts_on",
    )
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def referrals(connection: Connection) -> list[int]:
    """Sanctuary referrals of 2018/19 in South and Vale, as known at each of the times."""
    return [
        int(number)
        for known_at in TIMES
        for (number,) in ask(
            connection,
            "SELECT sum(numerator) FROM marts.observation_known_at(%s) WHERE measure_id = 'sanctuary_referrals'"
            " AND area_code = 'CSP-SOUTH-VALE' AND quarter_key LIKE '2018-19%%'",
            known_at,
        )
    ]


def names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.sql"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of today's migrations that a test may change."""
    return Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))


def test_an_earlier_warehouse_gives_the_same_answers(earlier: Connection, folder: Path) -> None:
    (folder / "9999_later.sql").write_text(LATER, encoding="utf-8")
    before = counts(earlier), observations(earlier), history(earlier)
    assert before[0]["intake.submission"] > 8
    assert before[0]["warehouse.street_crime"] == 6
    assert len(before[1]) > 1000
    # Published in the Board's papers of June 2019 and September 2020.
    assert referrals(earlier) == [49, 55, 55]
    had = [name for (name,) in ask(earlier, "SELECT name FROM public.migration")]
    assert had
    assert had != names(folder)

    applied = migrate(earlier, folder)

    assert sorted([*had, *applied]) == names(folder)
    assert [name for (name,) in ask(earlier, "SELECT name FROM public.migration ORDER BY name")] == names(folder)
    after = counts(earlier), observations(earlier), history(earlier)
    assert {table: after[0][table] for table in before[0]} == before[0]
    assert {key: after[1].get(key) for key in before[1]} == before[1]
    assert after[2] == before[2]
    assert referrals(earlier) == [49, 55, 55]
    assert [broken for broken in invariants.run(earlier) if broken.severity.value == "critical"] == []
    assert migrate(earlier, folder) == []


def test_a_migration_that_was_changed_after_it_was_applied_is_refused(earlier: Connection, folder: Path) -> None:
    migrate(earlier, folder)
    with (folder / "0001_baseline.sql").open("a", encoding="utf-8") as file:
        file.write("-- One more line.\n")
    with pytest.raises(PermanentError, match="0001_baseline was changed after it was applied"):
        migrate(earlier, folder)


def test_a_migration_that_fails_leaves_everything_as_it_was(earlier: Connection, folder: Path) -> None:
    (folder / "9998_fails.sql").write_text("DROP TABLE feedback.waiver_task; SELECT 1 / 0;", encoding="utf-8")
    with pytest.raises(psycopg2.DataError):
        migrate(earlier, folder)
    earlier.rollback()
    assert ask(earlier, "SELECT count(*) FROM feedback.waiver_task") == [(0,)]
    assert ask(earlier, "SELECT count(*) FROM public.migration WHERE name ~ '^9998'") == [(0,)]


def test_there_is_a_kept_warehouse_before_each_migration() -> None:
    """Each migration is tested on data from the one before it. With the baseline only, its own warehouse is kept."""
    kept = {path.name[10:14] for path in KEPT}
    numbers = [name[:4] for name in names(MIGRATIONS)]
    assert set(numbers[:-1] or numbers) <= kept


def test_an_open_session_does_not_hold_up_everybody_behind_a_migration(
    earlier: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(earlier, folder)
    (folder / "9999_later.sql").write_text(LATER, encoding="utf-8")
    monkeypatch.setattr(migrations, "_LOCK_SECONDS", 1)
    monkeypatch.setattr(migrations, "_TRIES", 2)
    with closing(psycopg2.connect(earlier.dsn, password=earlier.info.password)) as reader, reader.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM feedback.task")
        with pytest.raises(PermanentError, match="another session keeps a table"):
            migrate(earlier, folder)
        cursor.execute("SELECT count(*) FROM intake.submission")
    assert migrate(earlier, folder) == ["9999_later"]
