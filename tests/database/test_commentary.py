"""Commentary on exceptions: we ask each lead once, keep every text, and a release shows the commentary known then."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from psycopg2 import errors
from psycopg2.extensions import connection as Connection

from sia.calendar import LONDON, Quarter, add_working_days, format_date
from sia.errors import PermanentError
from sia.feedback import outbox
from sia.register_file import RegisterError
from sia.registers.leads import leads
from sia.registers.measures import measures
from sia.release import approval, building, commentary, ledger
from sia.release.candidate import prepare
from sia.scorecard.exceptions import LeadCommentary, exception_reports
from sia.scorecard.scorecard import build
from sia.warehouse import database
from tests import few_measures
from tests.conftest import Warehouse
from tests.database.test_release import MEASURES, filled, problems, released
from tests.mail_server import Mailbox, running
from tests.own_registers import replace_register
from tests.submissions import query
from tests.unit.presentation import synthetic
from tests.unit.presentation.test_exception_reports import COUNTY, NUMBERS, OXFORD
from tests.unit.scorecard.synthetic import QUARTER, measure, of_quarters, registers, rules

__all__ = ["filled"]

TODAY = datetime.now(LONDON).date()
# The policy's ten working days.
DUE = add_working_days(TODAY, 10)
PLACE = {area: ("synthetic", area) for area in (COUNTY, OXFORD)}
GIVEN = datetime(2022, 5, 2, 9, tzinfo=UTC)
EXCEPTIONS_NOW = building.exceptions_now
RELEASED = Quarter(2018, 4)
COMMENTARY = "Two new schemes opened in May, and more people know of them."


@pytest.fixture(autouse=True)
def exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two exceptions of a synthetic measure, in the county and in Oxford. A release has only referrals."""
    amounts = of_quarters(NUMBERS, COUNTY) | of_quarters(NUMBERS, OXFORD)
    current = registers(measure(lead="CSPs"))
    card = build(amounts, current, synthetic.population(), QUARTER, synthetic.returns(), share_published=1)
    reports = exception_reports(card, {}, TODAY, DUE, {}, {})
    assert len(reports) == 2
    monkeypatch.setattr(building, "exceptions_now", lambda *_: (current, card, reports))
    few_measures.use(monkeypatch, MEASURES)


def known(
    connection: Connection, at: datetime | None = None, quarter: Quarter = QUARTER
) -> dict[tuple[str, str], LeadCommentary]:
    with connection, connection.cursor() as cursor:
        return ledger.lead_commentary(cursor, quarter, at or datetime.now(UTC))


SHOWN = "SELECT explanation, chart FROM release.commentary_request ORDER BY request_id"


