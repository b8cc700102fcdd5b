"""The page of a receipt: what we found, our questions, the signature, and what we did with the figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from psycopg2.extensions import cursor as Cursor

from sia.feedback.decided_submission import decided_submission, findings_of
from sia.feedback.finding_groups import group_findings
from sia.feedback.findings_workbook import summarise
from sia.feedback.reply_letter import list_corrections
from sia.registers.measures import measures
from sia.scorecard.amounts import LOOKBACK_QUARTERS
from sia.settings import settings
from sia.storage import landing
from sia.warehouse.sql_files import rows
from sia.web import actions, answers, signatures
from sia.web.people import Role
from sia.web.rendering import XLSX, download, go_to, page
from sia.web.visits import ByPartner, ByUnitOrPartner, Number, Posted, RequestRefused, Visit, own_source, transaction

_MAX_LOCATIONS = 8
_RECEIPT = re.compile(r"[A-Z0-9-]{1,40}")


def routes() -> APIRouter:
    """The pages."""
    router = APIRouter()

    @router.get("/receipts/{receipt}")
    def receipt(visit: ByUnitOrPartner, receipt: str) -> HTMLResponse:
        return _receipt(visit, receipt, {}, "")

    @router.post("/receipts/{receipt}")
    def sign(visit: ByPartner, receipt: str, form: Posted) -> Response:
        try:
            signed_as = signatures.job_title(form)
        except RequestRefused as refused:
            return _receipt(visit, receipt, form, refused.message)
        with transaction() as cursor:
            signatures.sign_receipt(cursor, visit, receipt, signed_as)
        return go_to(f"/receipts/{receipt}")

    @router.post("/receipts/{receipt}/questions/{finding_id}")
    def answer(visit: ByUnitOrPartner, receipt: str, finding_id: Number, form: Posted) -> Response:
        try:
            with transaction() as cursor:
                answers.keep_answer(cursor, visit, _submission(cursor, visit, receipt), finding_id, form)
        except RequestRefused as refused:
            if refused.status != 422:
                raise
            return _receipt(visit, receipt, {**form, "finding_id": str(finding_id)}, refused.message)
        return go_to(f"/receipts/{receipt}#questions")

    # It is the partner's own return, row by row: nobody at the unit reads it here.
    @router.get("/receipts/{receipt}/what-to-fix.xlsx")
    def what_to_fix(visit: ByPartner, receipt: str) -> Response:
        with transaction() as cursor:
            row = _submission(cursor, visit, receipt)
            if row["workbook"] is None or row["source"] != own_source(visit):
                raise RequestRefused(404, "There is no workbook for this receipt.")
            actions.record(cursor, visit.person.mailbox, "opened a workbook", row["receipt"])
        try:
            with landing.open_file(settings().state, row["workbook"]) as file:
                content = file.read()
        except FileNotFoundError:
            raise RequestRefused(410, "We no longer keep this workbook.") from None
        return download(content, f"{row['receipt']}-what-to-fix.xlsx", XLSX)

    return router


def _receipt(visit: Visit, receipt: str, given: Mapping[str, str], problem: str) -> HTMLResponse:
    with transaction() as cursor:
        row = _submission(cursor, visit, receipt)
        about = decided_submission(cursor, row["submission_id"])
        groups = group_findings(findings_of(cursor, about.submission_id)) if about else []
        questions = answers.questions(cursor, row["submission_id"])
        letters = rows(cursor, "desk/letter_of_submission", {"submission_id": row["submission_id"]})
        used = {"submission_id": row["submission_id"], "lookback": LOOKBACK_QUARTERS}
        releases = rows(cursor, "desk/releases_of_submission", used)
    to_correct = [group for group in groups if not group.is_question]
    corrections = list_corrections(about, to_correct, {}, _MAX_LOCATIONS) if about else []
    summary = summarise(groups) if groups else ""
    sender = (row["return_name"], row["source"])
    titles = [measure.title for measure in measures() if (measure.return_name, measure.source) == sender]
    return page(
        "receipt", visit, 422 if problem else 200, row=row, corrections=corrections, questions=questions,
        summary=summary, letters=letters, measures=titles, releases=releases, given=given, problem=problem,
    )  # fmt: skip


def _submission(cursor: Cursor, visit: Visit, receipt: str) -> dict[str, Any]:
    """The submission with a receipt, if the person may see it.

    Raises:
        RequestRefused: there is none, or it is another sender's.
    """
    source = None if visit.person.has(Role.UNIT) else own_source(visit)
    if not _RECEIPT.fullmatch(receipt):
        raise RequestRefused(404, "There is no such receipt.")
    parameters = {"source": source, "receipt": receipt, "return_name": None, "content_hash": None, "sent_at": None}
    for row in rows(cursor, "desk/submission", parameters):
        return row
    raise RequestRefused(404, "There is no such receipt.")
