"""The letter that replies to a return: when it is due again, what to correct, and what is escaped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from sia.calendar import LONDON
from sia.feedback.decided_submission import DecidedSubmission
from sia.feedback.finding_groups import group_findings
from sia.feedback.letter import Letter
from sia.feedback.reply_letter import reply_letter, resubmit_by
from sia.finding import Finding
from tests.unit.feedback.sample_findings import QUARTER, RECEIPT, SANCTUARY, job, warning, wrong_quarter

REFUSED = DecidedSubmission(
    submission_id=12,
    receipt=RECEIPT,
    contract=SANCTUARY,
    source="sanctuary_contractor",
    quarter=QUARTER,
    file_name="Mrs Canary Nightingale.xlsx",
    landed_as="sanctuary/abc.xlsx",
    received_at=datetime(2022, 4, 11, 9, tzinfo=LONDON),
    synthetic=False,
    accepted=False,
    unsigned=False,
    attempt=1,
    earlier=None,
)


def reply(about: DecidedSubmission, findings: list[Finding], *, marked: bool = True) -> Letter:
    return reply_letter(about, group_findings(findings), {}, [], [], "Sanctuary scheme contractor", marked=marked)


@pytest.mark.parametrize(
    ("received", "by"),
    [
        # Due fifteen working days after 31 March 2022: Good Friday, Easter Monday and weekends do not count.
        (datetime(2022, 4, 5, 9, tzinfo=LONDON), date(2022, 4, 25)),
        # Five working days, over the early May bank holiday.
        (datetime(2022, 4, 27, 9, tzinfo=LONDON), date(2022, 5, 5)),
    ],
)
def test_a_refused_return_is_due_by_its_due_date_or_in_five_working_days(received: datetime, by: date) -> None:
    assert resubmit_by(replace(REFUSED, received_at=received)) == by


def test_a_refusal_lists_three_corrections_and_counts_the_rest() -> None:
    findings = [
        job("SAN-COST-01", 8, "works_cost"), job("SAN-DATE-02", 9, "completed_on"), wrong_quarter(), warning(6),
        job("SAN-DATE-01", 9, "completed_on"), job("SAN-JOBKEY-01", 5, "job_reference"),
    ]  # fmt: skip
    written = reply(REFUSED, findings)
    assert "5 things to correct, in 5 places, and 1 thing to check, in 1 place." in " ".join(written.plain.split())
    assert "\n3. " in written.plain
    assert "lists 2 more" in written.plain
    assert written.html.count("<li>") == 3 + 3


def test_no_letter_names_the_file_that_was_sent() -> None:
    for accepted in (False, True):
        written = reply(replace(REFUSED, accepted=accepted), [warning(6)])
        assert "Canary" not in written.plain + written.html + written.subject


def test_a_heading_that_is_code_is_text_in_html() -> None:
    message = "The column <script>alert(1)</script> is not part of this return."
    finding = Finding("INT-HEADING-02", warning(5).severity, 1, message, "jobs", "Jobs", 4, None, "K4")
    assert "<script>" not in reply(REFUSED, [wrong_quarter(), finding]).html
    assert "&lt;script&gt;" in reply(replace(REFUSED, accepted=True), [finding]).html


def test_what_to_do_with_a_list_is_not_what_to_do_with_a_marked_workbook() -> None:
    assert "Correct your own file" in reply(REFUSED, [wrong_quarter()], marked=False).plain
    assert "Correct those cells" in reply(REFUSED, [wrong_quarter()]).plain


def test_a_return_that_needs_a_new_workbook_is_not_to_be_corrected_in_the_old_one() -> None:
    foreign = Finding("INT-TEMPLATE-03", wrong_quarter().severity, 1, "Copy your figures into template version 2017.1.")
    for marked in (True, False):
        written = reply(REFUSED, [foreign, wrong_quarter()], marked=marked)
        assert "Open the blank workbook for 2021/22 Q4 (template version 2017.1)" in " ".join(written.plain.split())
        assert "Correct those cells" not in written.plain
        assert "Correct your own file" not in written.plain
        assert "Please do not send the old workbook again" in " ".join(written.html.split())


def test_a_subject_is_one_line_with_the_outcome() -> None:
    assert reply(replace(REFUSED, synthetic=True), [wrong_quarter()]).subject == (
        "[Made-up sample] Sanctuary scheme return, 2021/22 Q4: please correct it by 25 April 2022 "
        "(receipt SAN-2021-22Q4-000012)"
    )
