"""A workbook in, a letter out, from the first broken attempt to the accepted return.

The golden letters are snapshots that a person has read as a partner would.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from sia.contract.model import contract
from sia.feedback import reply
from sia.feedback.digest import queue_digests
from tests.conftest import Warehouse
from tests.staged import good_rows, whole_rows
from tests.submissions import attached_workbook, hand_in, query
from tests.workbooks import as_bytes, filled, sheet_of

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "letters"
JOB = good_rows("sanctuary", "jobs")[0]
# Values of the broken return: none of them may be in a refusal.
CANARIES = ("-86.51", "Canary Nightingale", "SAN-2021-7777")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    return tmp_path


def broken() -> Workbook:
    repeated = {**JOB, "job_reference": "SAN-2021-7777", "works_cost": "-86.51"}
    rows = [
        JOB, repeated, repeated,
        {**JOB, "job_reference": "SAN-2021-0045", "district": "Canary Nightingale"},
        {**JOB, "job_reference": "SAN-2021-0046", "completed_on": None},
    ]  # fmt: skip
    return filled(rows={"jobs": rows}, synthetic="Yes")


def corrected(marked: bytes) -> bytes:
    """The marked workbook as a partner sends it back: corrected, with all its marks still in it."""
    book = load_workbook(BytesIO(marked))
    jobs = sheet_of(book, "Jobs")
    jobs["A7"], jobs["J6"], jobs["J7"], jobs["B8"], jobs["F9"] = (
        "SAN-2021-7778",
        "86.51",
        80,
        "Oxford",
        date(2021, 6, 14),
    )
    return as_bytes(book)


def letters(warehouse: Warehouse) -> list[tuple[str, str, str, str | None]]:
    return query(
        warehouse.connection, "SELECT kind, plain, html, attachment FROM feedback.letter ORDER BY queued_at, letter_id"
    )


def eight_days_pass(warehouse: Warehouse) -> None:
    for table, moment in (("letter", "queued_at"), ("reply", "replied_at")):
        query(
            warehouse.connection,
            f"UPDATE feedback.{table} SET {moment} = {moment} - interval '8 days' RETURNING 1",
        )


def golden(name: str) -> str:
    return (GOLDEN / name).read_text(encoding="utf-8")


def test_from_refusal_to_acceptance(warehouse: Warehouse, state: Path) -> None:
    connection = warehouse.connection
    hand_in(warehouse, state, broken(), "2021-07-20")
    (kind, plain, html, attachment) = letters(warehouse)[0]
    assert (kind, plain) == ("refused", golden("refused.txt"))
    assert html == golden("refused.html")
    assert not any(canary in text for canary in CANARIES for text in (plain, html))
    assert attachment == "feedback/SAN-2021-22Q1-000001/SAN-2021-22Q1-000001-what-to-fix.xlsx"
    marked = attached_workbook(state, attachment)
    jobs = sheet_of(load_workbook(BytesIO(marked)), "Jobs")
    noted = {cell.coordinate for row in jobs.iter_rows(min_row=5) for cell in row if cell.comment}
    assert noted == {"A6", "A7", "J6", "J7", "B8", "F9"}
    assert query(connection, "SELECT reference, rule_id, state, findings FROM feedback.task ORDER BY number") == [
        ("SAN-2021-22Q1-T01", "SAN-COST-01", "open", 2),
        ("SAN-2021-22Q1-T02", "SAN-DATE-02", "open", 1),
        ("SAN-2021-22Q1-T03", "SAN-JOBKEY-01", "open", 2),
        ("SAN-2021-22Q1-T04", "SAN-JOBS-DISTRICT-CHOICE", "open", 1),
    ]

    # The partner corrects the marked workbook itself, and leaves one number typed as text.
    hand_in(warehouse, state, corrected(marked), "2021-07-22")
    (kind, plain, _, attachment) = letters(warehouse)[1]
    assert (kind, plain) == ("accepted_with_warnings", golden("accepted_with_warnings.txt"))
    assert attachment is not None
    assert query(connection, "SELECT DISTINCT state FROM feedback.task") == [("closed",)]
    events = "SELECT attempt, event, count(*)::integer FROM feedback.task_event GROUP BY 1, 2 ORDER BY 1"
    assert query(connection, events) == [(1, "opened", 4), (2, "closed", 4)]

    # A restatement: the letter says what it changes.
    rows = [JOB, {**JOB, "job_reference": "SAN-2021-7777", "works_cost": "100.00"}]
    hand_in(warehouse, state, filled(rows={"jobs": rows}, synthetic="Yes"), "2021-09-01")
    (kind, plain, html, attachment) = letters(warehouse)[2]
    assert (kind, plain, attachment) == ("accepted", golden("accepted.txt"), None)
    assert html == golden("accepted.html")
    # Of six rows (a camera too) four were wrong; then all were right.
    assert query(
        connection,
        "SELECT first_score_percent, newest_score_percent, attempts, accepted_at_attempt FROM marts.return_quality",
    ) == [(Decimal("33.3"), 100, 3, 2)]


def test_the_totals_in_a_letter_match_the_return(warehouse: Warehouse, state: Path) -> None:
    costs = ("86.50", "12.25", "0.10")
    rows = [{**JOB, "job_reference": f"SAN-2021-{n:04d}", "works_cost": cost} for n, cost in enumerate(costs, 1)]
    hand_in(warehouse, state, filled(rows={"jobs": rows}), "2021-07-20")
    (_, plain, _, _) = letters(warehouse)[0]
    assert "Jobs\n  Rows: 3\n  Works cost: £98.85\n" in plain
    assert "Made-up" not in plain


def test_only_what_adds_up_is_added_up(warehouse: Warehouse, state: Path) -> None:
    """A column of counts of several measures has no total that anybody would know. Each measure has."""
    book = filled("tvp_counts")
    hand_in(warehouse, state, book, "2021-07-20", return_name="tvp_counts")
    table = contract("tvp_counts").table("counts")
    sheet = sheet_of(book, table.sheet)
    (kind, plain, _, _) = letters(warehouse)[0]
    assert kind == "accepted"
    headings = [column.name for column in table.columns]
    districts = [headings.index(name) for name in table.area_columns]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    for label in ("Robbery", "Criminal damage"):
        total = sum(int(str(row[n])) for row in rows if row[headings.index("measure")] == label for n in districts)
        assert f"  {label}: {total:,}\n" in plain
    assert not any(f"  {table.column(name).label}: " in plain for name in table.area_columns)


def test_a_csv_file_gets_a_list_by_line_without_a_value(warehouse: Warehouse, state: Path) -> None:
    table = contract("tvp_counts").table("counts")
    good = whole_rows("tvp_counts", "counts")
    changed = {**good[2], "cherwell": "Canary Nightingale"}
    rows = [{c.name: c.label for c in table.columns}, *good[:2], changed, *good[3:]]
    lines = [",".join(f'"{row[column.name] or ""}"' for column in table.columns) for row in rows]
    hand_in(warehouse, state, "\n".join(lines).encode(), "2021-07-20", name="counts.csv", return_name="tvp_counts")
    (kind, plain, _, attachment) = letters(warehouse)[0]
    assert kind == "refused"
    assert "line 4 (Cherwell)" in plain
    assert "Correct your own file" in plain
    book = load_workbook(BytesIO(attached_workbook(state, attachment)))
    assert book.sheetnames == ["What to fix"]
    texts = [str(cell.value) for row in sheet_of(book, "What to fix").iter_rows() for cell in row]
    assert "Line 4" in texts
    assert "Cherwell" in texts
    assert not any("Canary" in text for text in (*texts, plain))


def test_a_file_that_is_not_safe_is_never_opened_to_mark_it(warehouse: Warehouse, state: Path) -> None:
    hand_in(warehouse, state, b"PK\x03\x04 no workbook at all", "2021-07-20", name="return.xlsx")
    (kind, plain, _, attachment) = letters(warehouse)[0]
    assert kind == "refused"
    assert "The whole file. Reference SAN-2021-22Q1-T01" in plain
    assert load_workbook(BytesIO(attached_workbook(state, attachment))).sheetnames == ["What to fix"]


def test_wrong_words_on_the_cover_are_marked_there(warehouse: Warehouse, state: Path) -> None:
    hand_in(warehouse, state, filled(quarter="2020-21Q1", version="1999.1"), "2021-07-20")
    (_, _, _, attachment) = letters(warehouse)[0]
    cover = sheet_of(load_workbook(BytesIO(attached_workbook(state, attachment))), "Cover")
    assert {cell.coordinate for row in cover.iter_rows() for cell in row if cell.comment} == {"B5", "B7"}


def test_a_decision_gets_one_reply(warehouse: Warehouse, state: Path) -> None:
    number = hand_in(warehouse, state, broken(), "2021-07-20")
    before = letters(warehouse)
    assert reply.reply_to_submission(warehouse.connection, number) == 0
    assert reply.reply_to_submission(warehouse.connection, 999) == 0
    assert letters(warehouse) == before


def test_a_task_that_was_not_checked_stays_open(warehouse: Warehouse, state: Path) -> None:
    connection = warehouse.connection
    hand_in(warehouse, state, broken(), "2021-07-20")
    # Refused on arrival: nobody checked the cells.
    hand_in(warehouse, state, filled(quarter="2020-21Q1"), "2021-07-21")
    states = "SELECT rule_id, state FROM feedback.task ORDER BY number"
    assert [state for _, state in query(connection, states)] == ["open"] * 5
    # The cells are read, one kind is left: the quarter and the other cells are corrected, the totals were not reached.
    hand_in(warehouse, state, filled(rows={"jobs": [{**JOB, "completed_on": None}]}), "2021-07-22")
    assert dict(query(connection, states)) == {
        "SAN-COST-01": "closed", "SAN-DATE-02": "open", "SAN-JOBKEY-01": "closed",
        "SAN-JOBS-DISTRICT-CHOICE": "closed", "INT-QUARTER-01": "closed",
    }  # fmt: skip
    events = query(
        connection,
        "SELECT e.attempt, e.event FROM feedback.task_event AS e JOIN feedback.task AS t USING (task_id)"
        " WHERE t.rule_id = 'SAN-DATE-02' ORDER BY e.attempt",
    )
    assert events == [(1, "opened"), (3, "still_open")]


def test_replies_follow_the_chain_even_when_one_was_interrupted(
    warehouse: Warehouse, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = warehouse.connection
    real = reply.reply_to_submission
    monkeypatch.setattr(reply, "reply_to_submission", lambda *_: 0)
    hand_in(warehouse, state, broken(), "2021-07-20")
    newest = hand_in(warehouse, state, filled(), "2021-07-22")
    assert letters(warehouse) == []
    assert real(connection, newest) == 2
    assert [kind for kind, *_ in letters(warehouse)] == ["refused", "accepted"]
    assert query(connection, "SELECT DISTINCT state FROM feedback.task") == [("closed",)]
    # An old return that comes to light afterwards is answered and opens nothing: a newer one is accepted already.
    old = hand_in(warehouse, state, filled(rows={"jobs": [{**JOB, "works_cost": "-1"}]}), "2021-07-18")
    assert real(connection, old) == 1
    assert query(connection, "SELECT DISTINCT state FROM feedback.task") == [("closed",)]


def test_digests_are_sent_once_where_something_is_due_or_has_changed(warehouse: Warehouse, state: Path) -> None:
    connection = warehouse.connection
    assert queue_digests(connection, date(2021, 7, 19)) == []
    hand_in(warehouse, state, broken(), "2021-07-20")
    assert queue_digests(connection, date(2021, 7, 21)) == ["sanctuary_contractor", "unit"]
    digests = [plain for kind, plain, *_ in letters(warehouse) if kind == "digest"]
    assert digests == [golden("digest_partner.txt"), golden("digest_unit.txt")]
    # Nothing new: silence for a week, then once more.
    assert queue_digests(connection, date(2021, 7, 22)) == []
    eight_days_pass(warehouse)
    assert queue_digests(connection, date(2021, 7, 29)) == ["sanctuary_contractor", "unit"]
    hand_in(warehouse, state, filled(), "2021-07-30")
    assert queue_digests(connection, date(2021, 7, 31)) == ["sanctuary_contractor", "unit"]
    newest = [plain for kind, plain, *_ in letters(warehouse) if kind == "digest"][-2:]
    assert "Thank you for the 4 corrections you have made since we last wrote." in newest[0]
    assert "0 corrections outstanding, 4 made since the last digest." in newest[1]
    eight_days_pass(warehouse)
    assert queue_digests(connection, date(2021, 8, 9)) == [], "nothing is owed and nothing changed"


def test_the_unit_gets_a_list_of_letters_that_do_not_arrive(warehouse: Warehouse, state: Path) -> None:
    hand_in(warehouse, state, filled(), "2021-07-20")
    query(
        warehouse.connection,
        "UPDATE feedback.letter SET attempts = 3, fault = 'the mail server refused the recipient (550)' RETURNING 1",
    )
    assert queue_digests(warehouse.connection, date(2021, 7, 21)) == ["unit"]
    plain = letters(warehouse)[-1][1]
    assert "not sent after 3 attempts: the mail server refused the recipient (550)." in " ".join(plain.split())


def test_no_golden_letter_uses_internal_words() -> None:
    words = ("submission", "staging", "tier", "critical", "INT-", "SAN-COST", "expect_", "sanctuary_", "{", "None,")
    texts = {path.name: path.read_text(encoding="utf-8") for path in GOLDEN.glob("*.txt")}
    assert len(texts) == 5
    assert [(name, word) for name, text in texts.items() for word in words if word in text] == []
