"""A warehouse that an earlier release left, with data, is brought up to date and answers as it did."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from sia.local import postgres
from sia.paths import SQL
from sia.warehouse import database, invariants
from sia.warehouse.migrate import migrate

GOLDEN = Path(__file__).parents[1] / "golden"
KEPT = sorted(GOLDEN.glob("warehouse-*.sql"))
BY_HAND = GOLDEN / "few-rows.sql"
# A day before the restatement of 2018/19, a day after it, and now.
TIMES = ("2019-06-18 17:00 Europe/London", "2020-09-21 17:00 Europe/London", "infinity")
Rows = list[tuple[Any, ...]]


def migrations(until: str) -> list[Path]:
    return [path for path in sorted((SQL / "migrations").glob("[0-9]*.sql")) if path.stem[:4] <= until]


@pytest.fixture(params=KEPT, ids=lambda path: path.stem)
def earlier(request: pytest.FixtureRequest, server: postgres.Server) -> Iterator[Connection]:
    """A database as a release left it: its migrations, which are never changed, and what it held."""
    with made(server, request.param.stem[-4:], request.param) as connection:
        yield connection


@contextmanager
def made(server: postgres.Server, newest: str, held: Path) -> Iterator[Connection]:
    """A database with the migrations until one, and what a file says that it held."""
    name = f"earlier_{newest}"
    server.ensure_database(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIA_WAREHOUSE_URL", server.database_url(name))
        connection = database.connect()
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE public.migration (name text PRIMARY KEY, content_hash text NOT NULL,"
                " applied_at timestamptz NOT NULL DEFAULT now())"
            )
            for path in migrations(until=newest):
                cursor.execute(path.read_text(encoding="utf-8"))
            cursor.execute(held.read_text(encoding="utf-8"))
        connection.close()
        connection = database.connect()
        yield connection
        connection.close()
    with closing(psycopg2.connect(server.url)) as owner:
        owner.autocommit = True
        with owner.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def ask(connection: Connection, question: str, *values: object) -> Rows:
    with connection, connection.cursor() as cursor:
        cursor.execute(question, values)
        return list(cursor.fetchall())


def counts(connection: Connection) -> dict[str, int]:
    """Rows of every table in which history is kept."""
    tables = ask(
        connection,
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
        " AND table_schema IN ('intake', 'quality', 'warehouse', 'marts', 'release')"
        " AND table_name !~ '^dim_|^rule$|^area_member$|^population$'",
    )
    count = sql.SQL("SELECT count(*) FROM {}")
    found = {}
    with connection, connection.cursor() as cursor:
        for schema, table in tables:
            cursor.execute(count.format(sql.Identifier(schema, table)))
            found[f"{schema}.{table}"] = cursor.fetchone()[0]  # type: ignore[index]
    return found


def observations(connection: Connection) -> dict[tuple[str, str, str, str], tuple[Any, ...]]:
    """Every observation, as known at each of the times."""
    question = (
        "SELECT measure_id, area_code, quarter_key, numerator, denominator, complete"
        " FROM marts.observation_known_on(%s)"
    )
    return {(known_at, *row[:3]): row[3:] for known_at in TIMES for row in ask(connection, question, known_at)}


def history(connection: Connection) -> str:
    """A hash of what was held, when it was known, and what each holding counts."""
    rows = ask(
        connection,
        "SELECT h.return_name, h.source, h.submission_id, h.period, h.known_during, t.component, t.area_code,"
        " t.starts_on,"
        " t.amount FROM warehouse.return_version AS h INNER JOIN marts.component_total AS t ON"
        " h.return_version_id = t.return_version_id"
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
            "SELECT sum(numerator) FROM marts.observation_known_on(%s) WHERE measure_id = 'sanctuary_referrals'"
            " AND area_code = 'CSP-SOUTH-VALE' AND quarter_key LIKE '2018-19%%'",
            known_at,
        )
    ]


def test_an_earlier_release_s_warehouse_answers_as_it_did(earlier: Connection) -> None:
    before = counts(earlier), observations(earlier), history(earlier)
    assert before[0]["intake.submission"] > 8
    assert before[0]["warehouse.tvp_crime"] == 6
    assert len(before[1]) > 1000
    # Published in the Board's papers of June 2019 and September 2020.
    assert referrals(earlier) == [49, 55, 55]

    had = [name for (name,) in ask(earlier, "SELECT name FROM public.migration")]
    applied = migrate(earlier)

    newest = [path.stem for path in migrations(until="9999")]
    assert had
    assert sorted([*had, *applied]) == newest
    assert [name for (name,) in ask(earlier, "SELECT name FROM public.migration ORDER BY name")] == newest
    after = counts(earlier), observations(earlier), history(earlier)
    assert {table: after[0][table] for table in before[0]} == before[0]
    assert {key: after[1].get(key) for key in before[1]} == before[1]
    assert after[2] == before[2]
    assert referrals(earlier) == [49, 55, 55]
    assert [broken for broken in invariants.run(earlier) if broken.severity.value == "critical"] == []
    assert migrate(earlier) == []


# Where letters began, where waivers did, and before amounts said their unit.
@pytest.mark.parametrize("newest", ["0005", "0009", "0018"])
def test_a_few_rows_come_through_every_migration(server: postgres.Server, newest: str) -> None:
    with made(server, newest, BY_HAND) as connection:
        with connection, connection.cursor() as cursor:
            for path in migrations(until=newest):
                cursor.execute(
                    "INSERT INTO public.migration (name, content_hash) VALUES (%s, %s)",
                    (path.stem, hashlib.sha256(path.read_bytes()).hexdigest()),
                )
        before = counts(connection), history(connection)
        assert referrals(connection) == [49, 55, 55]

        migrate(connection)

        after = counts(connection), history(connection)
        assert {table: after[0][table] for table in before[0]} == before[0]
        assert after[1] == before[1]
        assert referrals(connection) == [49, 55, 55]
        assert ask(connection, "SELECT sum(works_cost_gbp) FROM warehouse.sanctuary_job_today") == [(55 * 86.5,)]
        assert ask(connection, "SELECT kind, state FROM feedback.letter ORDER BY kind") == [
            ("accepted", "sent"), ("digest", "queued"), ("refused", "sent"),
        ]  # fmt: skip
        assert ask(connection, "SELECT count(*) FROM quality.judged_finding") == [(1,)]


def test_a_warehouse_of_an_earlier_release_is_kept() -> None:
    assert KEPT
