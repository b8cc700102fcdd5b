"""Check a return before it is sent: the pipeline's own steps, in a database that is dropped afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from sqlalchemy.engine import make_url

from sia.calendar import Quarter
from sia.contract.model import Contract
from sia.errors import PermanentError
from sia.feedback.decided_submission import decided_submission, findings_of
from sia.feedback.finding_groups import group_findings
from sia.feedback.findings_workbook import summarise
from sia.feedback.reply_letter import Correction, list_corrections
from sia.feedback.reply_workbook import reply_workbook
from sia.feedback.totals import TotalsTable, totals
from sia.intake import admit, stage
from sia.intake.identify import IdentifiedFile, UnidentifiedFileError, put_into_inbox
from sia.paths import REGISTERS, SQL
from sia.quality.validate import validate
from sia.register_file import register_path
from sia.settings import overridden, settings
from sia.storage.folders import landing_folder
from sia.warehouse import database, locks, register_decisions
from sia.warehouse.load import load
from sia.warehouse.locks import Lock
from sia.warehouse.migrate import migrate

_MAX_LOCATIONS = 5
NO_RECEIPT = "none: this was a check, and we kept nothing"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The reply that a return would get: corrections, the totals if we would accept it, and the workbook (xlsx).

    ``source`` is the key of its sender.
    """

    contract: Contract
    quarter: Quarter
    source: str
    refused: bool
    summary: str
    corrections: tuple[Correction, ...]
    totals: tuple[TotalsTable, ...]
    workbook: bytes | None


@contextmanager
def scratch_database() -> Iterator[str]:
    """The address of a new, migrated database without returns on the warehouse's server; dropped at the end.

    A rolled-back transaction would not do, because Great Expectations opens its own connections. The database is a
    copy of a template, which is rebuilt when migrations, roles, contracts or registers have changed. The next check
    drops what a killed one left. Only the warehouse's login may connect to the copy, and nobody to the template:
    PostgreSQL does not copy the rights of a database, but it does copy those of its tables.

    Raises:
        PermanentError: the warehouse's login may not create databases.
    """
    url = make_url(database.url())
    with closing(database.connect()) as keeper, keeper.cursor() as cursor:
        keeper.autocommit = True
        cursor.execute("SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = CURRENT_USER")
        if not (cursor.fetchone() or (False,))[0]:
            raise PermanentError(
                "A check needs a login that may create databases on the warehouse's server (CREATEDB)."
            )
        template = f"{url.database}_check"
        name = f"{template}_{keeper.info.backend_pid}"
        with locks.exclusive(Lock.DRY_RUN):
            _drop_leftovers(cursor, template)
            _bring_up_to_date(cursor, template)
            copy = sql.Identifier(name)
            cursor.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} ALLOW_CONNECTIONS false").format(copy, sql.Identifier(template))
            )
            cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(copy))
            cursor.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(copy))
        try:
            yield url.set(database=name).render_as_string(hide_password=False)
        finally:
            _drop(cursor, name)


def check_file(identified: IdentifiedFile, folder: Path) -> CheckResult:
    """Check a file in a scratch database and a folder, which the settings name meanwhile.

    Args:
        identified: the file, and what it is.
        folder: an empty folder. The caller removes it.

    Raises:
        UnidentifiedFileError: the file does not name its sender.
        PermanentError: the warehouse's login may not create databases.
    """
    put_into_inbox(identified, folder / "inbox")
    with (
        database.connection() as warehouse,
        scratch_database() as url,
        overridden(warehouse_url=url, state=folder, inbox=None, landing=None),
        database.connection() as connection,
    ):
        with warehouse.cursor() as known, connection, connection.cursor() as cursor:
            for register in register_decisions.OF_FILES:
                register_decisions.copy(known, cursor, register)
        warehouse.rollback()
        return check(connection, identified.contract, identified.quarter, folder / "inbox")


def check(connection: Connection, contract: Contract, quarter: Quarter, inbox: Path) -> CheckResult:
    """Check the only file of an inbox as the pipeline would, and give the reply that its sender would get.

    Args:
        connection: to a scratch database, which ``SIA_WAREHOUSE_URL`` names as well.
        contract: the contract of the return.
        quarter: its quarter.
        inbox: the folder of the file, as ``sia.intake.admit.receive`` expects it.

    Raises:
        UnidentifiedFileError: the file does not name its sender.
    """
    for number in admit.receive(connection, contract, quarter, inbox, landing_folder()):
        stage.stage(connection, number)
        validate(connection, number)
        load(connection, number)
        connection.rollback()
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT submission_id FROM intake.submission")
        about = decided_submission(cursor, (cursor.fetchone() or (0,))[0])
        if about is None:
            raise UnidentifiedFileError("The file does not name its sender. Add SOURCE=…")
        findings = findings_of(cursor, about.submission_id)
        workbook = reply_workbook(about, findings, NO_RECEIPT) if findings else None
        groups = group_findings(workbook.findings if workbook else [])
        return CheckResult(
            contract=contract,
            quarter=quarter,
            source=about.source,
            refused=not about.accepted,
            summary=summarise(groups) if groups else "",
            corrections=tuple(list_corrections(about, groups, {}, _MAX_LOCATIONS)),
            totals=tuple(totals(cursor, about.contract, about.submission_id, about.earlier_id))
            if about.accepted
            else (),
            workbook=workbook.content if workbook else None,
        )


def _drop_leftovers(cursor: Cursor, template: str) -> None:
    cursor.execute(
        "SELECT datname FROM pg_database WHERE datname ~ ('^' || %s || '_[0-9]+$')"
        " AND substring(datname FROM '[0-9]+$')::integer NOT IN (SELECT pid FROM pg_stat_activity)",
        (template,),
    )
    for (name,) in cursor.fetchall():
        _drop(cursor, name)


def _bring_up_to_date(cursor: Cursor, template: str) -> None:
    wanted = _fingerprint()
    cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", (template,))
    if cursor.fetchone() == (wanted,):
        return
    _drop(cursor, template)
    cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(template)))
    address = make_url(database.url()).set(drivername="postgresql", database=template)
    with closing(psycopg2.connect(address.render_as_string(hide_password=False))) as connection:
        migrate(connection)
    cursor.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(template)))
    cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(template), sql.Literal(wanted)))


def _drop(cursor: Cursor, name: str) -> None:
    cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _fingerprint() -> str:
    """One hash of all that a migrated database depends on."""
    digest = hashlib.sha256()
    sources = (
        SQL.rglob("*.sql"),
        settings().contracts.glob("*.yml"),
        (register_path(register.name) for register in REGISTERS.iterdir()),
    )
    for path in sorted(chain.from_iterable(sources)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
