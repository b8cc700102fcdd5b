"""How long analysts wait with fifteen years of data: ``python -m benchmarks.analysts``, part of ``make bench``.

It times the scorecard's queries, as known today and on an earlier day, and the twelve questions of
``docs/analysts.md``. It also times the questions about crime on a raw table of text. ``--rows`` sets the size;
``--save`` writes the tables to ``benchmarks/results-analysts.md``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from benchmarks import partitioned, police
from benchmarks.fifteen_years import QUARTERS, RESTATED_EVERY, NewQuarter, build
from benchmarks.server import connected, machine, own_server, show_progress
from sia.calendar import Quarter
from sia.dictionary.analyst_questions import questions
from sia.local import postgres
from sia.paths import PROJECT
from sia.scorecard.amounts import lookback_quarters
from sia.warehouse import database
from sia.warehouse.migrate import migrate
from sia.warehouse.sql_files import statement

ROWS = 20_000_000
RUNS = 20
_DATABASE = "benchmark_analysts"
_QUARTER = Quarter(2024, 4)
_TODAY = "infinity"
# A day on which nearly all rows were known, so that a query about the past reads as many rows.
_THEN = "2025-06-15"
_CARD = ("observations", "months", "population", "returns", "revisions")

# The questions about crime, as queries on the marts and on the raw table of text.
_DISTRICTS = """
    CASE left(lsoa_name, -5)
        WHEN 'Cherwell' THEN 'Cherwell CSP'
        WHEN 'Oxford' THEN 'Oxford City CSP'
        WHEN 'South Oxfordshire' THEN 'South and Vale CSP'
        WHEN 'Vale of White Horse' THEN 'South and Vale CSP'
        WHEN 'West Oxfordshire' THEN 'West Oxfordshire CSP'
    END"""


@dataclass(frozen=True)
class Question:
    """A question in words, its query on the marts, and its query on the raw table if there is one."""

    words: str
    marts: str
    raw: str | None = None


@dataclass(frozen=True)
class Timing:
    """Seconds over several runs of a query."""

    median: float
    p95: float


ABOUT_CRIME = (
    Question(
        "Crimes by partnership in 2021/22, and the year before (question 1)",
        "SELECT area_name, year_value, year_before_value FROM marts.scorecard"
        " WHERE measure_id = 'street_crime' AND quarter_key = '2021-22Q4' AND area_code LIKE 'CSP-%'",
        f"SELECT {_DISTRICTS} AS area_name, count(*) FILTER (WHERE month >= '2021-04'),"
        " count(*) FILTER (WHERE month < '2021-04') FROM public.street"
        " WHERE crime_type <> 'Anti-social behaviour' AND month BETWEEN '2020-04' AND '2022-03' GROUP BY 1",
    ),
    Question(
        "Rate of crime by partnership in a quarter (question 2)",
        "SELECT area_name, numerator, residents, round(rate_per_1000, 1) FROM marts.scorecard_wide"
        " WHERE measure_id = 'street_crime' AND quarter_key = '2021-22Q4' AND area_type IN ('csp', 'county')",
        f"SELECT {_DISTRICTS} AS area_name, count(*) FROM public.street"
        " WHERE crime_type <> 'Anti-social behaviour' AND month BETWEEN '2022-01' AND '2022-03' GROUP BY 1",
    ),
    Question(
        "Anti-social behaviour in Oxford, month by month (question 9)",
        "SELECT starts_on, value FROM marts.component_total_today"
        " WHERE return_name = 'tvp_crime' AND component = 'anti_social_behaviour' AND area_code = 'E07000178'"
        " AND quarter_key LIKE '2021-22%' ORDER BY 1",
        "SELECT month, count(*) FROM public.street WHERE crime_type = 'Anti-social behaviour'"
        " AND lsoa_name LIKE 'Oxford ____' AND month BETWEEN '2021-04' AND '2022-03' GROUP BY 1 ORDER BY 1",
    ),
    Question(
        "Neighbourhoods of Oxford with most shoplifting in a quarter (question 10)",
        "SELECT lsoa_name, sum(records) AS records FROM marts.crime_by_neighbourhood WHERE offence_code = 'shoplifting'"
        " AND area_code = 'E07000178' AND quarter_key = '2021-22Q4' GROUP BY lsoa_code, lsoa_name"
        " ORDER BY records DESC, lsoa_name LIMIT 5",
        "SELECT lsoa_name, count(*) AS records FROM public.street WHERE crime_type = 'Shoplifting'"
        " AND lsoa_name LIKE 'Oxford ____' AND month BETWEEN '2022-01' AND '2022-03' GROUP BY lsoa_code, lsoa_name"
        " ORDER BY records DESC, lsoa_name LIMIT 5",
    ),
)


def main() -> None:
    """Build the warehouse, time the queries and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.analysts", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of crime")
    parser.add_argument("--runs", type=int, default=RUNS, help="how often each question is asked")
    parser.add_argument("--save", action="store_true", help="write the tables to benchmarks/results-analysts.md")
    chosen = parser.parse_args()
    with own_server() as (server, folder, version):
        text = "\n".join([machine(version), "", *measure(server, folder, chosen.rows, chosen.runs)])
    print(text)
    if chosen.save:
        results = PROJECT / "benchmarks" / "results-analysts.md"
        results.write_text(f"# Benchmarks: analysts' questions\n\n{text}\n", encoding="utf-8")


