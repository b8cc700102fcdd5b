"""Messages: what partners tell us about a return, and our answers."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, BackgroundTasks
from fastapi.responses import HTMLResponse, RedirectResponse

from sia.feedback import outbox
from sia.feedback.letter import render
from sia.registers.partners import partners
from sia.warehouse.sql_files import rows
from sia.web import actions
from sia.web.queries import SUBJECTS
from sia.web.rendering import go_to, page
from sia.web.texts import checked_text
from sia.web.visits import ByUnit, Number, Posted, RequestRefused, transaction


def routes(send_letters: Callable[[], object]) -> APIRouter:
    """The pages.

    Args:
        send_letters: sends the letters in the outbox.
    """
    router = APIRouter()

    @router.get("/messages")
    def messages(visit: ByUnit) -> HTMLResponse:
        with transaction() as cursor:
            listed = rows(cursor, "desk/messages", {"source": None, "message_id": None})
        return page("messages", visit, messages=listed, subjects=SUBJECTS)

    @router.post("/messages/{message_id}")
    def answer(visit: ByUnit, message_id: Number, form: Posted, later: BackgroundTasks) -> RedirectResponse:
        later.add_task(send_letters)
        text = checked_text(form.get("answer", ""), "the answer")
        with transaction() as cursor:
            message = next(iter(rows(cursor, "desk/messages", {"source": None, "message_id": message_id})), None)
            if message is None or message["answer_text"] is not None:
                raise RequestRefused(409, "There is no such message, or somebody has answered it.")
            cursor.execute(
                "INSERT INTO desk.answer (message_id, answer_text, answered_by) VALUES (%s, %s, %s)",
                (message_id, text, visit.person.mailbox),
            )
            words = {
                "organisation": partners().organisation(message["source"]),
                "title": message["return_title"],
                "quarter": message["quarter_label"],
                "question": message["message_text"],
                "answer": text,
            }
            letter = render(
                "answer", "answer", f"Our answer: {message['return_title']}, {message['quarter_label']}", words
            )
            outbox.queue(cursor, message["source"], letter, about=f"message {message_id}")
            actions.record(cursor, visit.person.mailbox, "answered a message", f"message {message_id}")
        return go_to(f"/senders/{message['source']}?done=answer")

    return router
