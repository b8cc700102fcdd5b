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
from sqlalchemy.engine import URL, make_url

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
    drops what a killed one left. Only the login that checks may connect to the copy, and nobody to the template:
    PostgreSQL does not copy the rights of a database, but it does copy those of its tables.

    ``SIA_CHECK_URL`` may name a login that has no right to the warehouse. It cannot rebuild the template.

    Raises:
        PermanentError: the login may not create databases, or may not rebuild a template that is out of date.
    """
    given = settings().check_url
    url = make_url(given.get_secret_value() if given else database.url()).set(drivername="postgresql")
    with _keeper(url) as cursor:
        name = f"{_template()}_{cursor.connection.info.backend_pid}"
        if given:
            _drop_leftovers(cursor)
            if not _is_up_to_date(cursor):
                raise PermanentError("The database that checks copy is out of date. Start the services again.")
            _copy_template(cursor, name)
            cursor.execute(
                sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO sia_loader").format(sql.Identifier(name))
            )
        else:
            with locks.exclusive(Lock.DRY_RUN):
                _drop_leftovers(cursor)
                _bring_up_to_date(cursor)
                _copy_template(cursor, name)
        try:
            yield url.set(database=name).render_as_string(hide_password=False)
        finally:
            _drop(cursor, name)


def prepare_template() -> None:
    """Bring the template up to date, so that a login without rights to the warehouse can check files.

    Raises:
        PermanentError: the warehouse's login may not create databases.
    """
    with _keeper(make_url(database.url()).set(drivername="postgresql")) as cursor, locks.exclusive(Lock.DRY_RUN):
        _bring_up_to_date(cursor)


@contextmanager
def _keeper(url: URL) -> Iterator[Cursor]:
    """A cursor of the login itself, whose statements commit at once.

    Raises:
        PermanentError: the login may not create databases.
    """
    address = url.render_as_string(hide_password=False)
    with closing(psycopg2.connect(address, application_name="sia", options="-c role=none")) as keeper:
        keeper.autocommit = True
        with keeper.cursor() as cursor:
            cursor.execute("SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = CURRENT_USER")
            if not (cursor.fetchone() or (False,))[0]:
                raise PermanentError(
                    "A check needs a login that may create databases on the warehouse's server (CREATEDB)."
                )
            yield cursor


def _template() -> str:
    return f"{make_url(database.url()).database}_check"


def _copy_template(cursor: Cursor, name: str) -> None:
    copy = sql.Identifier(name)
    cursor.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} ALLOW_CONNECTIONS false").format(copy, sql.Identifier(_template()))
    )
    cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(copy))
    cursor.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(copy))


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
        database.connection("desk", writes=True) as desk,
        database.connection() as connection,
    ):
        # The desk alone writes decisions down.
        with warehouse.cursor() as known, desk, desk.cursor() as cursor:
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


def _drop_leftovers(cursor: Cursor) -> None:
    cursor.execute(
        "SELECT datname FROM pg_database WHERE datname ~ ('^' || %s || '_[0-9]+$') AND pg_has_role(datdba, 'USAGE')"
        " AND substring(datname FROM '[0-9]+$')::integer NOT IN (SELECT pid FROM pg_stat_activity)",
        (_template(),),
    )
    for (name,) in cursor.fetchall():
        _drop(cursor, name)


def _is_up_to_date(cursor: Cursor) -> bool:
    cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", (_template(),))
    return bool(cursor.fetchone() == (_fingerprint(),))


def _bring_up_to_date(cursor: Cursor) -> None:
    if _is_up_to_date(cursor):
        return
    template = sql.Identifier(_template())
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_template(),))
    if cursor.fetchone():
        cursor.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(template))
        _drop(cursor, _template())
    cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(template))
    address = make_url(database.url()).set(drivername="postgresql", database=_template())
    with closing(psycopg2.connect(address.render_as_string(hide_password=False))) as connection:
        migrate(connection)
    # Every login that may create databases may copy a template.
    cursor.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false IS_TEMPLATE true").format(template))
    cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(template, sql.Literal(_fingerprint())))


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
