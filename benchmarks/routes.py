"""Four ways to load police rows into PostgreSQL. Each run is a separate process, to measure its peak memory.

``python -m benchmarks.routes ROUTE ROWS FOLDER`` runs a route on ``SIA_WAREHOUSE_URL``. It prints JSON: the seconds for
each step, the process's peak memory and the seconds for imports.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg2 import sql

from benchmarks import police
from sia.calendar import Quarter
from sia.contract.model import contract
from sia.intake.stage import stage
from sia.warehouse import database
from sia.warehouse.load import load

CHUNK = 100_000
_TABLE = contract("tvp_crime").table("street")
_QUARTER = Quarter(2021, 4)


class Clock:
    """Seconds by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add the time spent inside to a step. A step may be entered several times."""
        began = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began


def floor(rows: int, folder: Path, clock: Clock) -> None:
    """COPY the CSV into an unlogged table of text: the fastest way into PostgreSQL."""
    _, table = police.files(folder, rows)
    with database.connection() as connection, connection.cursor() as cursor, table.open("rb") as file:
        cursor.execute(_create("UNLOGGED", ["text"] * len(_TABLE.stored)))
        with clock.step("copy"):
            cursor.copy_expert("COPY street FROM STDIN (FORMAT csv, HEADER)", file, size=1 << 19)
            connection.commit()


def ours(rows: int, folder: Path, clock: Clock, quarter: Quarter | None = None) -> None:
    """The project's own steps on the archive: stage, validate, load. ``quarter`` is as in ``police.files``."""
    with clock.step("import"):
        from sia.quality.validate import validate
    archive, _ = police.files(folder, rows, quarter)
    with database.connection() as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO intake.submission (receipt, return_name, source, quarter_key, file_name, landed_as, "
                "content_hash, size_bytes, received_at) VALUES (%(name)s, 'tvp_crime', 'thames_valley_police', "
                "%(quarter)s, 'police.zip', %(name)s, encode(sha256(convert_to(%(name)s, 'UTF8')), 'hex'), 1, "
                "clock_timestamp()) RETURNING submission_id",
                {"name": archive.name, "quarter": (quarter or _QUARTER).key},
            )
            submission_id: int = cursor.fetchone()[0]
        with clock.step("stage"):
            stage(connection, submission_id, str(folder))
        with clock.step("validate"):
            validate(connection, submission_id)
        with clock.step("load"):
            load(connection, submission_id)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT s.status, a.rows_loaded FROM intake.submission AS s "
                "INNER JOIN quality.row_reconciliation AS a USING (submission_id) WHERE s.submission_id = %s",
                (submission_id,),
            )
            if cursor.fetchone() != ("accepted", rows):
                raise RuntimeError("some rows were not accepted, so the times mean nothing")


def plain(rows: int, folder: Path, clock: Clock) -> None:
    """The best simple alternative: pandas in chunks, Great Expectations on each frame, COPY."""
    with clock.step("import"):
        import pandas as pd

        from benchmarks.frames import Frames
    _, table = police.files(folder, rows)
    with clock.step("validate"):
        frames = Frames()
    with database.connection() as connection, connection.cursor() as cursor:
        cursor.execute(_create("", _types()))
        with clock.step("read"):
            chunks = iter(pd.read_csv(table, names=list(_TABLE.names), header=0, dtype=str, chunksize=CHUNK))
        while True:
            with clock.step("read"):
                chunk = next(chunks, None)
            if chunk is None:
                break
            with clock.step("validate"):
                frames.check(chunk)
            with clock.step("load"):
                buffer = io.StringIO()
                chunk.to_csv(buffer, index=False, header=False)
                buffer.seek(0)
                cursor.copy_expert("COPY street FROM STDIN (FORMAT csv)", buffer)
        connection.commit()


def naive(rows: int, folder: Path, clock: Clock) -> None:
    """The obvious first version: read_csv, Great Expectations on the frame, to_sql."""
    with clock.step("import"):
        import pandas as pd
        import sqlalchemy

        from benchmarks.frames import Frames
    _, table = police.files(folder, rows)
    with clock.step("read"):
        frame = pd.read_csv(table, names=list(_TABLE.names), header=0, dtype=str)
    with clock.step("validate"):
        Frames().check(frame)
    engine = sqlalchemy.create_engine(database.url())
    with clock.step("load"):
        frame.to_sql("street", engine, index=False)
    engine.dispose()


ROUTES: dict[str, Callable[[int, Path, Clock], None]] = {"floor": floor, "ours": ours, "plain": plain, "naive": naive}


def _create(kind: str, types: list[str]) -> sql.Composed:
    columns = [sql.SQL("{} {}").format(sql.Identifier(n), sql.SQL(t)) for n, t in zip(_TABLE.names, types, strict=True)]
    return sql.SQL("CREATE {} TABLE street ({})").format(sql.SQL(kind), sql.SQL(", ").join(columns))


def _types() -> list[str]:
    return [{"month": "date", "longitude": "numeric", "latitude": "numeric"}.get(name, "text") for name in _TABLE.names]


def main() -> None:
    """Run a route once and print its times and memory."""
    route, rows, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    clock = Clock()
    ROUTES[route](rows, folder, clock)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    imported = clock.seconds.pop("import", 0.0)
    print(json.dumps({"steps": clock.seconds, "megabytes": megabytes, "import": imported}))


if __name__ == "__main__":
    main()
