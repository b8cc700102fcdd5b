"""Pages on which people decide about entries of registers, for example waivers: with who, why and history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml
from fastapi import APIRouter, BackgroundTasks
from fastapi.responses import HTMLResponse, Response
from psycopg2.errors import SerializationFailure
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json
from pydantic import BaseModel, ValidationError

from sia.calendar import format_date
from sia.feedback.letter import render
from sia.feedback.smtp import MailServer
from sia.register_file import RegisterError, problems
from sia.warehouse.register_decisions import decided
from sia.warehouse.sql_files import rows
from sia.web import actions, direct_email
from sia.web.decision_form import Change, FormField, RegisterForm
from sia.web.people import Role, person
from sia.web.register_forms import FORMS
from sia.web.rendering import download, go_to, page
from sia.web.texts import checked_text, one_line
from sia.web.visits import (
    SOMEBODY_ELSE,
    ByUnitOrApprover,
    Posted,
    RequestRefused,
    Visit,
    refuse_old_pages,
    transaction,
)

NEW = "new"
"""In the address of the form for an entry that does not exist yet."""

_MAX_LINE = 200


class _Objections(Exception):
    """Why a decision cannot be as somebody entered it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines


def routes(mail_server: MailServer) -> APIRouter:
    """The pages.

    Args:
        mail_server: opens a connection to the mail server.
    """
    router = APIRouter()

    @router.get("/decisions")
    def registers(visit: ByUnitOrApprover) -> HTMLResponse:
        return page("registers", visit, forms=[form for form in FORMS.values() if _may_read(visit, form)])

    # The register's file: what a folder of registers (SIA_REGISTERS) would have.
    @router.get("/decisions/{register}.yml")
    def export(visit: ByUnitOrApprover, register: str) -> Response:
        form = _form(visit, register)
        with transaction() as cursor:
            entries = form.entries(decided(cursor, register))
            document = form.document(cursor, {key: entry.model_dump(by_alias=True) for key, entry in entries.items()})
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
        return download(text.encode(), form.file, "application/yaml")

    @router.get("/decisions/{register}")
    def register(visit: ByUnitOrApprover, register: str, done: str = "") -> HTMLResponse:
        form = _form(visit, register)
        with transaction() as cursor:
            entries = form.entries(decided(cursor, register))
        listed = [
            (key, form.name_of(key, entry), _listed(form, entry), form.stays(entry)) for key, entry in entries.items()
        ]
        return page(
            "decisions", visit, form=form, entries=listed, new=NEW, done=bool(done),
            may_decide=visit.person.has(*form.deciders),
        )  # fmt: skip

    @router.get("/decisions/{register}/{key:path}")
    def entry(visit: ByUnitOrApprover, register: str, key: str) -> HTMLResponse:
        return _entry_page(visit, _form_of_decider(visit, register), key, None, [])

    @router.post("/decisions/{register}/{key:path}")
    def decide(visit: ByUnitOrApprover, register: str, key: str, posted: Posted, later: BackgroundTasks) -> Response:
        form = _form_of_decider(visit, register)
        try:
            change = _decide(visit, form, key, posted)
        except _Objections as objections:
            return _entry_page(visit, form, key, posted, objections.lines)
        except SerializationFailure:
            raise RequestRefused(409, SOMEBODY_ELSE) from None
        later.add_task(_write_to_former_addresses, mail_server, form, change)
        return go_to(f"/decisions/{register}?done=yes")

    return router


def _may_read(visit: Visit, form: RegisterForm) -> bool:
    return visit.person.has(Role.UNIT, *form.deciders)


def _form(visit: Visit, register: str) -> RegisterForm:
    form = FORMS.get(register)
    if form is None:
        raise RequestRefused(404, "There is no such register.")
    if not _may_read(visit, form):
        raise RequestRefused(403, "This page is not for you. If you need it, ask the unit.")
    return form


def _form_of_decider(visit: Visit, register: str) -> RegisterForm:
    form = _form(visit, register)
    if not visit.person.has(*form.deciders):
        raise RequestRefused(403, "You may read this register, and not decide about it.")
    return form