def test_a_lead_sees_the_chart_of_a_measure_of_which_nothing_is_ever_hidden(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    current, card, reports = building.exceptions_now(warehouse.connection, QUARTER)
    nothing_small = {"value": 1, "starts": "2013-04-01", "set_by": "Board", "why": "Nothing to hide"}
    public = replace(current, policy=rules(disclosure_threshold=[nothing_small]))
    monkeypatch.setattr(building, "exceptions_now", lambda *_: (public, card, reports))
    commentary.ask(warehouse.connection, QUARTER)
    shown = query(warehouse.connection, SHOWN)
    for (explained, chart), area in zip(shown, ("Oxfordshire", "Oxford City CSP"), strict=True):
        assert "above the same time in earlier years" in explained
        assert f": {area}, control chart by quarter</title>" in chart


def test_before_a_release_a_lead_sees_no_figure_that_it_might_hide(warehouse: Warehouse) -> None:
    """Another seed hides other figures: what a lead saw before, and the release, would give a small count away."""
    commentary.ask(warehouse.connection, QUARTER)
    assert query(warehouse.connection, SHOWN) == [(None, None)] * 2


def test_a_lead_is_asked_once_and_again_after_the_due_date(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = warehouse.connection
    (asked,) = commentary.ask(connection, QUARTER)
    assert asked == {"lead": "CSPs", "due": DUE.isoformat(), "requests": [1, 2]}
    assert known(connection) == {PLACE[COUNTY]: LeadCommentary(DUE), PLACE[OXFORD]: LeadCommentary(DUE)}
    assert commentary.write_to_lead(connection, asked["requests"], "https://airflow.example/here")
    assert commentary.ask(connection, QUARTER) == [asked]
    assert not commentary.write_to_lead(connection, asked["requests"], "https://airflow.example/elsewhere")
    ((recipient, subject, plain),) = query(connection, "SELECT recipient, subject, plain FROM feedback.letter")
    assert (recipient, subject) == ("csps", f"Commentary on 2021/22 Q4, by {format_date(DUE)}")
    assert "- synthetic, Oxfordshire: deteriorating.\n- synthetic, Oxford City CSP: deteriorating." in plain
    assert "https://airflow.example/here" in plain

    # Nobody replied for Oxford. Three weeks later we ask that lead again, with a new due date, and no other lead.
    commentary.take(connection, {1: COMMENTARY, 2: " "}, "unit", GIVEN)
    later = TODAY + timedelta(days=21)
    monkeypatch.setattr(commentary, "datetime", type("Later", (datetime,), {"now": classmethod(lambda _, tz: datetime(
        later.year, later.month, later.day, 9, tzinfo=tz))}))  # fmt: skip
    (again,) = commentary.ask(connection, QUARTER)
    assert (again["lead"], again["due"]) == ("CSPs", add_working_days(later, 10).isoformat())
    assert len(again["requests"]) == 1
    assert commentary.write_to_lead(connection, again["requests"], "https://airflow.example/here")


def test_the_newest_commentary_counts_and_an_earlier_moment_knows_the_earlier(warehouse: Warehouse) -> None:
    connection = warehouse.connection
    commentary.ask(connection, QUARTER)
    assert commentary.take(connection, {1: f"  {COMMENTARY}\r\n\tMore follows.\x00 "}, "unit", GIVEN) == []
    first = query(connection, "SELECT clock_timestamp()")[0][0]
    assert commentary.take(connection, {1: "We made an error."}, "other", GIVEN) == []
    assert known(connection, first)[PLACE[COUNTY]] == LeadCommentary(
        DUE, f"{COMMENTARY} More follows.", date(2022, 5, 2)
    )
    assert known(connection)[PLACE[COUNTY]].text == "We made an error."
    assert known(connection)[PLACE[OXFORD]] == LeadCommentary(DUE)
    assert known(connection, first - timedelta(days=1)) == {}
    assert query(connection, "SELECT given_by FROM release.commentary ORDER BY 1") == [("other",), ("unit",)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Ask Mary Canary, born 3 May 1980.", "looks as if it contains personal data (name with date of birth)"),
        ("See OX1 1ND about the canary.", "looks as if it contains personal data (postcode)"),
        ("Ring 01865 240000 about the canary.", "looks as if it contains personal data (telephone)"),
        ("canary@example.org knows.", "looks as if it contains personal data (email address)"),
        ("canary " * 300, "is longer than 2,000 characters"),
        ('=HYPERLINK("canary")', "begins with =, which spreadsheets read as a formula"),
    ],
)
def test_commentary_that_cannot_be_published_is_not_kept_and_the_lead_gets_only_the_reason(
    warehouse: Warehouse, text: str, why: str
) -> None:
    connection = warehouse.connection
    commentary.ask(connection, QUARTER)
    assert commentary.take(connection, {1: text, 2: COMMENTARY}, "unit", GIVEN) == [1]
    assert query(connection, "SELECT request_id, commentary_text FROM release.commentary") == [(2, COMMENTARY)]
    ((kind, recipient, plain, html),) = query(connection, "SELECT kind, recipient, plain, html FROM feedback.letter")
    assert (kind, recipient) == ("commentary_refused", "csps")
    assert f"synthetic, Oxfordshire: it {why}." in " ".join(plain.split())
    assert "anary" not in plain + html


def test_a_release_shows_earlier_commentary_and_still_verifies_after_later_commentary(
    filled: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "exceptions_now", EXCEPTIONS_NOW)
    (asked,) = commentary.ask(filled, RELEASED)
    first, second = asked["requests"]
    commentary.take(filled, {first: COMMENTARY}, "unit", GIVEN)
    released(filled, tmp_path)
    commentary.take(filled, {first: "Written later.", second: "Written later."}, "unit", GIVEN)
    assert problems(filled, "2018-19Q4/1", tmp_path) == {}
    released(filled, tmp_path)
    place = tmp_path / "releases" / RELEASED.key
    first_page, second_page = ((place / number / "exceptions-2018-19Q4.html").read_text() for number in "12")
    assert COMMENTARY in first_page
    assert "Written later" not in first_page
    assert "Written later" in second_page


def test_an_approver_reads_which_commentary_may_reveal_a_small_count(filled: Connection, tmp_path: Path) -> None:
    """The briefing lists exceptions of the release, without their commentary, because Airflow stores the briefing."""
    written = {
        ("sanctuary_referrals", "CSP-SOUTH-VALE"): "Three of them were of one family.",
        ("sanctuary_referrals", "E07000180"): "More people know of it.",
        ("mediation_offered", "CSP-SOUTH-VALE"): "Three came back.",  # it has no figures, so there is no exception
    }
    with filled, filled.cursor() as cursor:
        for number, (place, text) in enumerate(written.items(), start=1):
            cursor.execute(
                "INSERT INTO release.commentary_request (quarter_key, measure_id, area_code, direction, lead, due_on)"
                " VALUES ('2018-19Q4', %s, %s, 'deteriorating', 'CSPs', %s)",
                (*place, DUE),
            )
            cursor.execute(
                "INSERT INTO release.commentary (request_id, commentary_text, given_by, given_at)"
                " VALUES (%s, %s, 'unit', %s)",
                (number, text, GIVEN),
            )
    prepare(filled, RELEASED, tmp_path / "candidate")
    ((briefing,),) = query(filled, "SELECT difference FROM release.proposal")
    section = briefing.split("## Commentary and answers to read before you approve\n\n")[1].split("\n\n## ")[0]
    assert section.startswith("- Sanctuary scheme referrals, South and Vale CSP\n\nWe list commentary, and")
    assert "Three" not in briefing
    assert (tmp_path / "candidate" / "difference.md").read_text() == briefing


def test_the_snapshot_time_of_a_release_waits_for_commentary_that_is_being_written(warehouse: Warehouse) -> None:
    """Otherwise a commentary could be recorded before the snapshot time and become known after it."""
    commentary.ask(warehouse.connection, QUARTER)
    with warehouse.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO release.commentary (request_id, commentary_text, given_by, given_at)"
            " VALUES (1, 'x', 'unit', now())"
        )
    with closing(database.connect()) as other, other.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
        with pytest.raises(errors.LockNotAvailable):
            cursor.execute("SELECT release.freeze_snapshot_time()")
    warehouse.connection.rollback()


