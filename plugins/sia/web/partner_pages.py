"""A partner's pages: what they owe and when, blank workbooks, what they sent, our letters, and what they tell us."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from sia.calendar import Quarter
from sia.contract import return_workbook
from sia.contract.model import Contract, contracts
from sia.registers.partners import partners
from sia.web import actions
from sia.web.last_time import last_return
from sia.web.people import Role
from sia.web.queries import SUBJECTS, about_sender, one_letter, today
from sia.web.rendering import XLSX, download, go_to, page
from sia.web.texts import checked_text
from sia.web.visits import ByPartner, ByUnitOrPartner, Posted, RequestRefused, Visit, own_source, transaction

_DONE = {"message": "We have your message. We answer by email, and here."}


def routes() -> APIRouter:
    """The pages."""
    router = APIRouter()

    @router.get("/my-returns")
    def my_returns(visit: ByPartner, done: str = "", until: str = "") -> HTMLResponse:
        source = own_source(visit)
        with transaction() as cursor:
            values = about_sender(cursor, source, partners(), until)
        return page("my_returns", visit, done=_DONE.get(done), blanks=blanks_of(source), unit=partners().unit, **values)

    @router.get("/blank/{return_name}/{source}/{quarter_key}")
    def blank(visit: ByUnitOrPartner, return_name: str, source: str, quarter_key: str) -> Response:
        contract, quarter = agreed(visit, return_name, source, quarter_key)
        last_time = None
        if visit.person.source == source:
            with transaction() as cursor:
                last_time = last_return(cursor, contract, source, quarter)
        content = return_workbook.to_bytes(return_workbook.workbook(contract, quarter, source, last_time=last_time))
        return download(content, return_workbook.file_name(contract, quarter, source), XLSX)

    @router.get("/letters/{letter_id}")
    def letter(visit: ByUnitOrPartner, letter_id: str) -> HTMLResponse:
        with transaction() as cursor:
            shown = one_letter(cursor, letter_id, None if visit.person.has(Role.UNIT) else visit.person.source)
        return page("letter", visit, letter=shown)

    @router.get("/tell-us/{return_name}/{quarter_key}")
    def tell_us_form(visit: ByPartner, return_name: str, quarter_key: str, subject: str = "") -> HTMLResponse:
        contract, quarter = agreed(visit, return_name, own_source(visit), quarter_key)
        return _tell_us(visit, contract, quarter, subject, "", "")

    @router.post("/tell-us/{return_name}/{quarter_key}")
    def tell_us(visit: ByPartner, return_name: str, quarter_key: str, form: Posted) -> Response:
        contract, quarter = agreed(visit, return_name, own_source(visit), quarter_key)
        subject, text = form.get("subject", ""), form.get("message", "")
        if subject not in SUBJECTS:
            return _tell_us(visit, contract, quarter, "", text, "Choose what it is about.")
        try:
            tidy = checked_text(text, "your message")
        except RequestRefused as refused:
            return _tell_us(visit, contract, quarter, subject, text, refused.message)
        with transaction() as cursor:
            cursor.execute(
                "INSERT INTO desk.message (return_name, source, quarter_key, subject, message_text, sent_by)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                (contract.name, own_source(visit), quarter.key, subject, tidy, visit.person.mailbox),
            )
            actions.record(cursor, visit.person.mailbox, "sent a message", f"{contract.name} {quarter.key}")
        return go_to("/my-returns?done=message")

    return router


def blanks_of(source: str) -> list[tuple[Contract, list[Quarter]]]:
    """The returns that a sender fills in a workbook, each with the quarters of which it can have the blank one now."""
    current = Quarter.containing(today())
    quarters = [current.plus(-1), current, current.next()]
    listed = [
        (contract, [quarter for quarter in quarters if contract.owed_for(quarter, source)])
        for contract in contracts().values()
        if contract.is_template_return and "xlsx" in contract.formats and source in contract.senders
    ]
    return [(contract, owed) for contract, owed in listed if owed]


def agreed(visit: Visit, return_name: str, source: str, quarter_key: str) -> tuple[Contract, Quarter]:
    """A return and quarter that a sender owes or may send, if the person may ask about them.

    Raises:
        RequestRefused: it does not, or the sender is another one.
    """
    contract = contracts().get(return_name)
    try:
        quarter = Quarter.parse(quarter_key)
    except ValueError:
        quarter = None
    may_ask = visit.person.has(Role.UNIT) or source == visit.person.source
    if contract is None or quarter is None or not may_ask or source not in contract.senders:
        raise RequestRefused(404, "There is no such return.")
    if not (contract.is_template_return and contract.owed_for(quarter, source)):
        raise RequestRefused(404, "There is no such return.")
    return contract, quarter


def _tell_us(visit: Visit, contract: Contract, quarter: Quarter, subject: str, text: str, problem: str) -> HTMLResponse:
    values = {"contract": contract, "quarter": quarter, "subject": subject, "text": text, "problem": problem}
    return page("tell_us", visit, 422 if problem else 200, subjects=SUBJECTS, **values)
