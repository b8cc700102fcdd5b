"""Pages on which the unit decides about entries of registers, for example waivers: with who, why and history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from psycopg2.extras import Json
from pydantic import BaseModel, ValidationError

from sia.contract.model import contracts
from sia.register_file import problems
from sia.registers.waivers import Waiver, waivers
from sia.warehouse.register_decisions import WAIVERS, decided
from sia.warehouse.sql_files import rows
from sia.web import actions
from sia.web.queries import today
from sia.web.rendering import go_to, page
from sia.web.texts import checked_text
from sia.web.visits import ByUnit, Posted, RequestRefused, Visit, transaction

NEW = "new"
"""In the address of the form for an entry that does not exist yet."""


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form. ``kind``: text, date, number, numbers (several, with commas between) or choice."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    choices: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class RegisterForm:
    """A register whose entries the unit may change.

    ``entries``: the entries as they are now, by key, from what was decided. ``new_key``: the key of a new entry, from
    the keys that were ever used; None if the unit adds none.
    """

    name: str
    title: str
    entry: str
    about: str
    model: type[BaseModel]
    fields: Callable[[], tuple[FormField, ...]]
    entries: Callable[[Mapping[str, Any]], Mapping[str, BaseModel]]
    new_key: Callable[[Iterable[str]], str] | None


def _waiver_fields() -> tuple[FormField, ...]:
    titles = {name: contract.title for name, contract in contracts().items()}
    senders = {key: name for contract in contracts().values() for key, name in contract.senders.items()}
    return (
        FormField("return", "Return", "choice", choices=titles),
        FormField("source", "Sender", "choice", choices=senders),
        FormField("quarter", "Quarter", hint="For example 2021-22Q4."),
        FormField("rule", "Rule", hint="Its reference, for example SAN-COST-01. The receipt and the letter have it."),
        FormField("rows", "Rows", "numbers", "Rows of the sheet, for example 17, 18. Leave blank for any row."),
        FormField("expect", "In how many places it may fail", "number", "With any other number, nothing is waived."),
        FormField("starts", "First day", "date", "The waiver covers files that we receive from this day on."),
        FormField("until", "Last day", "date"),
    )


def _new_waiver_id(keys: Iterable[str]) -> str:
    first = f"WAI-{today().year}-"
    numbers = [int(key.removeprefix(first)) for key in keys if key.startswith(first)]
    return f"{first}{max(numbers, default=0) + 1:02}"


FORMS = {
    form.name: form
    for form in (
        RegisterForm(
            WAIVERS,
            "Waivers",
            "waiver",
            "A waiver lets one critical rule fail in one return. Its findings become warnings, and an approver sees it."
            " It counts when the return is sent again.",
            Waiver,
            _waiver_fields,
            lambda known: {waiver.id: waiver for waiver in waivers(known)},
            _new_waiver_id,
        ),
    )
}
"""The forms by the name of their register."""


def routes() -> APIRouter:
    """The pages."""
    router = APIRouter()

    @router.get("/decisions/{register}")
    def register(visit: ByUnit, register: str, done: str = "") -> HTMLResponse:
        form = _form(register)
        with transaction() as cursor:
            entries = form.entries(decided(cursor, register))
        values = {key: _values(form, entry) for key, entry in entries.items()}
        return page("decisions", visit, form=form, fields=form.fields(), entries=values, new=NEW, done=bool(done))

    @router.get("/decisions/{register}/{key}")
    def entry(visit: ByUnit, register: str, key: str) -> HTMLResponse:
        return _entry_page(visit, _form(register), key, None, [])

    @router.post("/decisions/{register}/{key}")
    def decide(visit: ByUnit, register: str, key: str, posted: Posted) -> Response:
        form = _form(register)
        withdraws = posted.get("decision") == "withdraw"
        with transaction() as cursor:
            known = decided(cursor, register)
            before = _entry(form, known, key)
            if key == NEW and form.new_key:
                key = form.new_key({*form.entries({}), *known})
            try:
                allowed_by = checked_text(posted.get("allowed_by", ""), "who allowed it")
                why = checked_text(posted.get("why", ""), "the reason")
                after = None if withdraws else _changed(form, key, before, posted, allowed_by, why)
            except RequestRefused as refused:
                return _entry_page(visit, form, key if before else NEW, posted, [refused.message])
            except ValidationError as error:
                return _entry_page(visit, form, key if before else NEW, posted, problems(error))
            decision = {
                "register": register, "key": key, "allowed_by": allowed_by, "why": why,
                "decided_by": visit.person.mailbox,
                "entry": after and Json(after.model_dump(mode="json", by_alias=True)),
            }  # fmt: skip
            if not rows(cursor, "desk/decide", decision):
                raise RequestRefused(409, "Somebody else has just decided. Open the page again.")
            actions.record(
                cursor, visit.person.mailbox, f"{'withdrew' if withdraws else 'decided on'} a {form.entry}", key,
                before=_values(form, before), after=_values(form, after),
            )  # fmt: skip
        return go_to(f"/decisions/{register}?done=yes")

    return router


def _form(register: str) -> RegisterForm:
    if register not in FORMS:
        raise RequestRefused(404, "There is no such register.")
    return FORMS[register]


def _entry(form: RegisterForm, known: Mapping[str, Any], key: str) -> BaseModel | None:
    """The entry with a key; None for a new one.

    Raises:
        RequestRefused: there is none.
    """
    if key == NEW and form.new_key:
        return None
    entries = form.entries(known)
    if key not in entries:
        raise RequestRefused(404, f"There is no such {form.entry}.")
    return entries[key]


def _values(form: RegisterForm, entry: BaseModel | None) -> dict[str, Any] | None:
    """What an entry has in the fields of its form."""
    if entry is None:
        return None
    values = entry.model_dump(by_alias=True)
    return {field.name: values[field.name] for field in form.fields()}


def _changed(
    form: RegisterForm, key: str, before: BaseModel | None, posted: Mapping[str, str], allowed_by: str, why: str
) -> BaseModel:
    """The entry as the form would have it; what the form has no field for stays as it was.

    Raises:
        ValidationError: the entry cannot be so.
    """
    values: dict[str, Any] = {} if before is None else before.model_dump(by_alias=True)
    for field in form.fields():
        text = posted.get(field.name, "")
        values[field.name] = (
            [part.strip() for part in text.split(",") if part.strip()] if field.kind == "numbers" else text
        )
    known = {field.alias or name for name, field in form.model.model_fields.items()}
    values |= {
        name: value for name, value in {"id": key, "allowed_by": allowed_by, "why": why}.items() if name in known
    }
    return form.model.model_validate(values)


def _entry_page(
    visit: Visit, form: RegisterForm, key: str, given: Mapping[str, str] | None, wrong: list[str]
) -> HTMLResponse:
    with transaction() as cursor:
        entry = _entry(form, decided(cursor, form.name), key)
        history = rows(cursor, "desk/register_history", {"register": form.name, "key": key})
    values = {name: _text(value) for name, value in (_values(form, entry) or {}).items()} if given is None else given
    return page(
        "decision", visit, 422 if wrong else 200, form=form, fields=form.fields(), key=key, is_new=entry is None,
        values=values, history=history, wrong=wrong,
    )  # fmt: skip


def _text(value: Any) -> str:
    """A value as its field shows it."""
    if isinstance(value, date):
        return value.isoformat()
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
