"""``make check FILE=…``: what a return would be told, before it is sent. Nothing is loaded, and nothing is kept."""

from __future__ import annotations

import argparse
import json
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sia.cli.ingest import Asked, put_into_inbox, understand
from sia.feedback.dry_run import CheckResult, check, scratch_database
from sia.local import postgres
from sia.local.console import run_command
from sia.local.lock import exclusive
from sia.settings import overridden, settings
from sia.warehouse import database


def main(arguments: list[str] | None = None) -> None:
    """Check one file; the workbook that says what to fix is written beside it."""
    given = _parser().parse_args(arguments)
    asked = understand(
        given.file.expanduser(), {"RETURN": given.name, "QUARTER": given.quarter, "SOURCE": given.source}
    )
    with _server():
        answer = checked(asked)
    if given.answer:
        (given.answer / "answer.json").write_text(json.dumps(_plain(answer)), encoding="utf-8")
        workbook = given.answer / "what-to-fix.xlsx"
    else:
        workbook = asked.file.with_name(f"{asked.file.stem}-what-to-fix.xlsx")
        print("\n".join(_lines(answer, workbook)))
    if answer.workbook:
        workbook.write_bytes(answer.workbook)


def checked(asked: Asked) -> CheckResult:
    """Put a file through the pipeline in a scratch database and folder, for which this process is given over."""
    with scratch_database() as url, tempfile.TemporaryDirectory(prefix="sia-check-") as folder:
        inbox = Path(folder) / "inbox"
        put_into_inbox(asked, inbox)
        with (
            overridden(warehouse_url=url, state=folder, inbox=None, landing=None),
            database.connection() as connection,
        ):
            return check(connection, asked.contract, asked.quarter, inbox)


@contextmanager
def _server() -> Iterator[None]:
    """The warehouse's server where one is named, as under `make up`; else the one of this machine, meanwhile."""
    if settings().warehouse_url:
        yield
        return
    state = settings().state
    with exclusive(state, "make check"):
        server = postgres.start(state)
        os.environ["SIA_WAREHOUSE_URL"] = server.ensure_database("warehouse")
        try:
            yield
        finally:
            if server.started_by_us:
                postgres.stop(state)


def _plain(answer: CheckResult) -> dict[str, Any]:
    return {
        "title": f"{answer.contract.title}, {answer.quarter.label}",
        "name": f"{answer.contract.name}-{answer.quarter.key}",
        "refused": answer.refused,
        "summary": answer.summary,
        "corrections": [asdict(correction) for correction in answer.corrections],
        "totals": [asdict(table) for table in answer.totals],
        "workbook": answer.workbook is not None,
    }


def _lines(answer: CheckResult, workbook: Path) -> Iterator[str]:
    verdict = "please correct it" if answer.refused else "ready to send"
    summary = f" You have {answer.summary}." if answer.summary else ""
    yield f"{answer.contract.title}, {answer.quarter.label}: {verdict}.{summary}"
    for correction in answer.corrections:
        yield f"- {correction.message}\n  {correction.where}."
    for table in answer.totals:
        yield f"{table.title}: " + ", ".join(f"{total.label} {total.now}" for total in table.totals)
    if answer.workbook:
        yield f"What to fix is in {workbook}."
    yield "This was a check: nothing was sent, loaded or kept."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sia.cli.check", description=__doc__)
    named = os.environ.get("FILE", "").strip()
    parser.add_argument("file", type=Path, nargs="?" if named else None, default=Path(named))
    for option, where, variable in (
        ("return", "name", "RETURN"),
        ("quarter",) * 2 + ("QUARTER",),
        ("source",) * 2 + ("SOURCE",),
    ):
        parser.add_argument(f"--{option}", dest=where, default=os.environ.get(variable, "").strip())
    parser.add_argument("--answer", type=Path, help="a folder for the answer as data, instead of words")
    return parser


if __name__ == "__main__":
    # A log line could only repeat what the answer says, and is read by nobody here.
    logging.disable(logging.WARNING)
    run_command(main)
