"""The letter that replies to a return: accepted, or what to correct and how to send it again.

It names no file, quotes no cell and says nothing about another partner. A refusal gives no figure of the return.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sia.calendar import LONDON, add_working_days, format_date
from sia.feedback.decided_submission import DecidedSubmission
from sia.feedback.finding_groups import FindingGroup, describe_locations
from sia.feedback.findings_workbook import summarise
from sia.feedback.letter import Letter, render, sample_subject
from sia.feedback.totals import TotalsTable

WORKING_DAYS_TO_RESUBMIT = 5
MAX_CORRECTIONS = 3

_MAX_LOCATIONS = 3
_WITHHELD = "INT-WITHHELD-01"


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing to correct or check: what, where, and the reference of its task if it has one."""

    message: str
    where: str
    is_required: bool
    task: str | None = None


def reply_letter(
    about: DecidedSubmission,
    groups: Sequence[FindingGroup],
    tasks: Mapping[str, str],
    closed: Sequence[str],
    totals: Sequence[TotalsTable],
    organisation: str,
    *,
    marked: bool,
) -> Letter:
    """The letter that replies to a submission.

    Args:
        about: the submission.
        groups: its findings, as ``group_findings`` orders them.
        tasks: the reference of the open task of each rule that failed.
        closed: the references of the tasks that it closed.
        totals: the totals that we read, for an accepted return.
        organisation: the name of the partner.
        marked: whether the workbook attached is the partner's own, marked.
    """
    kind = "refused"
    if about.accepted:
        kind = "accepted_with_warnings" if groups else "accepted"
    received = about.received_at.astimezone(LONDON)
    required = [group for group in groups if group.is_required]
    withheld = next((group for group in groups if group.rule_id == _WITHHELD), None)
    # What an accepted return withheld has words of its own.
    listed = [group for group in groups if required or group is not withheld]
    to_show = required or listed
    due = format_date(resubmit_by(about))
    words = {
        "about": about,
        "organisation": organisation,
        "received": f"{format_date(received.date())} at {received:%H:%M}",
        "summary": summarise(listed) if listed else "",
        "corrections": list_corrections(about, to_show[:MAX_CORRECTIONS], tasks),
        "is_single": len(to_show) == 1,
        "further": max(0, len(to_show) - MAX_CORRECTIONS),
        "questions": sum(group.is_question for group in groups),
        "closed": closed,
        "totals": totals,
        "withheld": withheld,
        "where_withheld": describe_locations(about.contract, withheld.locations, _MAX_LOCATIONS) if withheld else "",
        "due": due,
        "marked": marked,
        "needs_new_workbook": any(group.needs_new_workbook for group in required),
    }
    verdict = {
        "accepted": "accepted",
        "accepted_with_warnings": "accepted, with something to check",
        "refused": f"please correct it by {due}",
    }[kind]
    subject = f"{about.contract.title}, {about.quarter.label}: {verdict} (receipt {about.receipt})"
    template = "accepted" if about.accepted else "refused"
    return render(kind, template, sample_subject(subject, about.synthetic), words)


def list_corrections(
    about: DecidedSubmission, groups: Sequence[FindingGroup], tasks: Mapping[str, str], limit: int = _MAX_LOCATIONS
) -> list[Correction]:
    """What to correct or check, each with its first ``limit`` locations."""
    return [
        Correction(
            group.message,
            describe_locations(about.contract, group.locations, limit),
            group.is_required,
            tasks.get(group.rule_id),
        )
        for group in groups
    ]


def resubmit_by(about: DecidedSubmission) -> date:
    """The day by which a refused return is due again: its due date, or five working days on, whichever is later."""
    due = about.quarter.due(about.contract.due_working_days)
    received = about.received_at.astimezone(LONDON).date()
    return max(due, add_working_days(received, WORKING_DAYS_TO_RESUBMIT))
