"""``make ingest FILE=…``: put one file into the inbox, run its ingest DAG, and say what became of it."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.cli import report
from sia.contract.model import Contract, contract, contracts, returns
from sia.errors import PermanentError
from sia.intake.file_safety import check_file
from sia.intake.outcomes import outcomes
from sia.intake.readers import published_tables, return_file
from sia.intake.rejection import FileRejected
from sia.local import dag_runs, processes
from sia.local.bootstrap import prepared
from sia.local.console import Console, quiet, run_command
from sia.local.lock import exclusive
from sia.settings import settings
from sia.storage.landing import fingerprint
from sia.warehouse import database
from sia.warehouse.sql_files import statement


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be taken in, and as what."""

    file: Path
    contract: Contract
    quarter: Quarter
    source: str | None
    received_on: date | None

    @property
    def folder(self) -> Path:
        """Where in the inbox it belongs."""
        place = Path(self.contract.name, self.quarter.key)
        if self.source is not None and len(self.contract.senders) > 1:
            place /= self.source
        return place if self.received_on is None else place / f"received-{self.received_on}"


def understand(file: Path, said: dict[str, str]) -> Asked:
    """Complete what was said (RETURN, QUARTER, SOURCE, RECEIVED) from the file's own cover or names.

    Raises:
        PermanentError: something is missing or wrong; the message says what to give.
    """
    if not file.is_file():
        raise PermanentError(f"there is no file {file}; give one with FILE=…")
    guess = _from_archive(file) if zipfile.is_zipfile(file) or file.suffix == ".csv" else {}
    guess = guess or _from_cover(file) or _from_first_lines(file)
    known = {**guess, **{name: value for name, value in said.items() if value}}
    if not known.get("RETURN"):
        raise PermanentError(f"say which return it is: RETURN= one of {', '.join(contracts())}")
    if not known.get("QUARTER"):
        raise PermanentError("say for which quarter it is, for example QUARTER=2021-22Q4")
    try:
        returned = contract(known["RETURN"])
        quarter = Quarter.parse(known["QUARTER"])
        received_on = date.fromisoformat(known["RECEIVED"]) if known.get("RECEIVED") else None
    except (KeyError, ValueError) as fault:
        raise PermanentError(str(fault.args[0])) from None
    source = known.get("SOURCE")
    if len(returned.senders) > 1 and source not in returned.senders:
        raise PermanentError(f"say from whom it is: SOURCE= one of {', '.join(returned.senders)}")
    return Asked(file, returned, quarter, source, received_on)


def _from_archive(file: Path) -> dict[str, str]:
    """The return and the newest quarter of monthly files, told by their names."""
    names = zipfile.ZipFile(file).namelist() if zipfile.is_zipfile(file) else [file.name]
    for name, returned in contracts().items():
        if returned.archive is None:
            continue
        months = [named.month for path in names if (named := returned.archive.read_name(path))]
        if months:
            newest = Quarter.containing(date.fromisoformat(f"{max(months)}-01"))
            return {"RETURN": name, "QUARTER": newest.key}
    return {}


def _from_cover(file: Path) -> dict[str, str]:
    """What the Cover sheet says, where the file is a workbook of ours that is safe to open."""
    takes_workbooks = next(one for one in returns().values() if "xlsx" in one.formats)
    try:
        with file.open("rb") as opened:
            checked = check_file(opened, file.name, takes_workbooks)
            found = return_file.read_cover(opened, checked.format, takes_workbooks) if checked.has_cover_tag else None
    except FileRejected:
        return {}
    if found is None or found.return_name not in contracts():
        return {}
    return {"RETURN": found.return_name, "QUARTER": found.quarter, "SOURCE": found.source}


def _from_first_lines(file: Path) -> dict[str, str]:
    """The published table that a file is and the quarter in which its period ends, where it introduces itself so."""
    taking = [one for one in contracts().values() if one.published and file.suffix.lstrip(".").lower() in one.formats]
    if not taking:
        return {}
    try:
        with file.open("rb") as opened:
            lines = return_file.title_lines(opened, check_file(opened, file.name, taking[0]).format, taking[0])
    except FileRejected:
        return {}
    dated = [(one.name, quarter) for one in taking if (quarter := published_tables.quarter_of(one, lines))]
    # What introduces itself as two publications is for the caller to tell.
    return {"RETURN": dated[0][0], "QUARTER": dated[0][1].key} if len(dated) == 1 else {}


