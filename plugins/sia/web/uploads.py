"""Files that people uploaded: checked at once, kept encrypted for an hour, and put into the inbox when they are sent.

What we know of an upload is in this process alone. After a restart, people choose their file again.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from sia.calendar import Quarter
from sia.contract.model import Contract
from sia.errors import PermanentError
from sia.feedback.dry_run import CheckResult
from sia.intake.identify import Details, IdentifiedFile, put_into_inbox
from sia.pages.check_worker import CheckFailure, CheckWorkers
from sia.settings import settings
from sia.storage import encrypted
from sia.storage.folders import inbox_folder
from sia.storage.landing import fingerprint
from sia.web.browser_sessions import new_secret

if TYPE_CHECKING:
    from sia.storage.folders import Folder

KEPT_SECONDS = 3600
MAX_UPLOADS = 200
MAX_UPLOADS_OF_A_PERSON = 20
_UNIDENTIFIED = (
    "We could not tell which return this is. Use our blank workbook, or choose the return, the sender and the quarter."
)
_TOO_LONG = "The check took too long. Send the file by email instead: we check it when it arrives."
_NOT_DELIVERED = "We could not put the file into the inbox. Try again, or tell the server's engineers."
_FAILED = "The check did not work. This may not be a problem with your file: please tell the unit."


class Stage(StrEnum):
    """How far an upload has come."""

    CHECKING = "checking"
    SENDING = "sending"
    CHECKED = "checked"
    FAILED = "failed"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file in the inbox: for which return, the hash of its content, and when it was put there."""

    return_name: str
    content_hash: str
    sent_at: datetime


@dataclass
class Upload:
    """A file that somebody uploaded. ``file_name`` is shown to that person alone."""

    number: str
    owner: str
    file_name: str
    extension: str
    details: Details
    sender: str
    began: float
    stage: Stage = Stage.CHECKING
    result: CheckResult | None = None
    problem: str = ""
    delivery: Delivery | None = None
    lock: Lock = field(default_factory=Lock)


class TooManyUploads(Exception):
    """Somebody, or everybody together, keeps as many uploads as we allow."""


class Uploads:
    """The uploads of this process."""

    def __init__(self, workers: CheckWorkers, now: Callable[[], float] = time.monotonic) -> None:
        self._workers, self._now = workers, now
        self._uploads: dict[str, Upload] = {}
        self._lock = Lock()
        # What an earlier process left cannot be sent any more.
        shutil.rmtree(_folder(), ignore_errors=True)

    def add(self, owner: str, file_name: str, extension: str, content: bytes, details: Details, sender: str) -> Upload:
        """Keep a file.

        Args:
            owner: the mailbox of the person, who alone may see it.
            file_name: what the person calls it.
            extension: one that we take, for example ``.xlsx``.
            content: its bytes.
            details: what the person says about it.
            sender: who sends it, if neither the person nor the file says so.

        Raises:
            TooManyUploads: the person has too many, or all people together have.
        """
        upload = Upload(new_secret(), owner, file_name, extension, details, sender, self._now())
        with self._lock:
            self._forget()
            own = sum(other.owner == owner for other in self._uploads.values())
            if len(self._uploads) >= MAX_UPLOADS or own >= MAX_UPLOADS_OF_A_PERSON:
                raise TooManyUploads
            self._uploads[upload.number] = upload
        encrypted.write_encrypted(_folder(), _name(upload), content)
        return upload

    def of(self, owner: str, number: str) -> Upload | None:
        """A person's upload; None if there is none with this number, or it is somebody else's."""
        with self._lock:
            self._forget()
            upload = self._uploads.get(number)
        return upload if upload is not None and upload.owner == owner else None

    def all_of(self, owner: str) -> list[Upload]:
        """A person's uploads, the newest first."""
        with self._lock:
            self._forget()
            return [upload for upload in reversed(self._uploads.values()) if upload.owner == owner]

    def add_sent(self, owner: str, title: str, delivery: Delivery) -> Upload:
        """An upload that we made and sent for somebody, so that its page shows the outcome."""
        upload = Upload(new_secret(), owner, title, "", Details(), "", self._now(), Stage.SENT, delivery=delivery)
        with self._lock:
            self._uploads[upload.number] = upload
        return upload

    def begin(self, owner: str, title: str) -> Upload:
        """An upload that is on its way into the inbox."""
        upload = Upload(new_secret(), owner, title, "", Details(), "", self._now(), Stage.SENDING)
        with self._lock:
            self._uploads[upload.number] = upload
        return upload

    def deliver(self, upload: Upload, identified: IdentifiedFile, inbox: Folder) -> None:
        """Put a large file into the inbox, and show so on the page of its upload."""
        moment, stage = datetime.now(UTC), Stage.FAILED
        try:
            put_into_inbox(identified, inbox)
            upload.delivery = Delivery(identified.contract.name, fingerprint(identified.file)[0], moment)
            stage = Stage.SENT
        finally:
            upload.problem, upload.stage = "" if stage is Stage.SENT else _NOT_DELIVERED, stage

    async def check(self, upload: Upload) -> None:
        """Check an upload; its result or problem is then in it."""
        result: CheckResult | CheckFailure = CheckFailure()
        try:
            with tempfile.TemporaryDirectory(prefix="sia-desk-") as folder:
                # Not under the sender's file name, which may name a person.
                path = Path(folder) / f"return{upload.extension}"
                with encrypted.open_decrypted(_folder(), _name(upload)) as kept:
                    path.write_bytes(kept.read())
                result = await self._workers.check(path, upload.details, Path(folder) / "check", upload.sender)
        finally:
            if isinstance(result, CheckFailure):
                upload.problem = _UNIDENTIFIED if result.is_unidentified else _TOO_LONG if result.timed_out else _FAILED
                upload.stage = Stage.FAILED
            else:
                upload.result, upload.stage = result, Stage.CHECKED

    def send(self, upload: Upload, received_on: date | None = None) -> Delivery | None:
        """Put a checked upload into the inbox. Returns its delivery; None if it was sent before.

        Raises:
            PermanentError: it is not checked yet.
        """
        with upload.lock:
            if upload.delivery is not None:
                return None
            if upload.result is None:
                raise PermanentError("the upload is not checked yet")
            with encrypted.open_decrypted(_folder(), _name(upload)) as kept:
                content = kept.read()
            result = upload.result
            upload.delivery = deliver(
                content, upload.extension, result.contract, result.quarter, result.source, received_on
            )
            upload.stage = Stage.SENT
            encrypted.encrypted_path(_folder(), _name(upload)).unlink()
            return upload.delivery

    def _forget(self) -> None:
        until = self._now() - KEPT_SECONDS
        for upload in [upload for upload in self._uploads.values() if upload.began < until]:
            del self._uploads[upload.number]
            encrypted.encrypted_path(_folder(), _name(upload)).unlink(missing_ok=True)


def deliver(
    content: bytes, extension: str, contract: Contract, quarter: Quarter, source: str, received_on: date | None = None
) -> Delivery:
    """Put a file into the inbox, under a new name: a file that is sent again is a new delivery."""
    moment = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="sia-desk-") as folder:
        path = Path(folder) / f"return-{moment:%Y%m%dT%H%M%S%f}{extension}"
        path.write_bytes(content)
        put_into_inbox(IdentifiedFile(path, contract, quarter, source, received_on), inbox_folder())
        return Delivery(contract.name, fingerprint(path)[0], moment)


def _folder() -> Path:
    return settings().state / "desk" / "uploads"


def _name(upload: Upload) -> str:
    return f"{upload.number}{upload.extension}"
