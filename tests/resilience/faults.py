"""Faults at any point of the steps of a return, and the question whether the return ends right all the same.

A trial sends one file and takes it through every step, from the inbox to the sent letter, in a process of its own. The
process counts its events: statements, ends of transactions, and whatever it opens. At one event the fault strikes.
Then the steps run again, as Airflow tries a task again, and the trial asks what the warehouse, the state folder and the
mail server hold.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Timer
from types import FrameType
from typing import Any
from unittest import mock

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from sia.calendar import LONDON
from sia.errors import PermanentError
from sia.feedback import outbox
from sia.feedback.reply import reply_to_return
from sia.feedback.smtp import MailServer
from sia.intake import sandbox
from sia.quality import gx_runner  # noqa: F401 - imported once, and not by the process of each trial
from sia.retention import remove_expired
from sia.warehouse import database, invariants
from tests import steps
from tests.mail_server import Mailbox, connection_to, running
from tests.ports import free_port
from tests.staged import good_rows
from tests.workbooks import QUARTER, as_bytes, filled, put

RETURN = "sanctuary"
MAX_ATTEMPTS = 4
"""How often Airflow runs a task: once, and three times again."""

_OF_FILES = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.link", "os.listdir", "socket.connect"})
"""Audit events of Python that count (https://docs.python.org/3/library/audit_events.html)."""
HANGS_AFTER_SECONDS = 120
_FILLER = "filler"
_SMALL_DISK = "64m"
_DONE, _FAILED = 0, 1


class Fault(StrEnum):
    """What goes wrong."""

    KILL = "the process is killed"
    SESSIONS = "its sessions are ended"
    CRASH = "PostgreSQL crashes"
    READER = "the process that opens a file is killed"
    DISK = "files cannot grow"
    FULL = "the disk is full"
    MOUNT = "inbox and landing are gone"
    NO_MAIL = "no mail server answers"
    REFUSAL = "the mail server refuses"
    ABORT = "the mail server ends the connection"


ANYWHERE = (Fault.KILL, Fault.SESSIONS, Fault.DISK, Fault.MOUNT)
"""Faults that can strike at any event, on any machine."""
OF_MAIL = (Fault.NO_MAIL, Fault.REFUSAL, Fault.ABORT)
"""Faults of the mail server during the first attempt."""


@dataclass(frozen=True)
class Place:
    """Where trials run: a warehouse, a state folder, and how to let the server crash and come back."""

    state: Path
    crash: Callable[[], None]


@dataclass
class Trial:
    """One fault and how it ended. ``event``: where it struck; ``wrong``: what was not right in the end.

    ``reported``: errors that Airflow does not try again, of which it writes to the unit.
    """

    fault: Fault
    event: int
    accepted: bool
    attempts: int = 0
    struck_in: str = ""
    reported: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A small disk of its own at a folder, which can be full. Whether there is one: only root may mount it."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SMALL_DISK},mode=700", "tmpfs", str(folder)]
    is_mounted = not subprocess.run(mount, check=False, capture_output=True).returncode
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", str(folder)], check=True, capture_output=True)


def number_of_events(place: Place, number: int, *, accepted: bool) -> int:
    """How many events a return has on its way, if nothing goes wrong."""
    content = content_of(number, accepted=accepted)
    path = put(place.state / "inbox", f"return-{number}.xlsx", content)
    with running(Mailbox()) as server:
        ended = _attempt(place, server, None, 0)
    path.unlink()
    if ended["error"]:
        raise RuntimeError(f"a return without a fault failed: {ended['error']}")
    return int(ended["events"])


def try_fault(place: Place, number: int, fault: Fault, event: int, *, accepted: bool) -> Trial:
    """Send a file, let a fault strike at an event, and go on as the service does.

    Args:
        place: where.
        number: another one for each trial: no two files are the same.
        fault: what goes wrong.
        event: at which event of the first attempt, from 1. A fault of the mail server lasts for the whole attempt.
        accepted: whether the file is to be accepted, or refused.
    """
    content = content_of(number, accepted=accepted)
    path = put(place.state / "inbox", f"return-{number}.xlsx", content)
    trial, mailbox, port = Trial(fault, event, accepted), Mailbox(), free_port()
    hung: list[str] = []
    while trial.attempts < MAX_ATTEMPTS:
        trial.attempts += 1
        first = trial.attempts == 1
        mailbox.answer = "451 try later" if first and fault is Fault.REFUSAL else "250 accepted"
        mailbox.aborts = first and fault is Fault.ABORT
        catching = contextlib.nullcontext() if first and fault is Fault.NO_MAIL else running(mailbox, port)
        with catching:
            ended = _attempt(place, connection_to(port), fault if first else None, event)
        trial.struck_in = trial.struck_in or ended["struck_in"]
        if ended["error"] and not ended["is_temporary"]:
            trial.reported.append(ended["error"])
        if ended["error"] == "ended by SIGALRM":
            hung.append(f"stuck: attempt {trial.attempts} did not end")
        _let_time_pass()
        if not ended["error"] and not (first and fault in OF_MAIL):
            break
    path.unlink()
    trial.wrong = hung + list(wrong_in(place, sha256(content).hexdigest(), mailbox, number, accepted=accepted))
    return trial


