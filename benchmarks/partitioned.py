"""Would it help to partition the crimes by year? The same rows, partitioned, and queries that read them.

``benchmarks.analysts`` uses this module. Only these queries read the crimes: all others read component totals. The
queries also name the months of a quarter, so that PostgreSQL can skip the other years.
"""

from __future__ import annotations

from pathlib import Path

from psycopg2.extensions import connection as Connection

TABLE = ("public", "crime_by_year")

_CURRENT = """
    INNER JOIN warehouse.return_version AS h
        ON c.return_version_id = h.return_version_id AND upper_inf(h.known_during)"""
_QUARTER = """
    c.return_version_id = ANY(ARRAY(
        SELECT return_version_id FROM warehouse.return_version
        WHERE return_name = 'tvp_crime' AND upper_inf(known_during) AND period <@ daterange('2021-10-01', '2022-01-01')
    ))
    AND c.month_starts_on BETWEEN '2021-10-01' AND '2021-12-01'"""

QUESTIONS = {
    "Neighbourhoods of a district by shoplifting in a quarter": f"""
        SELECT c.lsoa_name, count(*) AS records FROM {{crimes}} AS c
        WHERE {_QUARTER} AND c.offence_code = 'shoplifting' AND c.area_code = 'E07000178'
        GROUP BY c.lsoa_code, c.lsoa_name ORDER BY records DESC, c.lsoa_name LIMIT 5""",
    "Counts of a quarter by area and offence, as for component totals": f"""
        SELECT c.return_version_id, c.area_code, c.offence_code, count(*) FROM {{crimes}} AS c
        WHERE {_QUARTER} GROUP BY c.return_version_id, c.area_code, c.offence_code""",
    "Two years of one offence, by month": f"""
        SELECT c.month_starts_on, count(*) FROM {{crimes}} AS c {_CURRENT}
        WHERE c.offence_code = 'burglary' AND c.month_starts_on BETWEEN '2020-01-01' AND '2021-12-01'
        GROUP BY c.month_starts_on ORDER BY c.month_starts_on""",
    "Fifteen years of one offence, by month": f"""
        SELECT c.month_starts_on, count(*) FROM {{crimes}} AS c {_CURRENT}
        WHERE c.offence_code = 'burglary' GROUP BY c.month_starts_on ORDER BY c.month_starts_on""",
    "Another quarter, as load adds it (rolled back)": f"""
        WITH added AS (
            INSERT INTO {{crimes}}
            SELECT
                -c.return_version_id, c.row_number, c.month_starts_on, c.area_code, c.offence_code,
                c.last_outcome, c.crime_id,
                c.longitude, c.latitude, c.location, c.lsoa_code, c.lsoa_name
            FROM warehouse.street_crime AS c WHERE {_QUARTER}
            RETURNING return_version_id
        )
        SELECT count(*) FROM added""",
}


def build(connection: Connection) -> None:
    """Copy the crimes into ``public.crime_by_year``."""
    statement = (Path(__file__).parent / "sql" / "crime_by_year.sql").read_text(encoding="utf-8")
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) public.crime_by_year")
    connection.autocommit = False
