"""``sia check``: what our reply to a return would be, before a partner sends it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sia.feedback.dry_run import CheckResult, check_file
from sia.intake.identify import Details, identify
from sia.local.bootstrap import local_server


def check(file: Path, given: Details) -> None:
    """Check a file, print the result, and write a workbook that shows what to fix next to the file.

    Raises:
        PermanentError: there is no such file, or we cannot tell which return it is.
    """
    identified = identify(file, given)
    # Libraries' warnings would only repeat the result.
    logging.disable(logging.WARNING)
    with local_server("make check"), TemporaryDirectory(prefix="sia-check-") as folder:
        result = check_file(identified, Path(folder))
    workbook = file.with_name(f"{file.stem}-what-to-fix.xlsx")
    if result.workbook:
        workbook.write_bytes(result.workbook)
    print("\n".join(_lines(result, workbook)))


def _lines(result: CheckResult, workbook: Path) -> Iterator[str]:
    verdict = "not ready yet" if result.refused else "ready to send"
    yield f"{result.contract.title}, {result.quarter.label}: {verdict}."
    if result.summary:
        yield f"You have {result.summary}."
    for correction in result.corrections:
        yield f"- {correction.message}\n  {correction.where}."
    for table in result.totals:
        yield f"{table.title}: " + ", ".join(f"{total.label} {total.now}" for total in table.totals)
    if result.workbook:
        yield f"This workbook shows what to fix: {workbook}"
    yield "This was a check. We did not send, load or keep anything."
