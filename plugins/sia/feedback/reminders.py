"""Reminders: once a day, which partner gets a reminder of which returns, and what the unit needs to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import format_date
from sia.feedback import outbox
from sia.feedback.digest import REPEAT_AFTER
from sia.feedback.due_stages import (
    DUE,
    LAST_WEEK,
    LATE,
    TEN,
    THREE,
    UNSIGNED,
    DueStage,
    OutstandingReturn,
    outstanding_returns,
    stage_on,
)
from sia.feedback.letter import Letter, render
from sia.quality import waivers
from sia.registers.agreements import Agreements, agreements
from sia.registers.partners import UNIT, Partners, contacts, partners
from sia.warehouse import locks, register_rows
from sia.warehouse.locks import Lock
from sia.warehouse.register_decisions import AGREEMENTS, CONTACTS, decided
from sia.warehouse.sql_files import rows

REMINDER, ESCALATION = "reminder", "escalation"
REVIEW_WITHIN = timedelta(days=60)

DueReturn = tuple[OutstandingReturn, DueStage]
Notice = tuple[str, str, tuple[str, ...]]

_HEADINGS = {LATE: "Late", DUE: "Due today", THREE: "Due in three working days or less", TEN: "Due soon"}
_WAIVER_PROBLEMS = {
    waivers.EXPIRED: "has expired. Remove it, or set a new date and give a reason",
    waivers.NOT_NEEDED: "is no longer needed: the newest return keeps its rule. Remove it",
    waivers.MORE: "was not used: the newest return breaks its rule in other places. Check it again",
}


def queue_reminders(connection: Connection, day: date) -> list[str]:
    """Queue the reminders of a day. Commits; each stage of a return is written about once, however often this runs.

    The contracts and the register of extensions, as they are now, say which returns are outstanding. A partner gets a
    reminder ten and three working days before a return is due, and on the day. Its escalation mailbox gets one each
    week from a week after. The unit gets a letter when a return becomes late and when one is escalated, and one a week
    about signatures, agreements and waivers that need attention.

    Returns:
        The recipients: the partners' keys (twice, where both mailboxes get a letter) and ``unit``.
    """
    register = partners()
    recipients = []
    with connection, connection.cursor() as cursor:
        locks.take(cursor, Lock.REMIND)
        register_rows.follow_expected_returns(cursor)
        due_contacts = {key: contact.due_contact for key, contact in contacts(decided(cursor, CONTACTS)).items()}
        waiver_tasks = waivers.refresh_tasks(cursor, day)
        incomplete = outstanding_returns(cursor, day)
        outstanding = [due for due in incomplete if due.state != UNSIGNED]
        new = list(_new_stages(cursor, outstanding, day))
        for source, due_returns in groupby(new, key=lambda due: due[0].source):
            theirs = [due for due in due_returns if not due[1].for_unit_alone]
            for kind in (REMINDER, ESCALATION):
                chosen = [due for due in theirs if due[1].escalates == (kind == ESCALATION)]
                if chosen and _queue(
                    cursor, source, reminder(register, source, due_contacts[source], kind, chosen), chosen, day
                ):
                    recipients.append(source)
        unsigned = [due for due in incomplete if due.state == UNSIGNED]
        notices = _notices(register, unsigned, agreements(decided(cursor, AGREEMENTS)), waiver_tasks, day)
        late = [due for due in new if due[1].name == LATE]
        if late or (notices and _is_repeat_due(cursor, day)):
            letter = late_returns(register, outstanding, notices, day)
            if _queue(cursor, UNIT, letter, [due for due in late if due[1].for_unit_alone], day):
                recipients.append(UNIT)
    return recipients


def reminder(register: Partners, source: str, due_contact: str, kind: str, due_returns: Sequence[DueReturn]) -> Letter:
    """The reminder to a partner about returns that are due, or the escalation about returns that are late."""
    organisation = register.organisation(source)
    words = {
        "organisation": organisation,
        "due_contact": due_contact,
        "due_returns": [
            (heading, [(outstanding.title, outstanding.still_needed) for outstanding, _ in chosen])
            for name, heading in _HEADINGS.items()
            if (chosen := [due for due in due_returns if due[1].name == name])
        ],
    }
    subject = f"{'Late returns' if kind == ESCALATION else 'Returns due'} from {organisation}"
    return render(kind, kind, subject, words)


def late_returns(
    register: Partners, outstanding: Sequence[OutstandingReturn], notices: Sequence[Notice], day: date
) -> Letter:
    """The letter to the unit about late returns and corrections, and what else needs attention.

    Returns that have been late for longer than we send reminders are counted and not listed.
    """
    late = [due for due in outstanding if due.deadline < day]
    listed = [due for due in late if stage_on(day, due.deadline)]
    words = {
        "late_count": len(late),
        "unlisted_count": len(late) - len(listed),
        "last_week": LAST_WEEK,
        "due_returns": [
            (f"Late: {register.organisation(source)}", [(due.title, due.still_needed) for due in theirs])
            for source, theirs in groupby(listed, key=lambda due: due.source)
        ],
        "notices": notices,
    }
    return render(REMINDER, "late_returns", f"Late returns, {format_date(day)}", words)


def _new_stages(cursor: Cursor, outstanding: Sequence[OutstandingReturn], day: date) -> Iterator[DueReturn]:
    """The outstanding returns that have reached a stage that no letter has been written about."""
    written = {tuple(row.values()) for row in rows(cursor, "feedback/expected_said", {})}
    for due in outstanding:
        stage = stage_on(day, due.deadline)
        if stage is not None and (*_key(due), stage.name, stage.week) not in written:
            yield due, stage


def _key(due: OutstandingReturn) -> tuple[str, str, str, date]:
    return due.contract.name, due.source, due.quarter.key, due.deadline


def _queue(cursor: Cursor, recipient: str, letter: Letter, due_returns: Sequence[DueReturn], day: date) -> bool:
    """Queue a letter of a day and record the stages that it covers; False if that day's letter was queued before."""
    if not outbox.queue(cursor, recipient, letter, about_day=day):
        return False
    for due, stage in due_returns:
        cursor.execute(
            "INSERT INTO feedback.reminder (return_name, source, quarter_key, due_on, stage, week, letter_id)"
            " SELECT %s, %s, %s, %s, %s, %s, l.letter_id FROM feedback.letter AS l"
            " WHERE l.recipient = %s AND l.kind = %s AND l.about_day = %s",
            (*_key(due), stage.name, stage.week, recipient, letter.kind, day),
        )
    return True


