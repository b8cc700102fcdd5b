"""The candidate that waits for approval: what differs from the release before, every file to open, and the decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import httpx
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from markdown_it import MarkdownIt
from markupsafe import Markup

from sia.calendar import Quarter
from sia.errors import PermanentError
from sia.registers.approvers import approvers
from sia.release import ledger
from sia.release.approval import withdraw_letters
from sia.release.candidate import files_to_approve
from sia.release.draft_folders import candidate_folder
from sia.settings import settings
from sia.warehouse.register_decisions import APPROVERS, decided
from sia.warehouse.sql_files import rows
from sia.web import actions
from sia.web.rendering import go_to, moment, opened, page
from sia.web.texts import checked_text
from sia.web.visits import (
    FOR_APPROVERS,
    ByApprover,
    ByUnitOrApprover,
    Number,
    Posted,
    RequestRefused,
    Visit,
    transaction,
)

Decide = Callable[[int, bool, str, str], bool]
"""Passes on a decision: candidate, whether approved, comment, approver's mailbox. False if nobody asks any more."""

_APPROVED, _SENT_BACK = "approved a release", "sent a release back"


def routes(decide: Decide | None) -> APIRouter:
    """The pages.

    Args:
        decide: passes on a decision to Airflow; None if approvers decide there.
    """
    router = APIRouter()

    @router.get("/approval")
    def approval(visit: ByUnitOrApprover) -> HTMLResponse:
        return _page(visit)

    @router.post("/approval/{candidate_id}")
    def decide_on(visit: ByApprover, candidate_id: Number, form: Posted) -> Response:
        candidate = _waiting()
        if decision := _decided(candidate_id):
            raise RequestRefused(409, decision)
        if decide is None or candidate is None or candidate["candidate_id"] != candidate_id:
            raise RequestRefused(409, "This candidate no longer waits for a decision. Open the page again.")
        if form.get("data_hash") != candidate["data_hash"] or _files(candidate) is None:
            raise RequestRefused(409, "The files are not those that you opened. Open the page again.")
        approved = form.get("decision") == "approve"
        try:
            if approved and form.get("read") != "yes":
                raise RequestRefused(422, "Tick the box to say that you have read the files.")
            comment = form.get("comment", "")
            if comment or not approved:
                comment = checked_text(comment, "what to correct")
        except RequestRefused as refused:
            return _page(visit, refused.message, form.get("comment", ""))
        try:
            passed_on = decide(candidate_id, approved, comment, visit.person.mailbox)
        except (httpx.HTTPError, PermanentError):
            return _page(visit, "Airflow does not answer. Nothing was decided. Try again in a moment.", comment)
        if not passed_on:
            return _page(visit, "Airflow does not ask about this candidate. Ask the unit to prepare it again.", comment)
        with transaction() as cursor:
            action = _APPROVED if approved else _SENT_BACK
            actions.record(cursor, visit.person.mailbox, action, f"candidate {candidate_id}")
            withdraw_letters(cursor, candidate_id)
        return go_to("/approval")

    def _page(visit: Visit, problem: str = "", comment: str = "") -> HTMLResponse:
        candidate = _waiting()
        files = _files(candidate) if candidate else None
        text = _rendered(candidate["difference"]) if candidate else ""
        return page(
            "approval", visit, 422 if problem else 200, candidate=candidate, files=files, problem=problem,
            comment=comment, airflow=settings().web_address, decides_here=decide is not None,
            decided=_decided(candidate["candidate_id"] if candidate else None),
            difference=Markup(text),  # noqa: S704 - our own Markdown, in which nothing is HTML
            before=_files_before(candidate["quarter_key"], files) if candidate and files else {},
        )  # fmt: skip

    @router.get("/approval/{candidate_id}/{file_name}", dependencies=[FOR_APPROVERS])
    def file(candidate_id: Number, file_name: str) -> Response:
        candidate = _waiting()
        files = _files(candidate) if candidate and candidate["candidate_id"] == candidate_id else None
        if files is None or file_name not in files:
            words = "This file is not part of the candidate that waits for approval."
            raise RequestRefused(404, _decided(candidate_id) or words)
        return opened(files[file_name], file_name)

    return router


def _rendered(difference: str) -> str:
    """What differs, as HTML without its title: the page has its own."""
    _, _, text = difference.strip().partition("\n\n")
    return str(MarkdownIt("commonmark", {"html": False}).render(text))


def _waiting() -> dict[str, Any] | None:
    with transaction() as cursor:
        return next(iter(rows(cursor, "desk/candidates", {})), None)


def _files_before(quarter_key: str, files: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The same files of the release with which a candidate is compared, by the candidate's names: name and address."""
    with transaction() as cursor:
        before = ledger.compared_release(ledger.releases(cursor), Quarter.parse(quarter_key))
    if before is None:
        return {}
    published = {file["name"] for file in before.manifest["files"]}
    names = {name: name.replace(quarter_key, before.quarter.key) for name in files}
    return {
        name: (earlier, f"/released/{before.name}/{earlier}") for name, earlier in names.items() if earlier in published
    }


def _decided(candidate_id: int | None) -> str:
    """Who decided on a candidate, or on the newest, and when, as a sentence; empty if nobody has."""
    parameters = {"candidate_id": candidate_id, "approved": _APPROVED, "sent_back": _SENT_BACK}
    with transaction() as cursor:
        decision = next(iter(rows(cursor, "desk/decided", parameters)), None)
        register = approvers(decided(cursor, APPROVERS))
    if decision is None:
        return ""
    names = {key.casefold(): approver.name for approver in register for key in (approver.id, approver.mailbox)}
    who = names.get(decision["decided_by"].casefold(), decision["decided_by"])
    done = "approved" if decision["verdict"] == "approved" else "sent back"
    return (
        f"Candidate {decision['candidate_id']}, {decision['quarter_label']}, was {done} by {who}"
        f" on {moment(decision['decided_at'])}."
    )


def _files(candidate: dict[str, Any]) -> dict[str, bytes] | None:
    folder = candidate_folder(Quarter.parse(candidate["quarter_key"]))
    return files_to_approve(folder, candidate["data_hash"])
