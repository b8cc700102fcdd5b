"""What analysts wait for after fifteen years: ``python -m benchmarks.analysts``, and the last part of ``make bench``.

The scorecard's own queries, today and as known, and the twelve questions of ``docs/analysts.md``; those about crime
once more on the crime-level files, where the same question can be put to the raw table. ``--rows`` sets the size,
``--save`` writes what is printed to ``benchmarks/results-analysts.md``.
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
from benchmarks.ground import connected, machine, own_server, say
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
# A day on which nearly all was known, so that the past costs no less for being short.
_THEN = "2025-06-15"
_CARD = ("observations", "months", "population", "returns", "revisions")

# The questions about crime, put to the crime-level files: in the marts, and to the raw table of text.
_DISTRICTS = """
    CASE left(lsoa_name, -5)
        WHEN 'Cherwell' THEN 'Cherwell CSP'
        WHEN 'Oxford' THEN 'Oxford City CSP'
        WHEN 'South Oxfordshire' THEN 'South and Vale CSP'
        WHEN 'Vale of White Horse' THEN 'South and Vale CSP'
        WHEN 'West Oxfordshire' THEN 'West Oxfordshire CSP'
    END"""


@dataclass(frozen=True)
class Asked:
    """One question: its words, its statement on the marts, and on the raw table where it can be put to it."""

    words: str
    marts: str
    raw: str | None = None


@dataclass(frozen=True)
class Took:
    """Seconds of some runs of one statement."""

    median: float
    p95: float


ABOUT_CRIME = (
    Asked(
        "Crimes by partnership in 2021/22, and the year before (question 1)",
        "SELECT area_name, year_value, year_before_value FROM marts.scorecard"
        " WHERE measure_id = 'street_crime' AND quarter_key = '2021-22Q4' AND area_code LIKE 'CSP-%'",
        f"SELECT {_DISTRICTS} AS area_name, count(*) FILTER (WHERE month >= '2021-04'),"
        " count(*) FILTER (WHERE month < '2021-04') FROM public.street"
        " WHERE crime_type <> 'Anti-social behaviour' AND month BETWEEN '2020-04' AND '2022-03' GROUP BY 1",
    ),
    Asked(
        "Rate of crime by partnership in a quarter (question 2)",
        "SELECT area_name, numerator, residents, round(rate_per_1000, 1) FROM marts.scorecard_wide"
        " WHERE measure_id = 'street_crime' AND quarter_key = '2021-22Q4' AND area_type IN ('csp', 'county')",
        f"SELECT {_DISTRICTS} AS area_name, count(*) FROM public.street"
        " WHERE crime_type <> 'Anti-social behaviour' AND month BETWEEN '2022-01' AND '2022-03' GROUP BY 1",
    ),
    Asked(
        "Anti-social behaviour in Oxford, month by month (question 9)",
        "SELECT starts_on, value FROM marts.component_total_today WHERE return_name = 'tvp_crime'"
        " AND counted = 'anti_social_behaviour' AND area_code = 'E07000178' AND quarter_key LIKE '2021-22%' ORDER BY 1",
        "SELECT month, count(*) FROM public.street WHERE crime_type = 'Anti-social behaviour'"
        " AND lsoa_name LIKE 'Oxford ____' AND month BETWEEN '2021-04' AND '2022-03' GROUP BY 1 ORDER BY 1",
    ),
    Asked(
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
    """Build the warehouse, ask, and print."""
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
    """Build a warehouse of so many rows, and measure; the tables."""
    name = sql.Identifier(_DATABASE)
    with connected(server.url) as owner, owner.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
    os.environ["SIA_WAREHOUSE_URL"] = server.ensure_database(_DATABASE)
    try:
        with database.connection() as connection:
            migrate(connection)
            say(f"{rows:>10,} rows of crime over {len(QUARTERS) // 4} years")
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
) -> Took:
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
    return Took(statistics.median(kept), kept[min(len(kept) - 1, round(0.95 * len(kept)))])


def _sizes(connection: Connection) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM warehouse.street_crime), (SELECT count(*) FROM public.street),"
            " (SELECT count(*) FROM marts.component_total), (SELECT count(*) FROM warehouse.return_version),"
            " pg_total_relation_size('warehouse.street_crime') >> 20, pg_total_relation_size('public.street') >> 20"
        )
        crimes, today, tally, holdings, megabytes, raw_megabytes = cursor.fetchone() or (0,) * 6
    connection.rollback()
    return [
        f"A warehouse of {len(QUARTERS) // 4} years ({police.source()}): {crimes:,} rows of crime ({megabytes:,} MB),",
        f"of which {today:,} are held today, every {RESTATED_EVERY}th quarter having been sent twice; {holdings:,}",
        f"holdings, {tally:,} tallies. The months were loaded once by the project's steps and multiplied in the",
        "database; the other returns are the samples. The raw table is what is held today as text, without keys or",
        f"indexes ({raw_megabytes:,} MB). Caches are warm.",
    ]


def _new_quarter(first: NewQuarter, last: NewQuarter) -> list[str]:
    lines = [
        f"A new quarter of {first.rows:,} rows by the project's own steps, of which load refreshes the marts.",
        "Median of three: the quarter, and the same restated twice; after one year, and after fifteen.",
        "Stage reads nothing of what is held: what it differs by is the machine's own.",
        "",
        f"| step | {first.rows_held:,} rows held: ms | {last.rows_held:,} rows held: ms | times |",
        "| --- | --: | --: | --: |",
    ]
    for step, seconds in first.seconds.items():
        lines.append(f"| {step} | {_ms(seconds)} | {_ms(last.seconds[step])} | {last.seconds[step] / seconds:.2f} |")
    return lines


def _questions(connection: Connection, runs: int) -> list[str]:
    lines = [
        f"Questions, each asked {runs} times. The twelve are those of docs/analysts.md as they stand there.",
        "",
        "| question | median ms | 95th percentile ms | raw table: median ms | 95th | times faster |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    twelve = [Asked(f"{one.number}. {one.title}", one.sql) for one in questions()]
    for asked in (*twelve, *ABOUT_CRIME):
        say(asked.words)
        ours = _ask(connection, asked.marts, runs)
        cells = [asked.words, _ms(ours.median), _ms(ours.p95)]
        if asked.raw is None:
            cells += ["", "", ""]
        else:
            # A scan of the whole table is as slow every time.
            raw = _ask(connection, asked.raw, min(runs, 3))
            cells += [_ms(raw.median), _ms(raw.p95), f"{raw.median / ours.median:,.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _card(connection: Connection, runs: int) -> list[str]:
    window = {"first": lookback_quarters(_QUARTER)[0].key, "last": _QUARTER.key}
    lines = [
        f"What a scorecard reads ({_QUARTER.label} and the quarters on which it looks back), and all observations.",
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
        say(words)
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
        "The crimes as they are, and partitioned by calendar year with the same index in each. The questions give the",
        "months too, by which a year is told, to both.",
        "",
        "| question | as they are: median ms | 95th | by year: median ms | 95th | times |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    say("the crimes once more, by year")
    partitioned.build(connection)
    for words, query in partitioned.QUESTIONS.items():
        say(words)
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
