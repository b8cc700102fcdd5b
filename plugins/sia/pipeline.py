"""The steps of the pipeline, as Airflow's tasks and the commands call them.

Each step takes ids and gives ids or small counts, opens its own connection, and is safe to run again: it
does nothing to a submission that is not in the state before it. What each step does is in the module that
it calls, imported when it is needed, so that to parse a DAG costs next to nothing.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sia import paths
from sia.calendar import Quarter
from sia.contract.model import contract
from sia.warehouse import database
from sia.warehouse.sql_files import statement


def look_into_inbox() -> list[dict[str, str]]:
    """Find the returns and quarters for which new files came, and note what in the inbox is nobody's.

    Returns:
        For each its ``return_name``, ``quarter_key`` and ``seen``, which is the same as long as the same files wait.
    """
    from dataclasses import asdict

    from sia.intake import inbox
    from sia.storage import landing

    with database.connection() as connection:
        return [asdict(news) for news in inbox.look(connection, landing.inbox())]


def receive(return_name: str, quarter_key: str, *, settled: bool = False) -> list[int]:
    """Take in what lies in the inbox for a return and quarter.

    Args:
        return_name: the return.
        quarter_key: the quarter.
        settled: leave what is still being written; who asks by hand has finished.

    Returns:
        The submissions that go on to be staged, in the order in which they were received.
    """
    from sia.intake import admit, inbox
    from sia.storage import landing

    settling = inbox.SETTLING if settled else 0.0
    with database.connection() as connection:
        return admit.receive(
            connection, contract(return_name), Quarter.parse(quarter_key), landing.inbox(), landing.landing(), settling
        )


def fetch_police_archive() -> dict[str, str]:
    """Put the months of the police archive that we do not hold into the inbox: by return, for which quarter."""
    from sia.data_police_uk import delivery
    from sia.storage import landing

    with database.connection() as connection:
        found = delivery.deliver(connection, landing.inbox(), paths.state() / "fetched" / "police")
    return {one.return_name: one.quarter_key for one in found}


def stage(submission_id: int) -> None:
    """Read a received submission into staging, as text."""
    from sia.intake import stage as step

    with database.connection() as connection:
        step.stage(connection, submission_id)


def validate(submission_id: int) -> None:
    """Check a staged submission against its contract."""
    from sia.quality import validate as step

    with database.connection() as connection:
        step.validate(connection, submission_id)


def load(submission_id: int) -> None:
    """Turn a validated submission into facts."""
    from sia.warehouse import load as step

    with database.connection() as connection:
        step.load(connection, submission_id)


def outcome(return_name: str, quarter_key: str) -> list[dict[str, Any]]:
    """What became of each submission of a return for a quarter: ids, states and counts only."""
    return _rows("intake/outcome", return_name, quarter_key)


def reasons(return_name: str, quarter_key: str) -> list[dict[str, Any]]:
    """Why each submission of a return for a quarter was refused or is warned of: a row a rule, with its first place."""
    return _rows("intake/reasons", return_name, quarter_key)


def tasks(return_name: str, quarter_key: str) -> list[dict[str, Any]]:
    """What was to be put right in a return for a quarter, and which attempt did it: a row a task."""
    return _rows("feedback/tasks_of_return", return_name, quarter_key)


def reply(return_name: str, quarter_key: str) -> int:
    """Tell the senders of a return what became of their files: marked workbook, tasks, and a letter in the outbox.

    Returns:
        How many submissions were replied to now.
    """
    from sia import feedback

    with database.connection() as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement("feedback/to_reply"), {"return_name": return_name, "quarter_key": quarter_key})
            waiting = [submission_id for (submission_id,) in cursor.fetchall()]
        return sum(feedback.after_decision(connection, submission_id) for submission_id in waiting)


def draft(quarter_key: str) -> dict[str, Any]:
    """Write the draft scorecard of a quarter: where it lies, what it holds, and whether anything changed."""
    from sia.release import draft as step

    with database.connection() as connection:
        # Two drafts of one quarter follow one another, else their files could be of different moments.
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (f"draft {quarter_key}",))
        return step.draft(connection, Quarter.parse(quarter_key), paths.state() / "drafts" / quarter_key).summary()


def prepare_release(quarter_key: str) -> dict[str, Any]:
    """Make a candidate for a release of what is known now: its number and counts."""
    from sia.release import release as step

    folder = paths.state() / "drafts" / quarter_key / "release-candidate"
    with database.connection() as connection:
        return step.prepare(connection, Quarter.parse(quarter_key), folder)


def difference(candidate: int) -> str:
    """What an approver has in front of them, in Markdown."""
    from sia.release import ledger

    with database.connection() as connection, connection.cursor() as cursor:
        return ledger.candidate(cursor, candidate).difference


def write_to_approvers(candidate: int, address: str) -> list[str]:
    """Put a letter to each approver into the outbox: what differs, and where to decide; to whom one was put now."""
    from sia.release import approval

    with database.connection() as connection:
        return approval.write_to_approvers(connection, candidate, address)


def ask_for_commentary(quarter_key: str) -> list[dict[str, Any]]:
    """Ask the leads of a quarter's exceptions: for each ``lead``, its ``requests`` (numbers) and the day ``due``."""
    from sia.release import commentary

    with database.connection() as connection:
        return commentary.ask(connection, Quarter.parse(quarter_key))