def content_of(number: int, *, accepted: bool) -> bytes:
    job = {**good_rows(RETURN, "jobs")[0], "works_cost": str(number)}
    # The same reference twice is refused.
    return as_bytes(filled(RETURN, rows={"jobs": [job] if accepted else [job, job]}))


def _take_all_steps(server: MailServer) -> None:
    steps.take(RETURN, QUARTER)
    with database.connection() as connection:
        reply_to_return(connection, RETURN, QUARTER)
    with database.connection() as connection:
        outbox.send_due(connection, server)


def _attempt(place: Place, server: MailServer, fault: Fault | None, event: int) -> dict[str, Any]:
    """Take all steps in a new process, with a fault at an event. Returns what the process wrote about its end."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _be_the_process(place, server, fault, event, writer)
    os.close(writer)
    # What hangs is ended, and the trial says so: Airflow's own limit of a task would end it too.
    timer = Timer(HANGS_AFTER_SECONDS, os.kill, (child, signal.SIGALRM))
    timer.start()
    with os.fdopen(reader, "rb") as stream:
        lines = stream.read().splitlines()
    _, status = os.waitpid(child, 0)
    timer.cancel()
    (place.state / _FILLER).unlink(missing_ok=True)
    for folder in ("inbox", "landing"):
        with contextlib.suppress(FileNotFoundError):
            (place.state / f"{folder}.gone").rename(place.state / folder)
    ended: dict[str, Any] = {"error": "", "is_temporary": True, "events": 0, "struck_in": ""}
    for line in lines:
        ended |= json.loads(line)
    if os.WIFSIGNALED(status):
        ended["error"] = f"ended by {signal.Signals(os.WTERMSIG(status)).name}"
    return ended


def _be_the_process(place: Place, server: MailServer, fault: Fault | None, event: int, writer: int) -> None:
    """The life of the process: it never returns."""
    own, events, has_ended = os.getpid(), 0, False
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nothing, stream)

    def write(**known: Any) -> None:
        os.write(writer, json.dumps(known).encode() + b"\n")

    def count() -> None:
        nonlocal events
        if has_ended or os.getpid() != own:
            return
        events += 1
        if events == event and fault in (*ANYWHERE, Fault.FULL, Fault.CRASH, Fault.READER):
            write(struck_in=_step(sys._getframe()))
            _strike(place, fault)

    code = _DONE
    try:
        _count_statements(count)
        sys.addaudithook(lambda name, _: count() if name in _OF_FILES else None)
        _take_all_steps(server)
    except BaseException as error:
        code = _FAILED
        write(error=f"{type(error).__name__}: {str(error)[:200]}", is_temporary=_is_temporary(error))
    finally:
        has_ended = True
        write(events=events)
        os._exit(code)


def _count_statements(count: Callable[[], None]) -> None:
    """Count every statement and end of a transaction of this process, before it reaches the server."""

    class CountingCursor(Cursor):
        def execute(self, *arguments: Any) -> None:
            count()
            super().execute(*arguments)

        def copy_expert(self, *arguments: Any, **options: Any) -> None:
            count()
            super().copy_expert(*arguments, **options)

    class CountingConnection(Connection):
        def cursor(self, *arguments: Any, **options: Any) -> Any:
            return super().cursor(*arguments, **{"cursor_factory": CountingCursor, **options})

        def commit(self) -> None:
            count()
            super().commit()

        def rollback(self) -> None:
            count()
            super().rollback()

    psycopg2.connect = partial(psycopg2.connect, connection_factory=CountingConnection)


def _step(frame: FrameType | None) -> str:
    """The step in which a process is: our innermost function that is one."""
    names = {"receive", "stage", "validate", "load", "reply_to_return", "send_due", "outcomes"}
    while frame is not None:
        if frame.f_code.co_name in names and str(frame.f_globals.get("__name__", "")).startswith("sia."):
            return frame.f_code.co_name
        frame = frame.f_back
    return "between the steps"


def _strike(place: Place, fault: Fault | None) -> None:
    match fault:
        case Fault.KILL:
            _be_killed()
        case Fault.SESSIONS:
            with _other_cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        case Fault.CRASH:
            place.crash()
        case Fault.READER:
            # The next one, within its limits: so the kernel does it when the machine has no memory left.
            mock.patch.object(sandbox, "_restrict", _be_killed).start()
        case Fault.DISK:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        case Fault.FULL:
            _fill(place.state / _FILLER)
        case Fault.MOUNT:
            for folder in ("inbox", "landing"):
                with contextlib.suppress(FileNotFoundError):
                    (place.state / folder).rename(place.state / f"{folder}.gone")


def _fill(path: Path) -> None:
    """Leave no room on the disk of a file."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as filler:
        while filler.write(bytes(2**20)):
            pass


