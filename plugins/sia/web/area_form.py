"""The form for other names, codes and spellings of areas. None may be the name or code of another place."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg2.extensions import cursor as Cursor

from sia.geography import AreaType, OtherName, area_register, areas, authorities, other_area_names
from sia.warehouse.register_decisions import AREAS, decided
from sia.web.decision_form import Change, FormField, RegisterForm, first_open_day, next_number

_KINDS = {
    "spelling": "A spelling that partners use",
    "name": "A new name",
    "code": "A new code of the ONS",
}


def _fields() -> tuple[FormField, ...]:
    places = areas().of_type(AreaType.COUNTY, AreaType.CSP, AreaType.DISTRICT)
    return (
        FormField("area", "Area", "choice", choices={area.code: area.name for area in places}),
        FormField("kind", "What it is", "choice", choices=_KINDS),
        FormField("text", "Name, code or spelling", hint="As it is written in files."),
        FormField(
            "starts",
            "First day",
            "date",
            "It counts in files that we receive from this day on. In this quarter or later.",
        ),
    )


def _name(_: str, other_name: OtherName) -> str:
    return f"{areas()[other_name.area].name}: {other_name.text}"


def _objections(cursor: Cursor, change: Change) -> Iterator[str]:
    after = change.after
    if after is None:
        return
    if after.starts < first_open_day() and (change.before is None or change.before.starts != after.starts):
        yield "The first day must be in this quarter or later: what we received before stays as we read it."
    text = after.text.casefold()
    others = {name.casefold() for area in areas().values() for name in (area.code, area.name, area.short_name)}
    others |= {name.casefold() for name in authorities()}
    others |= {other.text.casefold() for other in other_area_names(decided(cursor, AREAS)) if other.id != change.key}
    if text in others:
        # Figures of one place would silently become those of another.
        yield "We know a place by this name, code or spelling already. Enter another."


AREAS_FORM = RegisterForm(
    name=AREAS,
    title="Names of areas",
    entry="a name",
    about="Other names, codes and spellings of areas. In files that we receive from the first day on, they mean the"
    " area, and the reply says so. A new name is also in scorecards. Figures never move from one area to another.",
    model=OtherName,
    fields=_fields,
    entries=lambda known: {other_name.id: other_name for other_name in other_area_names(known)},
    key_fields=("id",),
    next_id=next_number("ARE"),
    name_of=_name,
    objections=_objections,
    file="areas.yml",
    document=lambda cursor, _: area_register(decided(cursor, AREAS)),
)
