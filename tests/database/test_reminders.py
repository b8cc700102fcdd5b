"""Reminders of expected returns, each sent once, files that are removed when their time is up, and waivers."""

from __future__ import annotations

import errno
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from sia.calendar import LONDON, Quarter
from sia.contract.model import contract
from sia.feedback.digest import queue_digests
from sia.feedback.reminders import queue_reminders
from sia.intake import admit
from sia.retention import remove_expired
from sia.storage import landing
from sia.storage.folders import landing_folder
from tests.broken_files import with_comment
from tests.conftest import Warehouse
from tests.own_registers import replace_register
from tests.staged import good_rows
from tests.submissions import hand_in, query
from tests.workbooks import QUARTER, filled

JOB = good_rows("sanctuary", "jobs")[0]
# 2021/22 Q1 ended on 30 June 2021. The return is due fifteen working days later, on 21 July.
DUE_ON = date(2021, 7, 21)
SANCTUARY = ("sanctuary", "sanctuary_contractor", QUARTER)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    return tmp_path


def state_on(warehouse: Warehouse, day: str) -> tuple[str, int, bool]:
    ((state, late, nil),) = query(
        warehouse.connection,
        "SELECT state, days_late, nil_return FROM feedback.expected_return_status_on(%s)"
        " WHERE (return_name, source, quarter_key) = (%s, %s, %s)",
        (day, *SANCTUARY),
    )
    return state, late, nil


def letters(warehouse: Warehouse, day: date, recipient: str) -> dict[str, str]:
    """The letters of a day by kind, each as one line."""
    rows = query(
        warehouse.connection,
        "SELECT kind, plain FROM feedback.letter WHERE about_day = %s AND recipient = %s",
        (day, recipient),
    )
    return {kind: " ".join(plain.split()) for kind, plain in rows}


def test_an_expected_return_goes_from_not_due_to_received(warehouse: Warehouse, state: Path) -> None:
    assert [state_on(warehouse, day)[:2] for day in ("2021-06-30", "2021-07-01", "2021-07-21", "2021-07-22")] == [
        ("not_due", 0), ("due", 0), ("due", 0), ("late", 1),
    ]  # fmt: skip
    hand_in(warehouse, state, filled(rows={"jobs": [JOB, JOB]}), "2021-07-20")
    assert state_on(warehouse, "2021-07-19") == ("due", 0, False)
    assert state_on(warehouse, "2021-07-26") == ("refused", 5, False)
    hand_in(warehouse, state, filled(rows={"jobs": [], "cameras": []}, nil="Yes"), "2021-07-27")
    assert state_on(warehouse, "2021-07-28") == ("received", 0, True)
    assert query(warehouse.connection, "SELECT count(*) > 100 FROM feedback.expected_return_status") == [(True,)]