def _be_killed(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _is_temporary(error: BaseException) -> bool:
    """Whether Airflow tries a task again after this error (``sia_airflow.defaults.TEMPORARY_ERRORS``)."""
    names = {f"{kind.__module__}.{kind.__name__}" for kind in type(error).__mro__}
    operational = {"psycopg2.OperationalError", "psycopg2.InterfaceError", "sqlalchemy.exc.OperationalError"}
    return isinstance(error, (OSError, MemoryError)) or bool(names & operational)


@contextmanager
def _other_cursor() -> Iterator[Any]:
    """A cursor that commits after each statement, while others may be stuck."""
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        yield cursor


def _let_time_pass() -> None:
    """Airflow waits a minute and more before it tries again, and a letter waits for its next attempt."""
    for _ in range(100):  # until a server that crashed is back
        try:
            with _other_cursor() as cursor:
                cursor.execute("UPDATE feedback.letter SET due_at = clock_timestamp() WHERE state <> 'sent'")
            return
        except psycopg2.OperationalError:
            time.sleep(0.1)
    raise TimeoutError("PostgreSQL did not come back")


def wrong_in(place: Place, content_hash: str, mailbox: Mailbox, number: int, *, accepted: bool) -> Iterator[str]:
    """What is not as it would be if nothing had gone wrong."""
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT submission_id, status FROM intake.submission WHERE content_hash = %s", (content_hash,))
        submissions = cursor.fetchall()
        if len(submissions) != 1:
            yield "lost: it was not received" if not submissions else "doubled: it was received twice"
            return
        ((submission_id, status),) = submissions
        if status not in ("accepted", "refused"):
            yield f"stuck: it is {status}"
        elif (status == "accepted") != accepted:
            yield f"wrong: it was {status}"
        if accepted:
            cursor.execute(
                "SELECT sum(j.works_cost_gbp) FROM warehouse.sanctuary_job AS j"
                " INNER JOIN warehouse.return_version AS v ON j.return_version_id = v.return_version_id"
                " WHERE v.submission_id = %s AND upper_inf(v.known_during)",
                (submission_id,),
            )
            if cursor.fetchone() != (number,):
                yield "wrong: its figures are not those that count"
        cursor.execute(
            "SELECT message_id, state, unsure FROM feedback.letter WHERE submission_id = %s", (submission_id,)
        )
        letters = cursor.fetchall()
        if len(letters) != 1:
            yield f"{'lost' if not letters else 'doubled'}: it has {len(letters)} letters"
        for message_id, state, unsure in letters:
            sent = sum(letter["Message-ID"] == message_id for letter in mailbox.letters)
            if state != "sent" or not sent:
                yield f"lost: its letter is {state}, and the mail server got {sent}"
            # A server that ends the connection may have the letter: then it gets the same one again, and we count it.
            if sent > 1 + unsure:
                yield f"doubled: the mail server got its letter {sent} times"
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'staging'::regnamespace AND relname ~ %s",
            (f"_{submission_id}$",),
        )
        if cursor.fetchone() != (0,):
            yield "left: its staged rows"
        connection.rollback()
        try:
            invariants.require_sound(connection)
        except PermanentError as error:
            yield f"wrong: {error}"
    for path in place.state.rglob("*.part"):
        os.utime(path, (0, 0))
    with database.connection() as connection:  # what runs every morning
        remove_expired(connection, datetime.now(LONDON).date())
    if unfinished := list(place.state.rglob("*.part")):
        yield f"left: {len(unfinished)} unfinished files"