def requested(requests: list[int]) -> list[dict[str, str]]:
    """What a lead was asked: the ``quarter``, and of each exception the ``title`` and the ``direction``."""
    from sia.release import commentary

    with database.connection() as connection, connection.cursor() as cursor:
        return [
            {"quarter": each.quarter.label, "title": each.title, "direction": each.direction}
            for each in commentary.requests(cursor, requests)
        ]


def write_to_lead(requests: list[int], address: str) -> bool:
    """Put the letter to a lead into the outbox; whether it was put there now."""
    from sia.release import commentary

    with database.connection() as connection:
        return commentary.write_to_lead(connection, requests, address)


def take_commentary(said: dict[int, str], given_by: str, given_at: datetime) -> list[int]:
    """Keep what a lead said, by request; the requests whose commentary looks like personal data and was not kept."""
    from sia.release import commentary

    with database.connection() as connection:
        return commentary.take(connection, said, given_by, given_at)


def publish(candidate: int, decided_by: str, decided_at: datetime, remark: str) -> dict[str, Any]:
    """Publish a candidate that was approved: its name, where it lies, its hash."""
    from sia.release import release as step
    from sia.release.ledger import Decision

    decision = Decision("approved", decided_by, decided_at, remark)
    with database.connection() as connection:
        return step.publish(connection, candidate, decision, paths.state() / "releases")


def send_back(candidate: int, decided_by: str, decided_at: datetime, remark: str) -> None:
    """Keep that a candidate was sent back."""
    from sia.release import release as step
    from sia.release.ledger import Decision

    with database.connection() as connection:
        step.send_back(connection, candidate, Decision("sent back", decided_by, decided_at, remark))


def csp_reports(quarter_key: str) -> dict[str, Any]:
    """Make the partnerships' reports of a quarter of its newest release: where they lie, and whether they are new."""
    from sia.papers import make

    state = paths.state()
    with database.connection() as connection:
        quarter = Quarter.parse(quarter_key)
        return make.csp_reports(connection, quarter, state / "releases", state / "papers").summary()


def assessment(financial_year: str) -> dict[str, Any]:
    """Make the assessment pack of a year of its releases: where it lies, and whether it is new."""
    from sia.papers import make
    from sia.registers.business_cycle import year_ending

    state = paths.state()
    with database.connection() as connection:
        last = year_ending(financial_year)
        return make.assessment(connection, last, state / "releases", state / "papers").summary()


def check() -> dict[str, int]:
    """Check the warehouse's invariants.

    Returns:
        The checks that ask for a look, with how many rows they found.

    Raises:
        PermanentError: an invariant is broken; the message names the checks.
    """
    from sia.contract.model import Severity
    from sia.errors import PermanentError
    from sia.warehouse import invariants

    with database.connection() as connection:
        found = invariants.run(connection)
    if broken := [f"{one.check} ({one.rows} rows)" for one in found if one.severity is Severity.CRITICAL]:
        raise PermanentError(f"the warehouse is not sound: {', '.join(broken)}; see include/sql/checks")
    return {one.check: one.rows for one in found}


def has_draft(quarter_key: str) -> bool:
    """Whether a draft scorecard of the quarter was written, or is being written."""
    return (paths.state() / "drafts" / quarter_key).is_dir()


def overtaken(quarter_keys: list[str]) -> list[str]:
    """The quarters whose drafts show figures of some quarters: their own, and those that look back on them."""
    from sia.scorecard.amounts import QUARTERS_JUDGED

    looking_back = {Quarter.parse(key).plus(later).key for key in quarter_keys for later in range(QUARTERS_JUDGED)}
    return sorted(filter(has_draft, looking_back))


def _rows(name: str, return_name: str, quarter_key: str) -> list[dict[str, Any]]:
    with database.connection() as connection, connection.cursor() as cursor:
        cursor.execute(statement(name), {"return_name": return_name, "quarter_key": quarter_key})
        names = [column.name for column in cursor.description or ()]
        return [
            {name: int(value) if isinstance(value, Decimal) else value for name, value in zip(names, row, strict=True)}
            for row in cursor.fetchall()
        ]
