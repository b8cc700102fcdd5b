"""Opens files that others sent in a process of its own, which can do no harm and ends if a file asks for too much.

The process is a fork of this one, so that it starts in milliseconds. It has limits of memory, processor and time, no
environment, no open file but the pipe for its answer, and writes no file unless that is asked for. Where the kernel
allows user namespaces it has no network either. Its answer may hold our own data classes and plain values, and nothing
that runs code.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import pickle
import resource
import select
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, TypeVar

from sia.contract.model import Contract
from sia.intake.rejection import FileRejected, format_names, make_finding
from sia.intake.usual_package import usual_package

T = TypeVar("T")

MEGABYTE = 1 << 20
_CHUNK = 1 << 16
# unshare(2): a new user namespace, in which a new network namespace is allowed.
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


class LimitExceededError(Exception):
    """A file asked for more memory or time than the limits give. Trying again would not help."""


class ProcessKilledError(OSError):
    """Something killed the process before it reached its limits: this machine has no memory left. Try again later."""


class SandboxError(Exception):
    """Our own code failed on a file. The text names the lines of code, and no value of the file."""


@dataclass(frozen=True, slots=True)
class ResourceLimits:
    """What a process may use.

    ``megabytes``: memory beyond what it starts with. ``processor_seconds``, and ``seconds`` in all. ``file_megabytes``:
    the largest file that it may write.
    """

    megabytes: int = 400
    processor_seconds: int = 10
    seconds: int = 120
    file_megabytes: int = 0


RETURN = ResourceLimits()
# The unit downloads a publication, which may have thirty large sheets.
PUBLICATION = ResourceLimits(megabytes=1_500, processor_seconds=120, seconds=600)


def open_safely(contract: Contract, file: BinaryIO, read: Callable[[BinaryIO], T]) -> T:
    """Apply a reader to a file, in the sandbox.

    An archive is read here and not in the sandbox: it is too large to be handed over, and text in a zip needs no
    memory to read.

    Args:
        contract: of the return that the file is for, which decides the limits.
        file: the file, opened for reading bytes, seekable.
        read: the reader. It gets the file from its beginning, in the usual form of its package.

    Raises:
        FileRejected: the reader rejects the file, or it asks for too much.
        ProcessKilledError: the reader was killed, and the file is not the reason.
    """
    file.seek(0)
    if contract.archive is not None:
        return read(file)
    content = file.read()
    try:
        limits = PUBLICATION if contract.published else RETURN
        return run(lambda: read(io.BytesIO(usual_package(content))), limits)
    except LimitExceededError:
        raise FileRejected(make_finding("INT-READ-01", formats=format_names(contract))) from None


def run(work: Callable[[], T], limits: ResourceLimits = RETURN) -> T:
    """Do some work in the sandbox, and give its result.

    Args:
        work: what to do. Its result holds our own data classes and plain values.
        limits: what it may use.

    Raises:
        FileRejected: the work raises it.
        LimitExceededError: the work used more than the limits.
        ProcessKilledError: the process was killed within its limits.
        SandboxError: the work failed in another way.
    """
    answers, sender = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(answers)
        _work_and_end(work, limits, sender)
    os.close(sender)
    until = time.monotonic() + limits.seconds
    try:
        answer = _receive(answers, until)
        is_late = time.monotonic() >= until
    finally:
        os.close(answers)
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        _, status, used = os.wait4(process, 0)
    if not answer:
        # The kernel also kills a process whose processor time is over.
        is_over = used.ru_utime + used.ru_stime > limits.processor_seconds - 1
        if os.waitstatus_to_exitcode(status) == -signal.SIGKILL and not is_late and not is_over:
            raise ProcessKilledError("the process that read a file was killed: this machine may have no memory left")
        raise LimitExceededError
    try:
        kind, value = _Unpickler(io.BytesIO(answer)).load()
    except Exception:  # bytes that are not an answer can make the reader raise anything
        raise SandboxError("the answer is not one that the sandbox may give") from None
    if kind == "result":
        result: T = value
        return result
    if kind == "rejected":
        raise FileRejected(*value)
    if kind == "exceeded":
        raise LimitExceededError
    raise SandboxError(value)


def _receive(answers: int, until: float) -> bytes:
    """The whole answer; nothing if the process ended before it was complete, or was too slow."""
    received = bytearray()
    while select.select([answers], [], [], max(0.0, until - time.monotonic()))[0]:
        chunk = os.read(answers, _CHUNK)
        if not chunk:
            size = int.from_bytes(received[:8], "big")
            return bytes(received[8:]) if len(received) == 8 + size else b""
        received += chunk
    return b""


def _work_and_end(work: Callable[[], Any], limits: ResourceLimits, sender: int) -> NoReturn:
    """In the new process: restrict it, do the work, and send the answer."""
    try:
        _restrict(limits, sender)
        packed = io.BytesIO()
        _Pickler(packed, pickle.HIGHEST_PROTOCOL).dump(_answer(work))
        answer = packed.getvalue()
        view = memoryview(len(answer).to_bytes(8, "big") + answer)
        while view:
            view = view[os.write(sender, view) :]
    finally:
        # Nothing of the process that we come from may run here: no handler, no test, no connection's farewell.
        os._exit(0)


def _answer(work: Callable[[], Any]) -> tuple[str, Any]:
    try:
        return "result", work()
    except FileRejected as rejected:
        return "rejected", rejected.findings
    except MemoryError:
        return "exceeded", None
    except BaseException as error:
        lines = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        return "failed", f"{type(error).__name__} at {', '.join(lines[-3:])}"


def _restrict(limits: ResourceLimits, sender: int) -> None:
    for number in range(1, signal.NSIG):
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
    os.environ.clear()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.closerange(3, sender)
    os.closerange(sender + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    ctypes.CDLL(None).unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    for kind, limit in (
        (resource.RLIMIT_AS, _address_space() + limits.megabytes * MEGABYTE),
        (resource.RLIMIT_CPU, limits.processor_seconds),
        (resource.RLIMIT_FSIZE, limits.file_megabytes * MEGABYTE),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (limit if hard == resource.RLIM_INFINITY else min(limit, hard),) * 2)


def _address_space() -> int:
    """The bytes of memory that this process has mapped."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


class _Pickler(pickle.Pickler):
    """Writes an answer. Some versions of Python write an enumeration's member as a call of ``getattr``."""

    def reducer_override(self, value: Any) -> Any:
        return (type(value), (value.value,)) if isinstance(value, Enum) else NotImplemented


class _Unpickler(pickle.Unpickler):
    """Reads an answer: only our own data classes, named tuples and enumerations are made from it."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("sia.") and "." not in name:
            kind = getattr(import_module(module), name)
            is_tuple = isinstance(kind, type) and issubclass(kind, tuple)
            if is_tuple or is_dataclass(kind) or (isinstance(kind, type) and issubclass(kind, Enum)):
                return kind
        raise pickle.UnpicklingError("not a class that an answer may hold")
