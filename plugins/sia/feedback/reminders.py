"""The chase: once a day, who is reminded of what, and what the unit has to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import LAST_QUARTER
from sia.feedback import letter, outbox
from sia.feedback.digest import Part, Section
from sia.feedback.due_stages import DUE, LAST_WEEK, LATE, TEN, THREE, OwedReturn, Stage, owed_on, stage_on
from sia.feedback.letter import Letter
from sia.quality import waivers
from sia.quality.waivers import Task
from sia.registers.agreements import agreements
from sia.registers.partners import UNIT, Partners, partners
from sia.warehouse import expected_returns
from sia.warehouse.sql_files import rows

REMINDER, ESCALATION = "reminder", "escalation"
# What the unit was told and has not changed is said again after this time.
SAID_AGAIN_AFTER = timedelta(days=7)
REVIEW_COMES_WITHIN = timedelta(days=60)

Said = tuple[OwedReturn, Stage]

_TITLES = {LATE: "Late", DUE: "Wanted today", THREE: "Wanted in three working days or less", TEN: "Wanted soon"}
_WAIVER_WORDS = {
    waivers.EXPIRED: "has expired; remove it, or set a new date with a reason",
    waivers.NOT_NEEDED: "is not needed any more: the newest return does not break its rule; remove it",
    waivers.MORE: "was not used: the newest return breaks its rule elsewhere than was foreseen; look at it again",
}


def chase(connection: Connection, day: date) -> list[str]:
    """Put the reminders of a day into the outbox. Commits; each stage of a return is said once, however often it runs.

    What is owed follows the contracts and the register of extensions as they are now. A partner is reminded ten and
    three working days before a return is wanted and on the day; its escalation mailbox weekly from a week after. The
    unit is told when a return becomes late and when one is escalated, and weekly of agreements and waivers to see to.

    Returns:
        To whom a letter goes: the partners' keys (twice, where both mailboxes are written to), and ``unit``.
    """
    register = partners()
    told = []
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('chase'))")
        expected_returns.replace(connection, LAST_QUARTER)
        to_see_to = waivers.refresh_tasks(cursor, day)
        everything = owed_on(cursor, day)
        new = list(_not_said_yet(cursor, everything, day))
        for source, each in groupby(new, key=lambda said: said[0].source):
            mine = list(each)
            for kind in (REMINDER, ESCALATION):
                chosen = [one for one in mine if not one[1].for_unit_alone and one[1].escalates == (kind == ESCALATION)]
                if chosen and _queue(cursor, source, reminder(register, source, kind, chosen), chosen, day):
                    told.append(source)
        notes = _notes(to_see_to, day)
        late = [one for one in new if one[1].name == LATE]
        if late or (notes and _unit_heard_of_it_long_ago(cursor, day)):
            written = for_the_unit(register, everything, notes, day)
            if _queue(cursor, UNIT, written, [one for one in late if one[1].for_unit_alone], day):
                told.append(UNIT)
    return told


def reminder(register: Partners, source: str, kind: str, chosen: Sequence[Said]) -> Letter:
    """The letter that reminds one partner: of what is wanted soon, or, to its escalation mailbox, of what is late."""
    sections = []
    for name, title in _TITLES.items():
        parts = tuple(Part(_title(one), (_state(one),)) for one, stage in chosen if stage.name == name)
        if parts:
            sections.append(Section(title, parts))
    organisation = register.organisation(source)
    if kind == ESCALATION:
        heading = f"{organisation}: returns that are late"
        opening = (
            f"We have not had what is listed here, and reminded your {register.partners[source].due_contact} of it. "
            "The scorecard says of what is missing that it was not received. Please see that it comes, or tell us when "
            "it will."
        )
    else:
        heading = f"{organisation}: returns that we are waiting for"
        opening = (
            "If there was nothing to report, send the workbook all the same, with Yes next to Nil return on its Cover "
            "sheet: we never take a return that did not come for zero. If you need longer, answer this mail."
        )
    return _render(register, kind, heading, opening, sections)


def for_the_unit(register: Partners, everything: Sequence[OwedReturn], notes: Sequence[Section], day: date) -> Letter:
    """What the unit is told: what is late or owes a correction, agreements and waivers to see to.

    What has been late for longer than reminders are written is counted, and not listed every time.
    """
    late = [one for one in everything if one.deadline < day]
    listed = [one for one in late if stage_on(day, one.deadline)]
    sections = [
        Section(f"Late: {register.organisation(source)}", tuple(Part(_title(one), (_state(one),)) for one in each))
        for source, each in groupby(listed, key=lambda one: one.source)
    ]
    heading = f"Returns that are late, {letter.day_words(day)}"
    opening = (
        f"{len(late):,} late, {len(late) - len(listed):,} of them for more than {LAST_WEEK} weeks and not listed here. "
        "feedback.expected_return_status in the warehouse has every return with what came."
    )
    return _render(register, REMINDER, heading, opening, [*sections, *notes])


def _render(register: Partners, kind: str, heading: str, opening: str, sections: Sequence[Section]) -> Letter:
    words = {"heading": heading, "opening": opening, "sections": sections, "unit": register.unit}
    return letter.render(kind, "digest", heading, words)


def _title(one: OwedReturn) -> str:
    return f"{one.contract.title}, {one.quarter.label}{' (made-up sample)' if one.synthetic else ''}"


def _state(one: OwedReturn) -> str:
    longer = " (longer time was allowed)" if one.extended else ""
    wanted = f"Wanted by {letter.day_words(one.deadline)}{longer}"
    if one.state == "refused":
        things = "1 thing is" if one.open_tasks == 1 else f"{one.open_tasks} things are"
        return f"{wanted}. What came last (receipt {one.newest_receipt}) was not taken: {things} to be put right."
    return f"{wanted}. Nothing has come yet."


def _not_said_yet(cursor: Cursor, everything: Sequence[OwedReturn], day: date) -> Iterator[Said]:
    said = {tuple(row.values()) for row in rows(cursor, "feedback/expected_said", {})}
    for one in everything:
        stage = stage_on(day, one.deadline)
        if stage is not None and (*_key(one), stage.name, stage.week) not in said:
            yield one, stage


def _key(one: OwedReturn) -> tuple[str, str, str, date]:
    return one.contract.name, one.source, one.quarter.key, one.deadline


def _queue(cursor: Cursor, recipient: str, written: Letter, of: Sequence[Said], day: date) -> bool:
    """Queue a letter of a day and note the stages that it says; False if that day's letter was written before."""
    if not outbox.queue(cursor, recipient, written, about_day=day):
        return False
    for one, stage in of:
        cursor.execute(
            "INSERT INTO feedback.reminder (return_name, source, quarter_key, due_on, stage, week, letter_id)"
            " SELECT %s, %s, %s, %s, %s, %s, l.letter_id FROM feedback.letter AS l"
            " WHERE l.recipient = %s AND l.kind = %s AND l.about_day = %s",
            (*_key(one), stage.name, stage.week, recipient, written.kind, day),
        )
    return True