def test_each_approver_gets_one_letter(filled: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_register(
        monkeypatch,
        tmp_path,
        "approvers.yml",
        "approvers:\n  - {id: unit, name: The unit, mailbox: board@example.org}\n"
        "  - {id: '7', name: The chair, mailbox: chair@example.org}\n",
    )
    put = prepare(filled, RELEASED, tmp_path / "candidate")
    assert approval.write_to_approvers(filled, put["candidate"], "https://airflow.example/here") == ["unit", "7"]
    assert approval.write_to_approvers(filled, put["candidate"], "https://airflow.example/here") == []
    mailbox = Mailbox()
    with running(mailbox) as server:
        assert outbox.send_due(filled, server).sent == 2
        assert outbox.send_due(filled, server).sent == 0
    assert sorted(recipient for (recipient,) in mailbox.recipients) == ["board@example.org", "chair@example.org"]
    letter = mailbox.letters[0]
    assert letter["Subject"] == "Release 2018-19Q4/1 of the scorecard waits for your approval"
    plain = letter.get_body(("plain",)).get_content().replace("\r\n", "\n")  # type: ignore[union-attr]
    assert "https://airflow.example/here" in plain
    assert "There is no earlier release to compare it with." in " ".join(plain.split())
    assert re.search(r"COUNTS HIDDEN\n\n- \d+ counts of ", plain)
    assert "<h2>Returns missing</h2>" in letter.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_every_lead_of_a_measure_is_in_the_register_and_a_missing_lead_is_named(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {measure.lead for measure in measures()} == set(leads({}))
    nobody = "leads: {Nobody: {partner: csps, log_ins: [unit]}}"
    path = replace_register(monkeypatch, tmp_path, "leads.yml", nobody)
    with pytest.raises(PermanentError, match="does not have CSPs"):
        commentary.ask(warehouse.connection, QUARTER)
    path.write_text("leads: {CSPs: {partner: nobody, log_ins: [unit]}}")
    with pytest.raises(RegisterError, match="no mailbox for nobody"):
        leads({})
