"""What the form of a decision about a register has: its fields, who decides, and what nobody may."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg2.extensions import cursor as Cursor
from pydantic import BaseModel

from sia.calendar import Quarter
from sia.web.people import Person, Role
from sia.web.queries import today

Entries = Mapping[str, Any]
"""Entries of a register, as its file would have them, by key."""


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form. ``kind``: text, date, number, list (several, with commas between), choice or yes_no.

    ``optional``: it may be blank. A choice is optional if it has a choice for that.
    """

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    choices: Mapping[str, str] | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody would change: an entry, from ``before`` (None if it is new) to ``after`` (None if withdrawn)."""

    person: Person
    key: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterForm:
    """A register about whose entries people decide.

    ``entry``: what an entry is, with its article. ``entries``: the entries as they are now, by key, from what was
    decided. ``file`` and ``document``: the register's file, and what it has, from the entries. ``key_fields``: the
    fields of an entry that say which it is, and never change; none if the names of the entries are fixed, so that
    nobody adds or withdraws any. ``key_of``: the key of a new entry. ``next_id``: the number of a new entry, from the
    keys that were ever used; None if people choose its key fields. ``name_of``: what people call an entry.
    ``deciders``: who decides. ``stays``: whether an entry is history, so that nobody changes or withdraws it.
    ``objections``: why a change may not be. ``addresses``: those with which an entry lets people sign in, and
    ``loses``: what we write to an address that no longer is one.
    """

    name: str
    title: str
    entry: str
    about: str
    model: type[BaseModel]
    fields: Callable[[], tuple[FormField, ...]]
    entries: Callable[[Entries], Mapping[str, BaseModel]]
    file: str
    document: Callable[[Cursor, Entries], dict[str, Any]]
    key_fields: tuple[str, ...] = ()
    key_of: Callable[[Any], str] = lambda entry: str(entry.id)
    next_id: Callable[[Iterable[str]], str] | None = None
    name_of: Callable[[str, Any], str] = lambda key, _: key
    deciders: frozenset[Role] = frozenset({Role.UNIT})
    stays: Callable[[Any], bool] = lambda _: False
    objections: Callable[[Cursor, Change], Iterator[str]] = lambda *_: iter(())
    addresses: Callable[[Any], set[str]] = lambda _: set()
    loses: str = ""

    @property
    def noun(self) -> str:
        """What one entry is, without an article."""
        return self.entry.split()[-1]

    def removed_addresses(self, change: Change) -> set[str]:
        """The addresses that can no longer sign in after a change."""
        before, after = (self.addresses(entry) if entry else set() for entry in (change.before, change.after))
        return before - after


def next_number(letters: str) -> Callable[[Iterable[str]], str]:
    """What gives the next id of a register, for example WAI-2026-03, from the ids that were ever used."""

    def number(keys: Iterable[str]) -> str:
        first = f"{letters}-{today().year}-"
        numbers = [int(key.removeprefix(first)) for key in keys if key.startswith(first)]
        return f"{first}{max(numbers, default=0) + 1:02}"

    return number


def first_open_day() -> date:
    """The first day of the quarter that has not ended. Scorecards of quarters before it are judged and released."""
    return Quarter.containing(today()).start