def test_before_the_first_quarter_nothing_is_owed_and_nobody_is_written_to(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIA_FIRST_QUARTER", QUARTER)
    assert queue_reminders(warehouse.connection, date(2021, 6, 30)) == []
    owed = "SELECT DISTINCT quarter_key, state FROM feedback.expected_return_status_on('2021-06-30')"
    assert query(warehouse.connection, owed) == [(QUARTER, "not_due")]
    assert "sanctuary_contractor" in queue_reminders(warehouse.connection, date(2021, 7, 7))


def test_each_stage_is_one_letter_to_the_right_mailbox(warehouse: Warehouse, state: Path) -> None:
    connection = warehouse.connection
    ten = date(2021, 7, 7)
    queue_reminders(connection, ten)
    text = letters(warehouse, ten, "sanctuary_contractor")
    assert "DUE SOON" in text["reminder"]
    assert "Due by 21 July 2021. We have not received it." in text["reminder"]
    assert "mediation" not in text["reminder"].lower()
    assert queue_reminders(connection, ten) == []
    for day in (ten + timedelta(days=1), date(2021, 7, 15)):
        queue_reminders(connection, day)
        assert "reminder" not in letters(warehouse, day, "sanctuary_contractor")
    for day, title in ((date(2021, 7, 16), "DUE IN THREE"), (DUE_ON, "DUE TODAY")):
        queue_reminders(connection, day)
        assert title in letters(warehouse, day, "sanctuary_contractor")["reminder"]

    # A day late: a letter to the unit only. A week late: one to the escalation mailbox too. It omits older returns.
    late = DUE_ON + timedelta(days=1)
    hand_in(warehouse, state, filled(rows={"jobs": [JOB, JOB]}), "2021-07-21")
    queue_reminders(connection, late)
    assert letters(warehouse, late, "sanctuary_contractor") == {}
    assert "We could not accept your latest file" in letters(warehouse, late, "unit")["reminder"]
    week = DUE_ON + timedelta(days=7)
    recipients = queue_reminders(connection, week)
    text = letters(warehouse, week, "sanctuary_contractor")
    assert set(text) == {"escalation"}
    assert "2021/22 Q1" in text["escalation"]
    assert "2018/19" not in text["escalation"]
    assert {"unit", "sanctuary_contractor", "odas", "thames_valley_police"} < set(recipients)
    # This return has an extension to 6 August, so it is not late yet and gets its reminder.
    assert "Due by 6 August 2021 (extended)" in letters(warehouse, week, "mediation_bucks")["reminder"]
    (late_reminders,) = query(
        connection,
        "SELECT count(*), count(DISTINCT letter_id) FROM feedback.reminder WHERE stage = 'late' AND week = 0",
    )
    assert late_reminders == (3, 1)


def test_a_file_with_parts_that_we_do_not_read_is_kept_encrypted(warehouse: Warehouse, state: Path) -> None:
    number = hand_in(warehouse, state, with_comment("Ask Ann"), "2021-07-20")
    ((landed_as, status),) = query(
        warehouse.connection, "SELECT landed_as, status FROM intake.submission WHERE submission_id = %s", (number,)
    )
    assert status == "accepted"
    assert [path.name for path in (state / "landing").rglob("*.xlsx*")] == [f"{Path(landed_as).name}.age"]
    ((plain,),) = query(warehouse.connection, "SELECT plain FROM feedback.letter")
    assert "comments, which we did not read" in " ".join(plain.split())
    remove_expired(warehouse.connection, datetime.now(LONDON).date())
    assert list((state / "inbox").rglob("*.xlsx")) == []
    with landing.open_file(landing_folder(), landed_as) as file:
        assert file.read().startswith(b"PK")


def test_refused_files_are_encrypted_and_removed_when_their_time_is_up(warehouse: Warehouse, state: Path) -> None:
    connection = warehouse.connection
    refused = hand_in(warehouse, state, filled(rows={"jobs": [JOB, JOB]}), "2021-07-20")
    accepted = hand_in(warehouse, state, filled(), "2021-07-21")
    ((landed_as, receipt, digest),) = query(
        connection,
        "SELECT landed_as, receipt, content_hash FROM intake.submission WHERE submission_id = %s",
        (refused,),
    )
    encrypted_file = state / "landing" / f"{landed_as}.age"
    assert not (state / "landing" / landed_as).exists()
    assert b"PK" not in encrypted_file.read_bytes()[:4]
    assert (state / "landing.key").stat().st_mode & 0o777 == 0o600
    with landing.open_file(landing_folder(), landed_as) as file:
        original = file.read()
    assert original.startswith(b"PK")
    assert landing.fingerprint(next((state / "inbox").rglob("received-2021-07-20/*.xlsx")))[0] == digest

    today = datetime.now(LONDON).date()
    assert remove_expired(connection, today + timedelta(days=90)) == 0
    assert [path.parent.name for path in (state / "inbox").rglob("*.xlsx")] == ["received-2021-07-21"]
    assert encrypted_file.exists()
    ((workbook,),) = query(connection, "SELECT workbook FROM feedback.reply WHERE workbook IS NOT NULL")
    assert [path.name for path in (state / "feedback" / receipt).iterdir()] == [f"{Path(workbook).name}.age"]
    assert b"PK" not in (state / f"{workbook}.age").read_bytes()[:4]
    assert remove_expired(connection, today + timedelta(days=91)) == remove_expired(connection, today) + 1
    assert not encrypted_file.exists()
    assert not (state / "feedback" / receipt).exists()
    assert [path.parent.name for path in (state / "inbox").rglob("*.xlsx")] == ["received-2021-07-21"]
    assert query(connection, "SELECT submission_id FROM intake.removed_file") == [(refused,)]
    # By its contract we keep an accepted file for 84 months.
    assert remove_expired(connection, date(2028, 7, 21)) == 0
    assert remove_expired(connection, date(2028, 7, 22)) == 1
    assert [path for path in (state / "landing").rglob("*") if path.is_file()] == []
    assert query(connection, "SELECT status FROM intake.submission WHERE submission_id = %s", (accepted,)) == [
        ("accepted",)
    ]


def test_a_file_that_cannot_be_removed_keeps_no_other(
    warehouse: Warehouse, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = warehouse.connection
    stuck = hand_in(warehouse, state, filled(rows={"jobs": [JOB, JOB]}), "2021-07-20")
    other = hand_in(warehouse, state, filled(rows={"jobs": [JOB, JOB, JOB]}), "2021-07-21")
    unlink, is_read_only = Path.unlink, True

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if is_read_only and "received-2021-07-20" in path.parts:
            raise OSError(errno.EROFS, "Read-only file system")
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    day = datetime.now(LONDON).date() + timedelta(days=91)
    ((receipt,),) = query(connection, "SELECT receipt FROM intake.submission WHERE submission_id = %s", (stuck,))
    with pytest.raises(OSError, match=receipt) as raised:
        remove_expired(connection, day)
    assert raised.value.errno == errno.EROFS
    assert query(connection, "SELECT submission_id FROM intake.removed_file") == [(other,)]
    is_read_only = False
    assert remove_expired(connection, day) == 1
    assert [path for path in (state / "landing").rglob("*") if path.is_file()] == []


def test_a_refused_file_stays_while_a_file_of_another_sender_waits(warehouse: Warehouse, state: Path) -> None:
    indicators = contract("indicators")
    first_sender, second_sender = list(indicators.senders)[:2]
    folders = [state / "inbox" / indicators.name / QUARTER / sender for sender in (first_sender, second_sender)]
    for folder in folders:
        folder.mkdir(parents=True)
    (folders[0] / "return.csv").write_bytes(b"%PDF-1.7")
    received = admit.receive(
        warehouse.connection, indicators, Quarter.parse(QUARTER), state / "inbox", landing_folder()
    )
    (folders[1] / "return.csv").write_bytes(b"%PDF-1.7")
    assert received == []
    remove_expired(warehouse.connection, datetime.now(LONDON).date())
    assert [len(list(folder.iterdir())) for folder in folders] == [0, 1]


WAIVER = """
waivers:
  - {{id: WAI-2021-01, return: sanctuary, source: sanctuary_contractor, quarter: 2021-22Q1, rule: SAN-COST-01,
     keys: [{{job_reference: SAN-2021-7777}}], expect: {expect}, allowed_by: Head of unit, why: Invoice was seen,
     starts: 2021-07-01, until: 2021-07-31}}
"""


def test_a_waiver_allows_the_findings_that_it_expects_and_no_other(
    warehouse: Warehouse, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = warehouse.connection
    path = replace_register(monkeypatch, state, "waivers.yml", "waivers: []")
    costly_job = {**JOB, "job_reference": "SAN-2021-7777", "works_cost": "9000"}
    tasks = "SELECT waiver, reason, state FROM feedback.waiver_task"

    # The waiver expects two findings. There is one, so the return is refused and the unit has a task.
    path.write_text(WAIVER.format(expect=2), encoding="utf-8")
    hand_in(warehouse, state, filled(rows={"jobs": [JOB, costly_job]}), "2021-07-20")
    queue_reminders(connection, date(2021, 7, 20))
    assert query(connection, tasks) == [("WAI-2021-01", "more_than_expected", "open")]

    path.write_text(WAIVER.format(expect=1), encoding="utf-8")
    hand_in(warehouse, state, filled(rows={"jobs": [JOB, costly_job]}, synthetic="Yes"), "2021-07-21")
    ((status, severity, waiver, message),) = query(
        connection,
        "SELECT status, severity, waiver, message FROM intake.submission JOIN quality.judged_finding USING"
        " (submission_id)"
        " ORDER BY submission_id DESC LIMIT 1",
    )
    assert (status, severity, waiver) == ("accepted", "warning", "WAI-2021-01")
    assert message.endswith("We accept it as it is until 31 July 2021 (waiver WAI-2021-01).")
    ((kind, plain),) = query(connection, "SELECT kind, plain FROM feedback.letter WHERE kind LIKE 'accepted%%'")
    assert kind == "accepted_with_warnings"
    assert "WAI-2021-01" in plain
    assert query(connection, "SELECT rule_id, state FROM feedback.task") == [("SAN-COST-01", "closed")]
    queue_reminders(connection, date(2021, 7, 21))
    assert query(connection, tasks) == [("WAI-2021-01", "more_than_expected", "closed")]

    # Another row breaks the rule too. It alone refuses the return.
    other = {**JOB, "job_reference": "SAN-2021-7778", "works_cost": "9000"}
    hand_in(warehouse, state, filled(rows={"jobs": [JOB, costly_job, other]}), "2021-07-22")
    assert query(connection, "SELECT findings, state FROM feedback.task") == [(1, "open")]

    # No row breaks the rule now.
    hand_in(warehouse, state, filled(), "2021-07-23")
    queue_reminders(connection, date(2021, 7, 23))
    assert query(connection, tasks) == [("WAI-2021-01", "not_needed", "open")]
    text = letters(warehouse, date(2021, 7, 23), "unit")["reminder"]
    assert "WAI-2021-01 (SAN-COST-01) is no longer needed" in text
    queue_reminders(connection, date(2021, 8, 1))
    assert query(connection, tasks) == [("WAI-2021-01", "expired", "open")]

    # An expired waiver allows nothing.
    hand_in(warehouse, state, filled(rows={"jobs": [costly_job]}), "2021-08-02")
    assert query(connection, "SELECT count(*) FROM quality.judged_finding WHERE severity = 'critical'") == [(3,)]
    path.write_text("waivers: []", encoding="utf-8")
    queue_reminders(connection, date(2021, 8, 3))
    assert query(connection, tasks) == [("WAI-2021-01", "expired", "closed")]
    assert queue_digests(connection, date(2021, 8, 3)) != []
