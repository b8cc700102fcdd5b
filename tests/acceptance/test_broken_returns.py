"""Eight sample returns, each broken in one way: the letter, the marked cells and the task of each, then the fixed ones.

They go through the pipeline's own steps and over a real SMTP server. The expected replies are in
``tests/golden/broken``: a person has read the letters, and the cells come from opening the samples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from openpyxl import Workbook, load_workbook

from demo.samples.broken import BROKEN, Broken
from demo.samples.submissions import Submission, submissions
from sia.feedback import outbox
from sia.feedback.reply import reply_to_return
from sia.feedback.tasks import of_return
from sia.local import mail_catcher
from sia.registers.partners import partners
from tests.conftest import Warehouse
from tests.mail_server import words_of
from tests.steps import take
from tests.submissions import query

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "broken"
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load((GOLDEN / "expected.yml").read_text(encoding="utf-8"))

every_error = pytest.mark.parametrize("error", [wrong.error for wrong in BROKEN])


@dataclass(frozen=True)
class Replies:
    """The replies to the broken returns and then to the fixed ones, by error."""

    warehouse: Warehouse
    sent: dict[str, bytes]
    refusals: dict[str, EmailMessage]
    tasks: dict[str, list[tuple[Any, ...]]]
    acceptances: dict[str, EmailMessage] = field(default_factory=dict)


@pytest.fixture(scope="module")
def replies(warehouse_of_module: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replies]:
    with pytest.MonkeyPatch.context() as patch:
        state = tmp_path_factory.mktemp("broken")
        patch.setenv("SIA_STATE", str(state))
        pairs = {wrong.error: samples_of(wrong) for wrong in BROKEN}
        sent = {error: first.content() for error, (first, _) in pairs.items()}
        refusals = {error: answer(warehouse_of_module, state, first) for error, (first, _) in pairs.items()}
        sent_replies = Replies(
            warehouse_of_module, sent, refusals, {w.error: tasks(warehouse_of_module, w) for w in BROKEN}
        )
        for error, (_, second) in pairs.items():
            sent_replies.acceptances[error] = answer(warehouse_of_module, state, second)
        yield sent_replies


def samples_of(wrong: Broken) -> tuple[Submission, Submission]:
    first, second = (s for s in submissions(wrong.quarter) if s.return_name == wrong.return_name)
    return first, second


def answer(warehouse: Warehouse, state: Path, sample: Submission) -> EmailMessage:
    """The email that replies to a sample once it has gone through every step."""
    place = state / "inbox" / sample.path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(sample.content())
    take(sample.return_name, sample.quarter.key)
    assert reply_to_return(warehouse.connection, sample.return_name, sample.quarter.key) == 1
    with mail_catcher.catching(state) as server:
        assert outbox.send_due(warehouse.connection, server) == outbox.SendResult(1, 0)
    return mail_catcher.caught(state)[-1]


def tasks(warehouse: Warehouse, wrong: Broken) -> list[tuple[Any, ...]]:
    return query(
        warehouse.connection,
        "SELECT reference, rule_id, state, findings FROM feedback.task WHERE return_name = %s AND quarter_key = %s",
        (wrong.return_name, wrong.quarter.key),
    )


def marked(message: EmailMessage) -> Workbook:
    (attached,) = message.iter_attachments()
    content = attached.get_payload(decode=True)
    assert isinstance(content, bytes)
    return load_workbook(BytesIO(content))


@every_error
def test_the_letter_matches_the_golden_letter(replies: Replies, error: str) -> None:
    letter = replies.refusals[error]
    plain = words_of(letter, "plain").replace("\r\n", "\n")
    assert f"Subject: {letter['Subject']}\n\n{plain}" == (GOLDEN / f"{error}.txt").read_text(encoding="utf-8")
    (source,) = {first.source for first, _ in [samples_of(next(w for w in BROKEN if w.error == error))]}
    assert letter["To"] == partners().partners[source].mailbox


@every_error
def test_the_letter_says_the_same_in_html(replies: Replies, error: str) -> None:
    plain, html = (words_of(replies.refusals[error], kind) for kind in ("plain", "html"))
    numbers_and_rule = re.compile(r"^(\d+\.|--)\s*", re.MULTILINE)
    assert " ".join(visible(html)) == " ".join(numbers_and_rule.sub("", plain).casefold().split())


@every_error
def test_the_marked_cells_match_the_golden_cells(replies: Replies, error: str) -> None:
    sent, book = load_workbook(BytesIO(replies.sent[error])), marked(replies.refusals[error])
    assert book.sheetnames == ["What to fix", *sent.sheetnames]
    marks = []
    for sheet in sent:
        for row in book[sheet.title].iter_rows():
            for cell in row:
                before = sheet[cell.coordinate]
                assert cell.value == before.value, "nothing that was sent is changed"
                if cell.border.left is not None and cell.border.left.style == "thick":
                    assert (cell.fill.fill_type, cell.protection.locked) == ("solid", False)
                    help_of_heading = f"{before.comment.text}\n\n" if before.comment else ""
                    note = cell.comment.text.removeprefix(help_of_heading)
                    marks.append({"sheet": sheet.title, "cell": cell.coordinate, "note": note})
                else:
                    assert repr(cell.fill) == repr(before.fill)
                    assert (cell.comment and cell.comment.text) == (before.comment and before.comment.text)
    assert marks == EXPECTED[error]["marks"]
    listed = [[cell.value for cell in row] for row in book["What to fix"].iter_rows(min_row=5)]
    assert {line[6] for line in listed} == {EXPECTED[error]["rule"]}
    assert sum(int(str(line[5])) for line in listed) == len(marks)


@every_error
def test_the_task_matches_the_golden_task_and_the_fixed_return_closes_it(replies: Replies, error: str) -> None:
    expected = EXPECTED[error]
    assert replies.tasks[error] == [(expected["task"], expected["rule"], "open", len(expected["marks"]))]
    wrong = next(wrong for wrong in BROKEN if wrong.error == error)
    assert tasks(replies.warehouse, wrong) == [(expected["task"], expected["rule"], "closed", 0)]
    events = query(
        replies.warehouse.connection,
        "SELECT e.attempt, e.event FROM feedback.task_event AS e JOIN feedback.task AS k USING (task_id)"
        " WHERE k.reference = %s ORDER BY e.attempt",
        (expected["task"],),
    )
    assert events == [(1, "opened"), (2, "closed")]
    letter = replies.acceptances[error]
    assert ": accepted (receipt " in letter["Subject"]
    assert f"You have now corrected everything we asked for under {expected['task']}." in " ".join(
        words_of(letter, "plain").split()
    )
    assert not list(letter.iter_attachments())


def test_all_eight_errors_are_tested_and_no_task_stays_open(replies: Replies) -> None:
    assert sorted(EXPECTED) == sorted(path.stem for path in GOLDEN.glob("*.txt")) == sorted(w.error for w in BROKEN)
    assert len(EXPECTED) == 8
    assert query(replies.warehouse.connection, "SELECT state, count(*) FROM feedback.task GROUP BY state") == [
        ("closed", 8)
    ]
    listed_tasks = [
        line
        for wrong in BROKEN
        for line in of_return(replies.warehouse.connection, wrong.return_name, wrong.quarter.key)
    ]
    assert {(line["state"], line["attempt"]) for line in listed_tasks} == {("closed", 2)}


def visible(html: str) -> list[str]:
    """The words of a page that a reader sees, in order and in small letters."""
    reader = _Visible()
    reader.feed(html)
    return " ".join(reader.texts).casefold().split()


class _Visible(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._unseen = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._unseen = tag in ("title", "style")

    def handle_endtag(self, tag: str) -> None:
        self._unseen = False

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.texts.append(data)
