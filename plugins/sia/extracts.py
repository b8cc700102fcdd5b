"""Extracts: the marts as CSV and Parquet files with a manifest, for analysts who cannot connect to the database.

All files show the same moment. The same warehouse always gives the same bytes: if a checksum differs, a figure or the
software has changed. Small numbers are marked and not hidden, so an extract is not for publication.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from sia.contract.model import contracts
from sia.errors import PermanentError
from sia.storage.landing import fingerprint
from sia.warehouse.facts import dimensions
from sia.warehouse.sql_files import statement

# Each mart with its key, by which its rows are ordered.
MARTS = {
    "marts.observation": ("quarter_key", "measure_id", "area_code"),
    "marts.scorecard": ("quarter_key", "measure_id", "area_code"),
    "marts.scorecard_wide": ("quarter_key", "measure_id", "area_code"),
    "marts.areas_side_by_side": ("quarter_key", "measure_id"),
    "marts.crime_by_neighbourhood": ("month_starts_on", "area_code", "lsoa_code", "lsoa_name", "offence_code"),
    "marts.outcome_by_offence": ("quarter_key", "area_code", "offence_code", "outcome_code"),
    "marts.lsoa": ("lsoa_vintage", "lsoa_code", "district_code"),
    "marts.peer_comparison": ("comparison", "year_to", "offence", "area_code"),
    "marts.homelessness_domestic_abuse": ("quarter_key", "duty", "area_code"),
    "marts.population_by_publication": ("mid_year", "published_with_mid_year", "area_code"),
    "marts.crime_severity": ("year_to", "area_code"),
    "marts.residents": ("quarter_key", "area_code"),
    "marts.small_number_policy": ("measure_id", "in_force"),
    "marts.return_quality": ("quarter_key", "return_name", "source"),
    "marts.sender_question": ("question_id", "starts_on", "component", "area_code", "answered_at"),
    "marts.accepted_submission": ("submission_id",),
    "marts.dim_measure": ("sort_order",),
    "warehouse.dim_area": ("sort_order",),
    "warehouse.dim_quarter": ("quarter_key",),
    "warehouse.dim_return": ("return_name",),
    "warehouse.dim_source": ("source",),
}
# The changes since a day, as views of the session: changed figures, and the returns and publications loaded.
CHANGES = {
    "pg_temp.changes": ("quarter_key", "measure_id", "area_code"),
    "pg_temp.returns_loaded": ("return_name", "source", "starts_on", "loaded_at", "receipt"),
}
NOTE = "For analysts, not for publication: small numbers are marked (small_number) and not suppressed."
_BATCH = 100_000
# Ranges keep PostgreSQL's text form. Numbers become floating point, as readers of Parquet expect.
_TYPES = {
    "text": pa.string(),
    "boolean": pa.bool_(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "numeric": pa.float64(),
    "date": pa.date32(),
    "timestamp with time zone": pa.timestamp("us", "UTC"),
    "daterange": pa.string(),
    "tstzrange": pa.string(),
}


@dataclass(frozen=True, slots=True)
class MartColumn:
    """A column of a mart: its name, its type in PostgreSQL, and its comment."""

    name: str
    type: str
    description: str


@dataclass(frozen=True, slots=True)
class ExtractFile:
    """A file of an extract."""

    name: str
    mart: str
    rows: int
    size_bytes: int
    sha256: str


def marts() -> dict[str, tuple[str, ...]]:
    """Each mart and dimension with its key: those of every warehouse, and the dimensions of the contracts."""
    of_contracts = dimensions(contracts().values())
    return MARTS | {table: (f"{dimension.name}_code",) for table, (_, _, dimension) in of_contracts.items()}


def extract(connection: Connection, folder: Path, since: date | None = None) -> list[ExtractFile]:
    """Write every mart as CSV and as Parquet, a manifest, and ``SHA256SUMS`` for ``sha256sum --check``.

    The files are read-only. They replace those of an earlier extract once all are written.

    Args:
        connection: to the warehouse.
        folder: the folder for the files.
        since: also write ``changes``, the figures that have changed since the start of this day, and
            ``returns_loaded``, the returns and publications that were loaded since.

    Raises:
        PermanentError: a mart has a column of a type that extracts do not support.
    """
    connection.rollback()
    extracted = marts()
    if since is not None:
        connection.set_session(readonly=False)
        with connection, connection.cursor() as cursor:
            cursor.execute(statement("marts/changes"), {"since": since})
        extracted |= CHANGES
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".new-") as new:
        new_files = Path(new)
        files: list[ExtractFile] = []
        described = {}
        for mart, key in extracted.items():
            described[mart] = _columns(connection, mart)
            files += _write(connection, mart, described[mart], key, new_files)
        manifest = {
            "note": NOTE,
            **_newest_return(connection),
            **({"changes_since": since.isoformat()} if since else {}),
            "files": [asdict(file) for file in files],
            "columns": {mart: [asdict(column) for column in columns] for mart, columns in described.items()},
        }
        text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
        (new_files / "manifest.json").write_text(text, encoding="utf-8")
        sums = [f"{fingerprint(path)[0]}  {path.name}\n" for path in sorted(new_files.iterdir())]
        (new_files / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
        for path in sorted(new_files.iterdir()):
            path.chmod(0o444)
            path.replace(folder / path.name)
        if since is None:
            # The changes of an earlier extract have no checksum in this one.
            for view in CHANGES:
                for ending in ("csv", "parquet"):
                    (folder / f"{view.partition('.')[2]}.{ending}").unlink(missing_ok=True)
    connection.rollback()
    return files


def _columns(connection: Connection, mart: str) -> list[MartColumn]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, format_type(atttypid, NULL), coalesce(col_description(attrelid, attnum), '')"
            " FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            (mart,),
        )
        columns = [MartColumn(*row) for row in cursor.fetchall()]
    if unknown := [f"{column.name} ({column.type})" for column in columns if column.type not in _TYPES]:
        raise PermanentError(f"An extract does not support these columns of {mart}: {', '.join(unknown)}")
    return columns


def _write(
    connection: Connection, mart: str, columns: Sequence[MartColumn], key: Sequence[str], folder: Path
) -> Iterator[ExtractFile]:
    name = mart.partition(".")[2]
    with (folder / f"{name}.csv").open("wb") as file, connection.cursor() as cursor:
        query = _select(mart, columns, key, words=True).as_string(cursor)
        cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER true, ENCODING 'UTF8')", file)
        rows = int(cursor.rowcount)
    schema = pa.schema([pa.field(c.name, _TYPES[c.type], metadata={"description": c.description}) for c in columns])
    with (
        pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd") as writer,
        connection.cursor(name="extract") as cursor,
    ):
        cursor.itersize = _BATCH
        cursor.execute(_select(mart, columns, key, words=False))
        while batch := cursor.fetchmany(_BATCH):
            writer.write_table(_table(batch, schema))
    for path in (folder / f"{name}.csv", folder / f"{name}.parquet"):
        yield ExtractFile(path.name, mart, rows, path.stat().st_size, fingerprint(path)[0])


def _select(mart: str, columns: Sequence[MartColumn], key: Sequence[str], *, words: bool) -> sql.Composed:
    """The query of a mart, with numbers that end with their last digit.

    For CSV (``words``), true is not ``t``, and a text that a spreadsheet program would run as a formula begins with an
    apostrophe.
    """

    def shown(column: MartColumn) -> sql.Composable:
        name = sql.Identifier(column.name)
        if column.type == "daterange" or (words and column.type == "boolean"):
            return sql.SQL("{0}::text AS {0}").format(name)
        if words and column.type == "text":
            return sql.SQL("CASE WHEN {0} ~ '^[-=+@[:cntrl:]]' THEN concat(chr(39), {0}) ELSE {0} END AS {0}").format(
                name
            )
        if column.type == "numeric":
            return sql.SQL("trim_scale({0}) AS {0}").format(name)
        return name

    # "C" orders by code point, which is the same on every server.
    order = sql.SQL(", ").join(
        sql.SQL('{} COLLATE "C"' if column.type == "text" else "{}").format(sql.Identifier("m", column.name))
        for column in sorted((c for c in columns if c.name in key), key=lambda c: key.index(c.name))
    )
    return sql.SQL("SELECT {} FROM {} AS m ORDER BY {}").format(
        sql.SQL(", ").join(map(shown, columns)), sql.Identifier(*mart.split(".")), order
    )


def _table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    values = zip(*rows, strict=True)
    return pa.table(
        [
            pa.array([None if v is None else float(v) for v in column] if pa.types.is_floating(field.type) else column,
                     field.type)
            for column, field in zip(values, schema, strict=True)
        ],
        schema=schema,
    )  # fmt: skip


def _newest_return(connection: Connection) -> dict[str, Any]:
    """When the newest return was received, its submission, and whether any return is synthetic."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (max(received_at) AT TIME ZONE 'Europe/London')::date::text, coalesce(bool_or(synthetic), false),"
            " coalesce(max(submission_id), 0) FROM marts.accepted_submission"
        )
        received_on, synthetic, newest = cursor.fetchone() or (None, False, 0)
    return {"newest_return_received_on": received_on, "newest_submission": newest, "synthetic": synthetic}
