"""The pages to check files and send them: by a partner for itself, and by the unit for anybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from fastapi import APIRouter, BackgroundTasks, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from sia.calendar import LONDON, Quarter
from sia.contract import return_workbook
from sia.contract.model import Contract, contracts
from sia.feedback.dry_run import CheckResult
from sia.intake.identify import Details
from sia.pages.check import EXTENSIONS, max_megabytes
from sia.registers.partners import partners
from sia.warehouse.sql_files import rows
from sia.web import actions, signatures
from sia.web.partner_pages import agreed
from sia.web.people import Role
from sia.web.queries import today
from sia.web.rendering import download, go_to, page
from sia.web.uploads import Delivery, Stage, TooManyUploads, Upload, Uploads, deliver
from sia.web.visits import (
    ByPartner,
    ByUnitOrPartner,
    Posted,
    RequestRefused,
    Visit,
    fields,
    own_source,
    refuse_large_forms,
    refuse_other_pages,
    refuse_other_sites,
    transaction,
)  # fmt: skip

MAX_FILES = 5
_FORM_BYTES = 64_000
_MAX_NAME = 80


def routes(uploads: Uploads) -> APIRouter:
    """The pages."""
    router = APIRouter()

    @router.get("/send")
    def form(visit: ByUnitOrPartner) -> HTMLResponse:
        return _form(visit)

    @router.post("/send")
    async def receive(request: Request, visit: ByUnitOrPartner, later: BackgroundTasks) -> Response:
        refuse_other_sites(request)
        refuse_large_forms(request, MAX_FILES * max_megabytes() * 1_000_000 + _FORM_BYTES)
        async with request.form(max_files=MAX_FILES, max_fields=8, max_part_size=1000) as sent:
            refuse_other_pages(sent, visit)
            try:
                kept = [await _keep(uploads, visit, file, sent) for file in _files(sent)]
            except RequestRefused as refused:
                return _form(visit, refused.message, refused.status, fields(sent))
            except TooManyUploads:
                problem = "You have many files here already. Send them, or wait for an hour."
                return _form(visit, problem, 429, fields(sent))
        for upload in kept:
            later.add_task(uploads.check, upload)
        return go_to(f"/uploads/{kept[0].number}" if len(kept) == 1 else "/uploads")

    @router.get("/uploads")
    def all_uploads(visit: ByUnitOrPartner) -> HTMLResponse:
        own = uploads.all_of(visit.person.mailbox)
        return page(
            "uploads",
            visit,
            uploads=own,
            Stage=Stage,
            busy=any(u.stage in (Stage.CHECKING, Stage.SENDING) for u in own),
        )

    @router.get("/uploads/{number}")
    def one_upload(visit: ByUnitOrPartner, number: str) -> HTMLResponse:
        return _upload_page(visit, _own(uploads, visit, number))

    @router.get("/uploads/{number}/what-to-fix.xlsx")
    def what_to_fix(visit: ByUnitOrPartner, number: str) -> Response:
        result = _result(visit, _own(uploads, visit, number))
        if result is None or result.workbook is None:
            raise RequestRefused(404, "There is no workbook for this file.")
        return download(result.workbook, f"{result.contract.name}-{result.quarter.key}-what-to-fix.xlsx")

    @router.post("/uploads/{number}")
    def send(visit: ByUnitOrPartner, number: str, form: Posted) -> Response:
        upload = _own(uploads, visit, number)
        result = _result(visit, upload)
        if result is None:
            raise RequestRefused(409, "This file is not checked yet.")
        try:
            received_on, signed_as = _confirmed(visit, result, form)
        except RequestRefused as refused:
            return _upload_page(visit, upload, refused.message, form)
        if delivery := uploads.send(upload, received_on):
            _record(visit, result.contract, result.source, result.quarter, received_on, delivery, signed_as)
        return go_to(f"/uploads/{number}")

    @router.get("/nil/{return_name}/{quarter_key}")
    def nil_form(visit: ByPartner, return_name: str, quarter_key: str) -> HTMLResponse:
        return _nil(visit, return_name, quarter_key, {}, "")

    @router.post("/nil/{return_name}/{quarter_key}")
    def nil(visit: ByPartner, return_name: str, quarter_key: str, form: Posted) -> Response:
        contract, quarter, source = _nil_return(visit, return_name, quarter_key)
        try:
            signed_as = _signature(contract, quarter, form)
        except RequestRefused as refused:
            return _nil(visit, return_name, quarter_key, form, refused.message)
        book = return_workbook.workbook(contract, quarter, source, nil=True)
        delivery = deliver(return_workbook.to_bytes(book), ".xlsx", contract, quarter, source)
        _record(visit, contract, source, quarter, None, delivery, signed_as)
        sent = uploads.add_sent(visit.person.mailbox, f"{contract.title}, {quarter.label}: nil return", delivery)
        return go_to(f"/uploads/{sent.number}")

    return router


def _files(sent: FormData) -> list[UploadFile]:
    files = [file for _, file in sent.multi_items() if isinstance(file, UploadFile) and file.filename]
    if not files:
        raise RequestRefused(422, "Choose a file first.")
    return files


async def _keep(uploads: Uploads, visit: Visit, file: UploadFile, sent: FormData) -> Upload:
    name = PurePosixPath((file.filename or "").replace("\\", "/")).name
    extension = PurePosixPath(name).suffix.lower()
    if extension not in EXTENSIONS:
        raise RequestRefused(415, f"Choose a file of one of these types: {', '.join(EXTENSIONS)}.")
    content = await file.read()
    if len(content) > max_megabytes() * 1_000_000:
        raise RequestRefused(413, f"The file is too large. A return may have up to {max_megabytes()} MB.")
    form = fields(sent)
    of_unit = visit.person.has(Role.UNIT)
    details = Details(
        form.get("return", "") if form.get("return", "") in contracts() else "",
        form.get("quarter", "")[:12],
        form.get("source", "") if of_unit and form.get("source", "") in partners().partners else "",
    )
    sender = "" if of_unit else visit.person.source or ""
    shown = "".join(letter if letter.isprintable() else " " for letter in name)[:_MAX_NAME]
    return await run_in_threadpool(uploads.add, visit.person.mailbox, shown, extension, content, details, sender)


def _own(uploads: Uploads, visit: Visit, number: str) -> Upload:
    upload = uploads.of(visit.person.mailbox, number)
    if upload is None:
        raise RequestRefused(404, "We no longer have this file. Choose it again.")
    return upload


def _result(visit: Visit, upload: Upload) -> CheckResult | None:
    """The result of an upload's check. A partner gets none about a return of another sender.

    Raises:
        RequestRefused: the file is another sender's.
    """
    result = upload.result
    if result is not None and not (visit.person.has(Role.UNIT) or result.source == visit.person.source):
        raise RequestRefused(
            403, "This workbook is another organisation's. Use the blank workbook on your own page, under Your returns."
        )
    return result


def _confirmed(visit: Visit, result: CheckResult, form: Mapping[str, str]) -> tuple[date | None, str]:
    """The day on which the unit received a file, if it says so, and the job title of the partner who signs it.

    Raises:
        RequestRefused: something is missing or wrong.
    """
    if not visit.person.has(Role.UNIT):
        if result.refused:
            raise RequestRefused(409, "Please correct the file first, and check it again.")
        return None, _signature(result.contract, result.quarter, form)
    text = form.get("received_on", "")
    try:
        received_on = date.fromisoformat(text) if text else None
    except ValueError:
        raise RequestRefused(422, "Enter the day on which you received it, or leave it blank for today.") from None
    if received_on is not None and not result.quarter.start <= received_on <= today():
        raise RequestRefused(422, "Enter a day between the quarter's first and today.")
    return None if received_on == today() else received_on, ""


def _signature(contract: Contract, quarter: Quarter, form: Mapping[str, str]) -> str:
    """The job title of the person who signs; empty if nobody has to, or somebody else signs later."""
    if not contract.must_be_signed(quarter) or form.get("action") == "sign_later":
        return ""
    return signatures.job_title(form)


def _nil_return(visit: Visit, return_name: str, quarter_key: str) -> tuple[Contract, Quarter, str]:
    """A return of the partner that may be a nil return.

    Raises:
        RequestRefused: there is no such return.
    """
    contract, quarter = agreed(visit, return_name, own_source(visit), quarter_key)
    if not contract.case_tables or quarter.end >= today():
        raise RequestRefused(404, "This return cannot be a nil return, or its quarter is not over.")
    return contract, quarter, own_source(visit)


def _nil(visit: Visit, return_name: str, quarter_key: str, given: Mapping[str, str], problem: str) -> HTMLResponse:
    contract, quarter, _ = _nil_return(visit, return_name, quarter_key)
    values = {"contract": contract, "quarter": quarter, "given": given, "problem": problem}
    return page("nil", visit, 422 if problem else 200, **values)


def _record(
    visit: Visit,
    contract: Contract,
    source: str,
    quarter: Quarter,
    received_on: date | None,
    delivery: Delivery,
    signed_as: str,
) -> None:
    with transaction() as cursor:
        actions.record(
            cursor, visit.person.mailbox, "sent a return", f"{contract.name} {source} {quarter.key}",
            after={"received_on": received_on or today()},
        )  # fmt: skip
        if signed_as:
            signatures.sign_file(cursor, visit, contract, quarter, delivery.content_hash, signed_as)


def _form(visit: Visit, problem: str = "", status: int = 200, given: Mapping[str, str] | None = None) -> HTMLResponse:
    listed = [contract for contract in contracts().values() if contract.is_template_return]
    if visit.person.source is not None and not visit.person.has(Role.UNIT):
        listed = [contract for contract in listed if visit.person.source in contract.senders]
    return page(
        "send", visit, status, problem=problem, given=given or {}, returns=listed, max_megabytes=max_megabytes(),
        senders={key: name for contract in listed for key, name in contract.senders.items()},
        extensions=",".join(EXTENSIONS), max_files=MAX_FILES,
    )  # fmt: skip


def _upload_page(
    visit: Visit, upload: Upload, problem: str = "", given: Mapping[str, str] | None = None
) -> HTMLResponse:
    result = _result(visit, upload)
    row = _received(visit, upload.delivery) if upload.delivery else None
    return page(
        "upload", visit, 422 if problem else 200, upload=upload, result=result, Stage=Stage, problem=problem,
        given=given or {}, row=row, sender=partners().organisation(result.source) if result else "", today=today(),
        signed=result is not None and result.contract.must_be_signed(result.quarter),
    )  # fmt: skip


def _received(visit: Visit, delivery: Delivery) -> dict[str, Any] | None:
    """The submission of a file that was sent; None if we have not received it yet."""
    source = None if visit.person.has(Role.UNIT) else visit.person.source
    parameters = {
        "source": source,
        "receipt": None,
        "return_name": delivery.return_name,
        "content_hash": delivery.content_hash,
        "sent_at": delivery.sent_at.astimezone(LONDON),
    }
    with transaction() as cursor:
        return next(iter(rows(cursor, "desk/submission", parameters)), None)
