"""The letter to the unit about a return that was refused. It names no file and quotes no cell."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON, format_date
from sia.feedback import outbox
from sia.feedback.decided_submission import DecidedSubmission, decided_submission, findings_of
from sia.feedback.finding_groups import group_findings
from sia.feedback.findings_workbook import summarise
from sia.feedback.letter import Letter, render, sample_subject
from sia.feedback.reply_letter import resubmit_by
from sia.registers.partners import UNIT, partners


def write_to_unit(cursor: Cursor, submissions: Iterable[int]) -> list[int]:
    """Put a letter to the unit about each refused submission into the outbox, within the caller's transaction.

    Of a published table the unit is the sender, and has its reply.

    Returns:
        The submissions about which a letter was put there now.
    """
    written = []
    for submission_id in submissions:
        about = decided_submission(cursor, submission_id)
        if about is None or about.accepted or about.contract.is_public:
            continue
        summary = summarise(group_findings(findings_of(cursor, submission_id)))
        letter = refusal(about, summary, partners().organisation(about.source))
        if outbox.queue(cursor, UNIT, letter, submission_id=submission_id):
            written.append(submission_id)
    return written


def refusal(about: DecidedSubmission, summary: str, organisation: str) -> Letter:
    """The letter about a refused submission, whose findings ``summary`` counts in words."""
    received = about.received_at.astimezone(LONDON)
    subject = f"Refused: {about.contract.title}, {about.quarter.label}, from {organisation} (receipt {about.receipt})"
    words = {
        "about": about,
        "organisation": organisation,
        "received": f"{format_date(received.date())} at {received:%H:%M}",
        "summary": summary,
        "due": format_date(resubmit_by(about)),
    }
    return render("refusal", "refusal", sample_subject(subject, about.synthetic), words)