def _decide(visit: Visit, form: RegisterForm, key: str, posted: Mapping[str, str]) -> Change:
    """Record a decision.

    Raises:
        _Objections: it cannot be so.
        RequestRefused: there is nothing to decide about, or somebody else has decided meanwhile.
        SerializationFailure: another decision at the same moment could contradict it.
    """
    withdraws = posted.get("decision") == "withdraw"
    with transaction() as cursor:
        # Rules such as "an address acts for one partner" are about several entries.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        _check_still_decides(cursor, visit, form)
        known = decided(cursor, form.name)
        before = _entry(form, known, key)
        refuse_old_pages(posted, _history(cursor, form, key))
        if withdraws and (before is None or not form.key_fields):
            raise RequestRefused(404, f"There is no {form.noun} that can be withdrawn.")
        _refuse_history(form, before)
        try:
            allowed_by = checked_text(posted.get("allowed_by", ""), "who allowed it")
            why = checked_text(posted.get("why", ""), "the reason")
        except RequestRefused as refused:
            raise _Objections([refused.message]) from None
        after = None if withdraws else _changed(form, before, _given(form, known, before, posted, allowed_by, why))
        if before is None:
            key = form.key_of(after)
            if key in form.entries(known) or key == NEW:
                raise _Objections([f"There is already {form.entry} with this name. Change it, or enter another name."])
        row = after and after.model_dump(mode="json", by_alias=True)
        change = Change(visit.person, key, before, after)
        if lines := list(form.objections(cursor, change)):
            raise _Objections(lines)
        try:
            form.entries({**known, key: row})
        except RegisterError as error:
            raise _Objections([str(error)]) from None
        decision = {
            "register": form.name, "key": key, "allowed_by": allowed_by, "why": why,
            "decided_by": visit.person.mailbox, "entry": row and Json(row),
        }  # fmt: skip
        if not rows(cursor, "desk/decide", decision):
            raise RequestRefused(409, SOMEBODY_ELSE)
        actions.record(
            cursor, visit.person.mailbox, f"{'withdrew' if withdraws else 'decided on'} {form.entry}", key,
            before=_values(form, before), after=_values(form, after),
        )  # fmt: skip
    return change


def _check_still_decides(cursor: Cursor, visit: Visit, form: RegisterForm) -> None:
    """Check that the person may still decide: another decision may have changed who does."""
    somebody = person(cursor, visit.person.mailbox)
    if somebody is None or not somebody.has(*form.deciders):
        raise RequestRefused(409, SOMEBODY_ELSE)


def _refuse_history(form: RegisterForm, entry: BaseModel | None) -> None:
    """Refuse a decision about an entry that nobody changes any more.

    Raises:
        RequestRefused: the entry is such.
    """
    if entry is not None and form.stays(entry):
        raise RequestRefused(409, f"This {form.noun} has begun or ended, and stays as it is. Add another.")


def _entry(form: RegisterForm, known: Mapping[str, Any], key: str) -> BaseModel | None:
    """The entry with a key; None for a new one.

    Raises:
        RequestRefused: there is none.
    """
    if key == NEW and form.key_fields:
        return None
    entries = form.entries(known)
    if key not in entries:
        raise RequestRefused(404, f"There is no {form.noun} with this name.")
    return entries[key]


def _values(form: RegisterForm, entry: BaseModel | None) -> dict[str, Any] | None:
    """What an entry has in the fields of its form."""
    if entry is None:
        return None
    values = entry.model_dump(by_alias=True)
    return {field.name: values[field.name] for field in form.fields()}


def _given(
    form: RegisterForm,
    known: Mapping[str, Any],
    before: BaseModel | None,
    posted: Mapping[str, str],
    allowed_by: str,
    why: str,
) -> dict[str, Any]:
    """What somebody entered about an entry, by the names of its fields.

    Raises:
        _Objections: a text is too long, or not in the list to choose from.
    """
    values: dict[str, Any] = {"allowed_by": allowed_by, "set_by": allowed_by, "why": why}
    for field in form.fields():
        if before is not None and field.name in form.key_fields:
            continue
        text = one_line(posted.get(field.name, ""))
        if len(text) > _MAX_LINE:
            raise _Objections([f"{field.label}: enter at most {_MAX_LINE} characters."])
        if field.choices is not None and text not in field.choices:
            raise _Objections([f"{field.label}: choose from the list."])
        values[field.name] = _value(field, text)
    if before is None and form.next_id:
        (key_field,) = form.key_fields
        values[key_field] = form.next_id({*form.entries({}), *known})
    return values


