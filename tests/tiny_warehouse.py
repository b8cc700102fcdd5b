"""A tiny warehouse, kept as the migrations of its day left it: ``python -m tests.tiny_warehouse``.

It takes made-up returns through the real steps and writes ``tests/golden/warehouse-<newest migration>.sql.gz``: tables,
views, functions and rows. Later migrations start from it, and it must answer the same (``test_migrations_forward``).
It is written again with each new migration, before that migration exists.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import subprocess
import tempfile
import zipfile
from pathlib import Path

from sqlalchemy.engine import make_url

from demo.samples.files import write_samples
from sia.calendar import Quarter, quarters_between
from sia.contract.model import contract
from sia.local import postgres
from sia.warehouse import database
from sia.warehouse.migrate import MIGRATIONS, migrate
from tests.staged import good_rows
from tests.steps import take

GOLDEN = Path(__file__).parent / "golden"
# Sanctuary referrals of 2018/19 were restated: 49 were known in June 2019, 55 in September 2020.
RESTATED = quarters_between(Quarter(2018, 1), Quarter(2018, 4))
NEWEST = Quarter(2021, 4)
_TEMPLATE_RETURNS = ("indicators", "mediation", "odas", "sanctuary", "tvp_counts")
_HEAD = """\
-- A tiny warehouse of made-up returns as {name} left it.
-- Written by python -m tests.tiny_warehouse; never changed.
SET session_replication_role = replica;
"""


def main() -> None:
    """Write the file of the newest migration."""
    newest = max(path.stem for path in MIGRATIONS.glob("[0-9]*.sql"))
    with tempfile.TemporaryDirectory(prefix="sia-tiny-") as place:
        state = Path(place)
        state.chmod(0o755)
        server = postgres.start(state)
        try:
            os.environ |= {"SIA_STATE": place, "SIA_WAREHOUSE_URL": server.ensure_database("tiny")}
            with database.connection() as connection:
                migrate(connection)
            _fill(state / "inbox")
            dumped = _dump(server.database_url("tiny"))
        finally:
            postgres.stop(state)
    text = _HEAD.format(name=newest) + dumped
    (GOLDEN / f"warehouse-{newest[:4]}.sql.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def _fill(inbox: Path) -> None:
    for quarter in (*RESTATED, NEWEST):
        write_samples(inbox, quarter)
        for name in ("sanctuary",) if quarter in RESTATED else _TEMPLATE_RETURNS:
            take(name, quarter.key)
    crimes = inbox / "tvp_crime" / NEWEST.key
    for sample in crimes.rglob("*.zip"):
        sample.unlink()
    (crimes / "synthetic-tiny.zip").write_bytes(_archive())
    take("tvp_crime", NEWEST.key)


def _archive() -> bytes:
    """Two records a month."""
    table = contract("tvp_crime").table("street")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as target:
        for month in NEWEST.months:
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(column.label for column in table.columns)
            for row in good_rows("tvp_crime", "street"):
                writer.writerow((row | {"month": month})[name] for name in table.names)
            target.writestr(f"{month}/{month}-thames-valley-street.csv", text.getvalue())
    return content.getvalue()


def _dump(url: str) -> str:
    address = make_url(url)
    done = subprocess.run(
        [
            str(postgres.bindir() / "pg_dump"),
            "--inserts",
            "--rows-per-insert=200",
            # Whom the objects belong to and who may read them, roles.apply says at each migration.
            "--no-owner",
            "--no-privileges",
            "--no-comments",
            # What is owed is written again at each migration.
            "--exclude-table-data=feedback.expected_return",
        ],
        env={
            **os.environ,
            "PGHOST": str(address.host),
            "PGPORT": str(address.port),
            "PGUSER": str(address.username),
            "PGPASSWORD": str(address.password),
            "PGDATABASE": str(address.database),
        },
        check=True,
        capture_output=True,
        text=True,
    )
    # What begins so is for psql.
    return "".join(line for line in done.stdout.splitlines(keepends=True) if not line.startswith(("\\", "--", "\n")))


if __name__ == "__main__":
    main()
