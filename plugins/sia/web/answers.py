"""Answers to our questions about figures: they are right, and why, or they are wrong and a new file comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg2.extensions import cursor as Cursor

from sia.warehouse.sql_files import rows
from sia.web import actions
from sia.web.texts import checked_text, one_line
from sia.web.visits import RequestRefused, Visit

MAX_REASON = 500
"""How many characters a reason may have: it appears next to figures, on paper too."""


def questions(cursor: Cursor, submission_id: int) -> list[dict[str, Any]]:
    """Our questions about the figures of a submission, with the newest answer to each."""
    return rows(cursor, "desk/questions", {"submission_id": submission_id})


def keep_answer(
    cursor: Cursor, visit: Visit, submission: Mapping[str, Any], finding_id: int, form: Mapping[str, str]
) -> None:
    """Keep an answer to a question about a submission, from its sender, or from the unit for it.

    Args:
        cursor: of the transaction.
        visit: of somebody who may see the submission.
        submission: its row.
        finding_id: the question.
        form: ``is_right`` (yes or no) and ``reason``.

    Raises:
        RequestRefused: there is no such question, its figures were replaced, or the answer cannot be kept.
    """
    asked = {question["finding_id"]: question for question in questions(cursor, submission["submission_id"])}
    if finding_id not in asked:
        raise RequestRefused(404, "There is no such question.")
    if not asked[finding_id]["counts"]:
        raise RequestRefused(409, "A newer file has replaced these figures, so the question is closed.")
    if form.get("is_right") not in ("yes", "no"):
        raise RequestRefused(422, "Choose whether the figures are right.")
    reason = one_line(checked_text(form.get("reason", ""), "why"))
    if len(reason) > MAX_REASON:
        raise RequestRefused(422, f"Make the reason shorter: at most {MAX_REASON} characters.")
    is_right = form["is_right"] == "yes"
    cursor.execute(
        "INSERT INTO feedback.question_answer (finding_id, is_right, reason, answered_by) VALUES (%s, %s, %s, %s)",
        (finding_id, is_right, reason, visit.person.mailbox),
    )
    actions.record(
        cursor, visit.person.mailbox, "answered a question about figures", submission["receipt"],
        before={key: asked[finding_id][key] for key in ("is_right", "reason")},
        after={"is_right": is_right, "reason": reason},
    )  # fmt: skip
