"""The workbook that goes back with a reply: the partner's own with its cells marked, or only the list *What to fix*."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from typing import NamedTuple

from sia.feedback.decided_submission import DecidedSubmission
from sia.feedback.finding_groups import group_findings
from sia.feedback.findings_workbook import FixListHeader, findings_workbook
from sia.feedback.marked_workbook import MarkedWorkbook, can_be_marked, marked_workbook
from sia.finding import Finding
from sia.intake import sandbox
from sia.intake.usual_package import usual_package
from sia.storage import landing
from sia.storage.folders import landing_folder

# openpyxl writes each sheet to a temporary file before it packs them.
_MARKING = sandbox.ResourceLimits(megabytes=800, processor_seconds=60, file_megabytes=200)

log = logging.getLogger(__name__)


class ReplyWorkbook(NamedTuple):
    """A workbook (xlsx), its findings with the cells that they are shown at, and whether it is the partner's own."""

    content: bytes
    findings: list[Finding]
    is_marked: bool


def reply_workbook(about: DecidedSubmission, findings: Sequence[Finding], receipt: str) -> ReplyWorkbook:
    """The partner's own workbook, marked, where that is possible; else the sheet *What to fix* alone.

    Args:
        about: the submission.
        findings: its findings.
        receipt: the receipt number that the workbook shows.

    Raises:
        OSError: the landed file cannot be read.
    """
    marked = None if about.contract.published else _marked(about, findings, receipt)
    if marked is not None:
        return ReplyWorkbook(marked.content, marked.findings, is_marked=True)
    header = _header(about, receipt, marked=False)
    return ReplyWorkbook(findings_workbook(header, group_findings(findings)), list(findings), is_marked=False)


def _marked(about: DecidedSubmission, findings: Sequence[Finding], receipt: str) -> MarkedWorkbook | None:
    if about.landed_as is None or not can_be_marked(about.landed_as, findings):
        return None
    with landing.open_file(landing_folder(), about.landed_as) as file:
        original = file.read()
    header = _header(about, receipt, marked=True)

    def mark() -> MarkedWorkbook:
        tempfile.tempdir = folder
        return marked_workbook(usual_package(original), header, findings)

    try:
        # The folder is removed here, also if the process ends before it has removed its files.
        with tempfile.TemporaryDirectory(prefix="sia-marking-") as folder:
            return sandbox.run(mark, _MARKING)
    except (
        sandbox.LimitExceededError,
        sandbox.SandboxError,
    ) as error:  # openpyxl cannot write every workbook that our reader can read
        log.warning("submission %s goes back as a list, unmarked: %s", about.submission_id, type(error).__name__)
        return None


def _header(about: DecidedSubmission, receipt: str, *, marked: bool) -> FixListHeader:
    return FixListHeader(about.contract, about.quarter, receipt, about.synthetic, marked)
