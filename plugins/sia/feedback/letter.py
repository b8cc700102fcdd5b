"""The letters, as text and as HTML: what became of a return, and what is owed. Words alone: nothing is read here.

A letter names no file, no cell's content and nothing of another partner's. A refusal has no figure of the return.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from sia.calendar import LONDON, add_working_days
from sia.feedback import finding_groups
from sia.feedback.decided_submission import Decision
from sia.feedback.finding_groups import Group
from sia.feedback.findings_workbook import summary
from sia.feedback.totals import Section
from sia.paths import TEMPLATES
from sia.registers.partners import Unit

WORKING_DAYS_TO_RESUBMIT = 5
MOST_THINGS = 3

_MOST_PLACES = 3
_WIDTH = 78
_KINDS = {True: "accepted", False: "refused"}


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it is sent."""

    kind: str
    subject: str
    plain: str
    html: str


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing to do, as a letter says it: what, where, and the task's reference if it has one."""

    message: str
    where: str
    task: str | None


def answer(
    about: Decision,
    groups: Sequence[Group],
    tasks: Mapping[str, str],
    closed: Sequence[str],
    totals: Sequence[Section],
    organisation: str,
    unit: Unit,
    *,
    marked: bool,
) -> Letter:
    """The letter that answers a submission.

    Args:
        about: the decision.
        groups: its findings, grouped, the gravest first.
        tasks: the reference of the open task of each rule that failed.
        closed: the references of the tasks that it closed.
        totals: what was read of it; for an accepted return.
        organisation: what the partner is called.
        unit: who writes.
        marked: whether the workbook that goes with it is the partner's own, marked.
    """
    kind = _KINDS[about.accepted]
    if about.accepted and groups:
        kind = "accepted_with_warnings"
    received = about.received_at.astimezone(LONDON)
    must = [group for group in groups if group.must]
    words = {
        "about": about,
        "organisation": organisation,
        "unit": unit,
        "received": f"{day_words(received.date())}, {received:%H:%M}",
        "summary": summary(groups) if groups else "",
        "things": [_thing(about, group, tasks) for group in (must or list(groups))[:MOST_THINGS]],
        "further": max(0, len(must or groups) - MOST_THINGS),
        "closed": f"task{'s' if len(closed) > 1 else ''} {', '.join(closed)}" if closed else "",
        "totals": totals,
        "by": day_words(resubmit_by(about)),
        "marked": marked,
        "one_thing": len(must) == 1,
        "needs_new_workbook": any(group.needs_new_workbook for group in must),
    }
    verdict = {
        "accepted": "accepted",
        "accepted_with_warnings": "accepted, with something to check",
        "refused": f"not taken, please correct it by {words['by']}",
    }[kind]
    subject = f"{about.contract.title}, {about.quarter.label}: {verdict} (receipt {about.receipt})"
    return render(kind, "refused" if kind == "refused" else "accepted", _sample(subject, about.synthetic), words)


def render(kind: str, template: str, subject: str, words: Mapping[str, Any]) -> Letter:
    """A letter from its two templates in ``include/templates/letters``."""
    given = {**words, "subject": subject}
    plain = _templates().get_template(f"{template}.txt.j2").render(given)
    html = _templates().get_template(f"{template}.html.j2").render(given)
    return Letter(kind, subject, plain.strip() + "\n", html.strip() + "\n")


def resubmit_by(about: Decision) -> date:
    """By when a refused return is wanted again: its due date, or some working days, whichever is later."""
    due = about.quarter.due(about.contract.due_working_days)
    received = about.received_at.astimezone(LONDON).date()
    return max(due, add_working_days(received, WORKING_DAYS_TO_RESUBMIT))


def day_words(day: date) -> str:
    """A day as people write it: 4 May 2022."""
    return f"{day.day} {day:%B %Y}"


def _sample(subject: str, synthetic: bool) -> str:
    return f"[Made-up sample] {subject}" if synthetic else subject


def _thing(about: Decision, group: Group, tasks: Mapping[str, str]) -> Thing:
    return Thing(
        group.message, finding_groups.where(about.contract, group.places, _MOST_PLACES), tasks.get(group.rule_id)
    )


def _wrap(text: str, before: str = "") -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent=before, subsequent_indent=" " * len(before), break_on_hyphens=False,
        break_long_words=False,
    )  # fmt: skip


@cache
def _templates() -> Environment:
    found = Environment(
        loader=FileSystemLoader(TEMPLATES / "letters"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=select_autoescape(["html", "html.j2"]),
    )
    found.filters["lines"] = _wrap
    return found