def put_into_inbox(asked: Asked, inbox: Path) -> Path:
    """Copy the file to where it belongs; under another name if a different file has its name there."""
    folder = inbox / asked.folder
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / asked.file.name
    content_hash = fingerprint(asked.file)[0]
    if place.exists() and fingerprint(place)[0] != content_hash:
        place = folder / f"{asked.file.stem}-{content_hash[:8]}{asked.file.suffix}"
    if not place.exists():
        # A name that ends so is left alone by a run that comes by meanwhile.
        making = place.with_name(f"{place.name}.part")
        shutil.copyfile(asked.file, making)
        making.rename(place)
    return place


def main() -> None:
    """Take in the file that the environment names."""
    state = settings().state
    said = {name: os.environ.get(name, "").strip() for name in ("RETURN", "QUARTER", "SOURCE", "RECEIVED")}
    asked = understand(Path(os.environ.get("FILE", "").strip()).expanduser(), said)
    with exclusive(state, "make ingest"), quiet(state / "log" / "ingest.log") as console:
        console.line(f"{asked.file.name} as {asked.contract.title}, {asked.quarter.label}")
        with prepared(state, console):
            with console.step("Copying it into the inbox"):
                place = put_into_inbox(asked, state / "inbox")
            with database.connection() as connection:
                known = {row["submission_id"] for row in outcomes(connection, asked.contract.name, asked.quarter.key)}
            _run(f"ingest_{asked.contract.name}", asked.quarter.key, console)
            with database.connection() as connection:
                for line in _became_of(connection, place, asked, known):
                    console.line(line)


def _run(dag_id: str, quarter_key: str, console: Console) -> None:
    services_run = bool(processes.running(settings().state))
    with console.step(f"Running {dag_id} for {quarter_key}"):
        run = (dag_runs.run_by_services if services_run else dag_runs.run_here)(dag_id, quarter_key)
    run.check()
    for task, spent in run.tasks:
        console.line(f"    {task:<54} {spent:6.1f} s")
    # With the services up, the scheduler drafts again by itself.
    for overtaken in [] if services_run else run.results.get("announce_overtaken") or []:
        with console.step(f"Drafting the scorecard of {overtaken} again"):
            dag_runs.run_here("scorecard", overtaken).check()


def _became_of(connection: Connection, place: Path, asked: Asked, known: set[int]) -> Iterable[str]:
    content_hash = fingerprint(place)[0]
    for attempt in report.attempts(connection, [asked.quarter], [asked.contract.name]):
        if attempt.outcome["content_hash"] != content_hash:
            continue
        yield ""
        if attempt.outcome["submission_id"] in known:
            yield "The same file was received before; nothing has changed. What became of it then:"
        yield from report.explain(attempt, most=10)
        if asked.contract.headline_component and not attempt.refused:
            yield from _totals(connection, attempt.outcome["submission_id"], asked.contract.headline_component)
        return
    yield "It was not taken in: it does not say from whom it is. Give SOURCE=…"


def _totals(connection: Connection, submission_id: int, component: str) -> Iterable[str]:
    """One component's totals, by area and period, in columns of at most six periods."""
    with connection, connection.cursor() as cursor:
        cursor.execute(statement("intake/component_totals"), {"submission_id": submission_id, "component": component})
        totals = {(area, starts_on): amount for area, starts_on, amount in cursor.fetchall()}
    periods = sorted({starts_on for _, starts_on in totals})
    heading = component.replace("_", " ").capitalize()
    for shown in (periods[at : at + 6] for at in range(0, len(periods), 6)):
        yield ""
        yield heading.ljust(26) + "".join(f"{starts_on:%b %Y}".rjust(9) for starts_on in shown)
        for area in dict.fromkeys(area for area, _ in totals):
            yield area.ljust(26) + "".join(_amount(totals.get((area, starts_on))).rjust(9) for starts_on in shown)


def _amount(amount: Decimal | None) -> str:
    return "none" if amount is None else f"{amount:,.0f}"


if __name__ == "__main__":
    run_command(main)
