"""The desk in a test: people who sign in, open pages and send forms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection
from starlette.testclient import TestClient

from sia.calendar import Quarter
from sia.feedback.smtp import MailServer
from sia.presentation.exception_reports import exception_chart
from sia.release import manifest
from sia.release.candidate import DIFFERENCE
from sia.release.commentary import ShownToLead
from sia.release.draft_folders import candidate_folder
from sia.web import app
from sia.web.approval_pages import Decide
from sia.web.identity_provider import IdentityProvider
from sia.web.scorecard_pages import Start
from tests import mail_server, steps
from tests.conftest import Warehouse
from tests.submissions import query
from tests.unit.papers.synthetic_release import EXCEPTION, scorecard

UNIT = "safer-communities-unit@example.org"
MEDIATION = "mediation-returns@example.org"
SANCTUARY = "sanctuary-returns@example.org"
APPROVER = "head-of-community-safety@example.org"
ADDRESS = "http://127.0.0.1"


def shown_to_lead() -> ShownToLead:
    """What a lead sees of an exception of a made-up release."""
    return ShownToLead("Vehicle crime rose.", exception_chart(scorecard(), EXCEPTION))


class Visitor:
    """A browser at the desk, with its own cookies."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.client = TestClient(desk.app, base_url=ADDRESS, follow_redirects=False)

    def sign_in(self, mailbox: str) -> Visitor:
        """Ask for a link, and use it."""
        assert self.client.post("/sign-in", data={"mailbox": mailbox}).status_code == 200
        answer = self.client.post(self._desk.link())
        assert answer.status_code == 303, answer.text
        return self

    def page(self, path: str, status: int = 200) -> str:
        """The text of a page."""
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return str(answer.text)

    def token(self, path: str) -> str:
        """The token in the forms of a page."""
        (token, *_) = re.findall(r'name="token" value="([0-9a-f]{64})"', self.page(path))
        return str(token)

    def post(self, path: str, form_page: str | None = None, **fields: Any) -> Any:
        """Send a form from its page."""
        files = fields.pop("files", None)
        hidden = re.findall(r'<input type="hidden" name="(token|earlier)" value="(\w*)">', self.page(form_page or path))
        data = {**dict(hidden), **fields}
        return self.client.post(path, data=data, files=files, headers={"Origin": ADDRESS})


@dataclass
class Desk:
    """The desk, its mail server with its mailbox, and the state folder."""

    app: Any
    mail_server: MailServer
    mailbox: mail_server.Mailbox
    state: Path
    warehouse: Warehouse

    def link(self) -> str:
        """The path of the link in the newest email."""
        words = mail_server.words_of(self.mailbox.letters[-1], "plain")
        (path, *_) = re.findall(rf"{re.escape(ADDRESS)}(/sign-in/\S+)", words)
        return str(path)

    def visitor(self, mailbox: str | None = None) -> Visitor:
        """A new browser; signed in, if a mailbox is given."""
        visitor = Visitor(self)
        return visitor.sign_in(mailbox) if mailbox else visitor


@contextmanager
def running(
    warehouse: Warehouse,
    state: Path,
    decide: Decide | None = None,
    start: Start | None = None,
    provider: IdentityProvider | None = None,
) -> Iterator[Desk]:
    """A desk with a mail server of its own, while the test runs. ``SIA_STATE`` names the state folder."""
    mailbox = mail_server.Mailbox()
    with mail_server.running(mailbox) as server:
        yield Desk(app.create(server, ADDRESS, decide, start, provider), server, mailbox, state, warehouse)


def load_new(return_name: str, quarter_key: str) -> None:
    """Do what the ingest DAG does with the new files in the inbox of a return and quarter."""
    steps.take(return_name, quarter_key)


def propose(connection: Connection, quarter: Quarter, files: dict[str, bytes], difference: str) -> int:
    """A candidate for a release that waits for approval, with its files; its number."""
    manifest.write_folder(candidate_folder(quarter), {**files, DIFFERENCE: difference.encode()})
    (number,) = query(
        connection,
        "INSERT INTO release.candidate (quarter_key, known_at) VALUES (%s, now()) RETURNING candidate_id",
        (quarter.key,),
    )[0]
    query(
        connection,
        "INSERT INTO release.proposal (candidate_id, data_hash, code_version, difference)"
        " VALUES (%s, %s, 'test', %s) RETURNING 1",
        (number, manifest.data_hash(files), difference),
    )
    return int(number)


def release(connection: Connection, quarter: Quarter, names: tuple[str, ...], number: int = 1) -> None:
    """A release of a quarter with some files, as the ledger has it."""
    query(
        connection,
        "WITH candidate AS (INSERT INTO release.candidate (quarter_key, known_at) VALUES (%(quarter)s, now())"
        " RETURNING candidate_id), proposal AS (INSERT INTO release.proposal (candidate_id, data_hash, code_version,"
        " difference) SELECT candidate_id, %(hash)s, 'test', 'x' FROM candidate RETURNING candidate_id),"
        " decision AS (INSERT INTO release.decision (candidate_id, verdict, decided_by, decided_at, remark)"
        " SELECT candidate_id, 'approved', 'unit', now(), '' FROM proposal RETURNING candidate_id)"
        " INSERT INTO release.release (candidate_id, quarter_key, number, known_at, data_hash, code_version,"
        " suppressed, manifest) SELECT candidate_id, %(quarter)s, %(number)s, now(), %(hash)s, 'test', 0, %(manifest)s"
        " FROM decision RETURNING 1",
        {
            "quarter": quarter.key,
            "hash": "0" * 64,
            "number": number,
            "manifest": json.dumps({"files": [{"name": name} for name in names]}),
        },
    )