def measure(server: postgres.Server, folder: Path, rows: int, runs: int) -> list[str]:
    """Build a warehouse with ``rows`` rows of crime, and time the queries. Returns the lines of the tables."""
    name = sql.Identifier(_DATABASE)
    with connected(server.url) as owner, owner.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
    os.environ["SIA_WAREHOUSE_URL"] = server.ensure_database(_DATABASE)
    try:
        with database.connection() as connection:
            migrate(connection)
            show_progress(f"{rows:>10,} rows of crime over {len(QUARTERS) // 4} years")
            after_one_year, after_fifteen = build(connection, folder, rows)
            return [
                *_sizes(connection),
                "",
                *_new_quarter(after_one_year, after_fifteen),
                "",
                *_questions(connection, runs),
                "",
                *_card(connection, runs),
                "",
                *_partitioned(connection, runs),
            ]
    finally:
        with connected(server.url) as owner, owner.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def _ask(
    connection: Connection, query: str | sql.Composable, runs: int, parameters: Mapping[str, object] | None = None
) -> Timing:
    seconds = []
    with connection.cursor() as cursor:
        cursor.execute("SET search_path = marts, warehouse, public")
        for _ in range(runs + 1):
            began = time.perf_counter()
            cursor.execute(query, parameters)
            cursor.fetchall()
            seconds.append(time.perf_counter() - began)
    connection.rollback()
    # The first run fills the caches.
    kept = sorted(seconds[1:])
    return Timing(statistics.median(kept), kept[min(len(kept) - 1, round(0.95 * len(kept)))])


def _sizes(connection: Connection) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM warehouse.street_crime), (SELECT count(*) FROM public.street),"
            " (SELECT count(*) FROM marts.component_total), (SELECT count(*) FROM warehouse.return_version),"
            " pg_total_relation_size('warehouse.street_crime') >> 20, pg_total_relation_size('public.street') >> 20"
        )
        crimes, today, totals, versions, megabytes, raw_megabytes = cursor.fetchone() or (0,) * 6
    connection.rollback()
    return [
        f"A warehouse of {len(QUARTERS) // 4} years ({police.source()}): {crimes:,} rows of crime ({megabytes:,} MB),",
        f"of which {today:,} are current; every {RESTATED_EVERY}th quarter was restated. {versions:,} return versions,",
        f"{totals:,} component totals. The project's steps loaded the months once, and SQL copied them. The other",
        "returns are the samples. The raw table has the current rows as text, without keys or indexes",
        f"({raw_megabytes:,} MB). Caches are warm.",
    ]