def _notes(to_see_to: Sequence[Task], day: date) -> list[Section]:
    register = agreements()
    last_days = {source: register.last_day(source) for source in partners().partners}
    reviews = tuple(
        _agreement(partners().organisation(source), last, day)
        for source, last in last_days.items()
        if last is None or last <= day + REVIEW_COMES_WITHIN
    )
    waived = tuple(f"{task.waiver.id} ({task.waiver.rule}) {_WAIVER_WORDS[task.reason]}." for task in to_see_to)
    return [
        Section(title, (Part(what, entries),))
        for title, what, entries in (
            ("Data-sharing agreements", "Without one in force, files are refused unread", reviews),
            ("Waivers", "include/registers/waivers.yml", waived),
        )
        if entries
    ]


def _agreement(organisation: str, last: date | None, day: date) -> str:
    if last is None:
        return f"{organisation}: there is no agreement."
    verb = "ended" if last < day else "ends unless it is reviewed"
    return f"{organisation}: the agreement {verb} on {letter.day_words(last)}."


def _unit_heard_of_it_long_ago(cursor: Cursor, day: date) -> bool:
    cursor.execute("SELECT max(about_day) FROM feedback.letter WHERE recipient = %s AND kind = %s", (UNIT, REMINDER))
    (last,) = cursor.fetchone() or (None,)
    return last is None or day - last >= SAID_AGAIN_AFTER
