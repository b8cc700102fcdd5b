"""Check before you send: a return goes through the pipeline's own steps in a database that is thrown away."""

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
from sia.feedback import decided_submission, finding_groups, findings_workbook
from sia.feedback.findings_workbook import About
from sia.feedback.marked_workbook import can_be_marked, marked_workbook
from sia.feedback.totals import Section, totals
from sia.finding import Finding
from sia.intake import admit, stage
from sia.paths import CONTRACTS, REGISTERS, SQL
from sia.quality.validate import validate
from sia.storage import landing
from sia.warehouse import database
from sia.warehouse.load import load
from sia.warehouse.migrate import migrate

_MOST_PLACES = 5
NO_RECEIPT = "none (this was a check: nothing was sent or kept)"


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing to do, where, and whether the return would be refused for it."""

    message: str
    where: str
    must: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a return would be told: ``things`` to do, ``totals`` as read if it would be taken, the workbook (xlsx)."""

    contract: Contract
    quarter: Quarter
    refused: bool
    summary: str
    things: tuple[Thing, ...]
    totals: tuple[Section, ...]
    workbook: bytes | None


@contextmanager
def scratch_database() -> Iterator[str]:
    """A database of its own on the warehouse's server, up to date and empty of returns; dropped at the end.

    Great Expectations opens connections of its own, so that a transaction that is rolled back would not do. It is a
    copy of a template beside the warehouse, which is made anew when the migrations, roles, contracts or registers
    changed. What a killed process left is dropped by the next one. Nobody but the warehouse's login may connect to the
    copy, and nobody at all to the template: the rights of a database are not copied with it, those of its tables are.

    Raises:
        PermanentError: the warehouse's login may not make databases.
    """
    url = make_url(database.url())
    with closing(database.connect()) as keeper, keeper.cursor() as cursor:
        keeper.autocommit = True
        cursor.execute("SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = CURRENT_USER")
        if not (cursor.fetchone() or (False,))[0]:
            raise PermanentError("checking needs a login that may make databases on the warehouse's server (CREATEDB)")
        template = f"{url.database}_check"
        name = f"{template}_{keeper.info.backend_pid}"
        cursor.execute("SELECT pg_advisory_lock(hashtext('check template'))")
        _drop_leftovers(cursor, template)
        _bring_up_to_date(cursor, template)
        copy = sql.Identifier(name)
        cursor.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} ALLOW_CONNECTIONS false").format(copy, sql.Identifier(template))
        )
        cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(copy))
        cursor.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(copy))
        cursor.execute("SELECT pg_advisory_unlock(hashtext('check template'))")
        try:
            yield url.set(database=name).render_as_string(hide_password=False)
        finally:
            _drop(cursor, name)


def check(connection: Connection, contract: Contract, quarter: Quarter, inbox: Path) -> Answer:
    """Take in the one file of an inbox, and say what its sender would be told.

    Args:
        connection: to a scratch database, which ``SIA_WAREHOUSE_URL`` names as well.
        contract: the return's contract.
        quarter: the quarter for which it is.
        inbox: holds the file, as ``sia.intake.admit.receive`` wants it.

    Raises:
        PermanentError: the file does not say from whom it is.
    """
    for number in admit.receive(connection, contract, quarter, inbox, landing.landing()):
        stage.stage(connection, number)
        validate(connection, number)
        load(connection, number)
        connection.rollback()
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT submission_id FROM intake.submission")
        about = decided_submission.decision(cursor, (cursor.fetchone() or (0,))[0])
        if about is None:
            raise PermanentError("the file does not say from whom it is: say who sends it")
        found = decided_submission.findings(cursor, about.submission_id)
        workbook, found = _workbook(about, found) if found else (None, found)
        groups = finding_groups.group(found)
        return Answer(
            contract=contract,
            quarter=quarter,
            refused=not about.accepted,
            summary=findings_workbook.summary(groups) if groups else "",
            things=tuple(
                Thing(group.message, finding_groups.where(contract, group.places, _MOST_PLACES), group.must)
                for group in groups
            ),
            totals=tuple(totals(cursor, about)) if about.accepted else (),
            workbook=workbook,
        )


def _workbook(about: decided_submission.Decision, found: list[Finding]) -> tuple[bytes, list[Finding]]:
    def said(*, marked: bool) -> About:
        return About(about.contract, about.quarter, NO_RECEIPT, about.synthetic, marked)

    if about.landed_as and can_be_marked(about.landed_as, found):
        with landing.open_file(landing.landing(), about.landed_as) as file:
            return marked_workbook(file.read(), said(marked=True), found)
    return findings_workbook.findings_workbook(said(marked=False), finding_groups.group(found)), found


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
    """What a migrated database depends on, as one hash."""
    digest = hashlib.sha256()
    made_of = (
        (SQL / "migrations").glob("*.sql"),
        (SQL / "roles").glob("*.sql"),
        CONTRACTS.glob("*.yml"),
        REGISTERS.iterdir(),
    )
    for path in sorted(chain.from_iterable(made_of)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