def _new_quarter(first: NewQuarter, last: NewQuarter) -> list[str]:
    lines = [
        f"A new quarter of {first.rows:,} rows in the project's own steps. Load also refreshes the marts.",
        "Medians of three loads: the quarter, and two restatements; after one year, and after fifteen.",
        "Stage reads no earlier rows, so its difference is the machine's.",
        "",
        f"| step | {first.rows_before:,} rows before: ms | {last.rows_before:,} rows before: ms | times |",
        "| --- | --: | --: | --: |",
    ]
    for step, seconds in first.seconds.items():
        lines.append(f"| {step} | {_ms(seconds)} | {_ms(last.seconds[step])} | {last.seconds[step] / seconds:.2f} |")
    return lines


def _questions(connection: Connection, runs: int) -> list[str]:
    lines = [
        f"Questions, each asked {runs} times. The first twelve are in docs/analysts.md.",
        "",
        "| question | median ms | 95th percentile ms | raw table: median ms | 95th | times faster |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    twelve = [Question(f"{listed.number}. {listed.title}", listed.sql) for listed in questions()]
    for question in (*twelve, *ABOUT_CRIME):
        show_progress(question.words)
        ours = _ask(connection, question.marts, runs)
        cells = [question.words, _ms(ours.median), _ms(ours.p95)]
        if question.raw is None:
            cells += ["", "", ""]
        else:
            # Every scan of the whole table takes about the same time, so three runs are enough.
            raw = _ask(connection, question.raw, min(runs, 3))
            cells += [_ms(raw.median), _ms(raw.p95), f"{raw.median / ours.median:,.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _card(connection: Connection, runs: int) -> list[str]:
    window = {"first": lookback_quarters(_QUARTER)[0].key, "last": _QUARTER.key}
    lines = [
        f"The scorecard's queries ({_QUARTER.label} and the earlier quarters that it needs), and all observations.",
        "",
        f"| query | today: median ms | 95th | as known on {_THEN}: median ms | 95th | times today's |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    queries = {f"marts/read_{name}": statement(f"marts/read_{name}") for name in _CARD}
    queries["every observation"] = "SELECT * FROM marts.observation_known_at(%(known_at)s)"
    queries["one measure and area"] = (
        "SELECT * FROM marts.observation_known_at(%(known_at)s)"
        " WHERE measure_id = 'street_crime' AND area_code = 'CSP-OXFORD'"
    )
    for words, query in queries.items():
        show_progress(words)
        today, then = (_ask(connection, query, runs, {**window, "known_at": when}) for when in (_TODAY, _THEN))
        cells = [
            _ms(today.median),
            _ms(today.p95),
            _ms(then.median),
            _ms(then.p95),
            f"{then.median / today.median:.2f}",
        ]
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return lines


def _partitioned(connection: Connection, runs: int) -> list[str]:
    lines = [
        "The crimes in one table, and partitioned by calendar year with the same index in each partition. Queries on",
        "both name the months, so that PostgreSQL can skip the other years.",
        "",
        "| query | one table: median ms | 95th | by year: median ms | 95th | times |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    show_progress("partitioning the crimes by year")
    partitioned.build(connection)
    for words, query in partitioned.QUESTIONS.items():
        show_progress(words)
        whole, by_year = (
            _ask(connection, sql.SQL(query).format(crimes=sql.Identifier(*table)), min(runs, 7))
            for table in (("warehouse", "tvp_crime"), partitioned.TABLE)
        )
        cells = [_ms(whole.median), _ms(whole.p95), _ms(by_year.median), _ms(by_year.p95)]
        lines.append(f"| {words} | {' | '.join(cells)} | {by_year.median / whole.median:.2f} |")
    return lines


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:,.1f}"


if __name__ == "__main__":
    main()
