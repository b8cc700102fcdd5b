"""A sender, as the unit sees it: what they owe and sent, our letters, and notes about them."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, BackgroundTasks
from fastapi.responses import HTMLResponse, RedirectResponse

from sia.registers.agreements import agreements
from sia.registers.partners import contacts, partners
from sia.warehouse.register_decisions import AGREEMENTS, CONTACTS, decided
from sia.warehouse.sql_files import rows
from sia.web import actions
from sia.web.queries import about_sender, one_letter, today
from sia.web.rendering import go_to, page
from sia.web.texts import checked_text
from sia.web.visits import FORM, ByUnit, Posted, RequestRefused, transaction

_DONE = {
    "extension": "The due date is changed.",
    "reminder": "We send the letter now.",
    "note": "The note is saved.",
    "answer": "Your answer is on its way to the partner.",
    "letter": "We send the letter again now.",
}


def routes(send_letters: Callable[[], object]) -> APIRouter:
    """The pages.

    Args:
        send_letters: sends the letters in the outbox.
    """
    router = APIRouter()

    @router.get("/senders/{source}")
    def sender(visit: ByUnit, source: str, done: str = "", until: str = "") -> HTMLResponse:
        register = partners()
        if source not in register.partners:
            raise RequestRefused(404, "There is no such sender.")
        with transaction() as cursor:
            values = about_sender(cursor, source, register, until)
            values["notes"] = rows(cursor, "desk/notes", {"source": source})
            contact = contacts(decided(cursor, CONTACTS))[source]
            agreed = agreements(decided(cursor, AGREEMENTS))
        return page(
            "sender", visit, done=_DONE.get(done), contact=contact, agreement=agreed.last_day(source),
            agreement_in_force=agreed.in_force(source, today()), **values,
        )  # fmt: skip

    @router.post("/senders/{source}/notes")
    def add_note(visit: ByUnit, source: str, form: Posted) -> RedirectResponse:
        if source not in partners().partners:
            raise RequestRefused(404, "There is no such sender.")
        text = checked_text(form.get("note", ""), "the note")
        with transaction() as cursor:
            cursor.execute(
                "INSERT INTO desk.note (source, note_text, written_by) VALUES (%s, %s, %s)",
                (source, text, visit.person.mailbox),
            )
            actions.record(cursor, visit.person.mailbox, "wrote a note", source)
        return go_to(f"/senders/{source}?done=note")

    @router.post("/letters/{letter_id}/again", dependencies=[FORM])
    def send_again(visit: ByUnit, letter_id: str, later: BackgroundTasks) -> RedirectResponse:
        later.add_task(send_letters)
        with transaction() as cursor:
            letter = one_letter(cursor, letter_id, None)
            cursor.execute(
                "UPDATE feedback.letter SET state = 'queued', due_at = clock_timestamp(), sent_at = NULL"
                " WHERE letter_id = %s AND state = 'sent'",
                (letter["letter_id"],),
            )
            actions.record(cursor, visit.person.mailbox, "sent a letter again", str(letter["letter_id"]))
        recipient = letter["recipient"]
        return go_to(f"/senders/{recipient}?done=letter" if recipient in partners().partners else "/returns")

    return router