def _notices(
    register: Partners,
    unsigned: Sequence[OutstandingReturn],
    agreed: Agreements,
    waiver_tasks: Sequence[waivers.WaiverTask],
    day: date,
) -> list[Notice]:
    """Signatures, agreements and waivers that need attention, with a heading and what happens otherwise."""
    to_sign = tuple(f"{register.organisation(due.source)}, {due.title}: receipt {due.receipt}." for due in unsigned)
    last_days = {source: agreed.last_day(source) for source in register.partners}
    ending = tuple(
        _agreement(register.organisation(source), last, day)
        for source, last in last_days.items()
        if last is None or last <= day + REVIEW_WITHIN
    )
    waived = tuple(f"{task.waiver.id} ({task.waiver.rule}) {_WAIVER_PROBLEMS[task.reason]}." for task in waiver_tasks)
    return [
        (heading, introduction, notes)
        for heading, introduction, notes in (
            ("Signatures", "Ask the sender to sign in, and to sign the return", to_sign),
            ("Data-sharing agreements", "Without a current agreement we refuse files unread", ending),
            ("Waivers", "In the register of waivers", waived),
        )
        if notes
    ]


def _agreement(organisation: str, last: date | None, day: date) -> str:
    if last is None:
        return f"{organisation}: there is no agreement."
    verb = "ended" if last < day else "ends, unless you renew it,"
    return f"{organisation}: the agreement {verb} on {format_date(last)}."


def _is_repeat_due(cursor: Cursor, day: date) -> bool:
    """Whether the unit's last letter is a week old, or there is none."""
    cursor.execute("SELECT max(about_day) FROM feedback.letter WHERE recipient = %s AND kind = %s", (UNIT, REMINDER))
    (last,) = cursor.fetchone() or (None,)
    return last is None or day - last >= REPEAT_AFTER