def _value(field: FormField, text: str) -> Any:
    if field.kind == "list":
        return [part.strip() for part in text.split(",") if part.strip()]
    if field.kind == "yes_no":
        return text == str(True)
    return None if field.optional and not text else text


def _changed(form: RegisterForm, before: BaseModel | None, given: Mapping[str, Any]) -> BaseModel:
    """The entry as the form would have it; what the form has no field for stays as it was.

    Raises:
        _Objections: the entry cannot be so.
    """
    values: dict[str, Any] = {} if before is None else before.model_dump(by_alias=True)
    known = {field.alias or name for name, field in form.model.model_fields.items()}
    try:
        return form.model.model_validate(values | {name: value for name, value in given.items() if name in known})
    except ValidationError as error:
        raise _Objections(problems(error, {field.name: field.label for field in form.fields()})) from None


def _entry_page(
    visit: Visit, form: RegisterForm, key: str, given: Mapping[str, str] | None, wrong: list[str]
) -> HTMLResponse:
    with transaction() as cursor:
        entry = _entry(form, decided(cursor, form.name), key)
        _refuse_history(form, entry)
        history = _history(cursor, form, key)
    values = {name: _text(value) for name, value in (_values(form, entry) or {}).items()} if given is None else given
    return page(
        "decision", visit, 422 if wrong else 200, form=form, key=key, is_new=entry is None, values=values, wrong=wrong,
        name="" if entry is None else form.name_of(key, entry),
        fields=[field for field in form.fields() if entry is None or field.name not in form.key_fields],
        history=[{**row, "shown": _shown(form, row["entry"] or {})} for row in history],
    )  # fmt: skip


def _history(cursor: Cursor, form: RegisterForm, key: str) -> list[dict[str, Any]]:
    return rows(cursor, "desk/register_history", {"register": form.name, "key": key})


def _listed(form: RegisterForm, entry: BaseModel) -> list[tuple[str, str]]:
    """What the list of a register shows of an entry: also who set it and why, if the entry itself says so."""
    values = entry.model_dump(mode="json", by_alias=True)
    attributed = [("Who set it", values["set_by"]), ("Why", values["why"])] if "set_by" in values else []
    return [*_shown(form, values), *attributed]


def _shown(form: RegisterForm, entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an entry has in each field, under the field's label. The contract may no longer allow what it has."""
    values = [(field, entry.get(field.name)) for field in form.fields()]
    words = [(field.label, _in_words(field, value)) for field, value in values]
    return [(label, text) for label, text in words if text]


def _in_words(field: FormField, value: Any) -> str:
    choices = field.choices or {}
    if value in (None, "", [], ()):
        return choices.get("", "")
    if field.kind == "date":
        return format_date(date.fromisoformat(value))
    if isinstance(value, (tuple, list)):
        return ", ".join(choices.get(str(part), str(part)) for part in value)
    if isinstance(value, bool) and not choices:
        return "Yes" if value else "No"
    return choices.get(str(value), str(value))


def _text(value: Any) -> str:
    """A value as its field has it."""
    if isinstance(value, (tuple, list)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _write_to_former_addresses(mail_server: MailServer, form: RegisterForm, change: Change) -> None:
    """Tell the addresses that lost a right, and record whether the mail server took the emails."""
    for mailbox in sorted(form.removed_addresses(change)):
        words = {"organisation": form.name_of(change.key, change.before), "loses": form.loses}
        letter = render("access_ended", "access_ended", "We removed this email address from our register", words)
        done = "wrote" if direct_email.send(mail_server, mailbox, letter) else "could not write"
        with transaction() as cursor:
            actions.record(cursor, change.person.mailbox, f"{done} to a former address of {form.entry}", change.key)
