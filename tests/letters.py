"""Every letter, rendered with made-up values, without a database."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

from markupsafe import Markup

from sia.calendar import LONDON, Quarter
from sia.contract.model import contract
from sia.feedback.decided_submission import DecidedSubmission, EarlierReturn
from sia.feedback.digest import partner_digest, unit_digest
from sia.feedback.due_stages import DUE, LATE, UNSIGNED, DueStage, OutstandingReturn
from sia.feedback.finding_groups import group_findings
from sia.feedback.letter import Letter, render
from sia.feedback.refusals import refusal
from sia.feedback.reminders import ESCALATION, REMINDER, late_returns, reminder
from sia.feedback.reply_letter import reply_letter
from sia.feedback.return_reminder import return_reminder
from sia.feedback.totals import Total, TotalsTable
from sia.registers.partners import partners
from sia.web.register_forms import FORMS
from tests.unit.feedback.sample_findings import QUARTER, RECEIPT, SANCTUARY, job, warning, withheld

DAY = date(2022, 5, 4)
SENDER = "sanctuary_contractor"
EARLIER = EarlierReturn(11, "SAN-2021-22Q4-000011", QUARTER)
OLD_WORKBOOK = "INT-TEMPLATE-03"


def submission(*, accepted: bool, earlier: EarlierReturn | None = None, unsigned: bool = False) -> DecidedSubmission:
    return DecidedSubmission(
        submission_id=12,
        receipt=RECEIPT,
        contract=SANCTUARY,
        source=SENDER,
        quarter=QUARTER,
        file_name="return.xlsx",
        landed_as="sanctuary/abc.xlsx",
        received_at=datetime(2022, 4, 11, 9, tzinfo=LONDON),
        synthetic=True,
        accepted=accepted,
        unsigned=unsigned,
        attempt=1,
        earlier=earlier,
    )


def reply(*, accepted: bool, kind: str) -> Letter:
    findings = {
        "clean": [],
        "warnings": [warning(6)],
        "withheld": [withheld(5), withheld(6)],
        "marked": [job("SAN-COST-01", row, "works_cost") for row in (8, 12)] + [job("SAN-DATE-01", 9, "completed_on")],
        "list": [job("SAN-COST-01", 8, "works_cost")],
    }[kind]
    totals = [TotalsTable("Jobs", (Total("Works cost", "£186.50", "£426.01", "£239.51 less"),))]
    return reply_letter(
        submission(accepted=accepted, earlier=EARLIER),
        group_findings(findings),
        {"SAN-COST-01": "SAN-2021-22Q4-T01"},
        ["SAN-2021-22Q4-T02"] if accepted else [],
        totals if accepted else [],
        "Sanctuary scheme contractor",
        marked=kind in ("marked", "warnings"),
    )


def due(state: str, deadline: date) -> OutstandingReturn:
    return OutstandingReturn(
        contract=contract("sanctuary"),
        source=SENDER,
        quarter=Quarter.parse("2021-22Q4"),
        deadline=deadline,
        extended=True,
        state=state,
        receipt=RECEIPT,
        open_tasks=2,
        synthetic=True,
    )


def task(state: str, number: int) -> dict[str, object]:
    return {
        "reference": f"SAN-2021-22Q4-T0{number}",
        "return_name": "sanctuary",
        "source": SENDER,
        "quarter_key": "2021-22Q4",
        "state": state,
        "findings": number,
        "message": "Date completed is before Date referred. Correct the date that is wrong.",
        "changed": True,
        "synthetic": True,
    }


@cache
def every_letter() -> dict[str, Letter]:
    """Every letter that we send, by the name of its template, with a suffix where it has several forms."""
    register = partners()
    tasks = [task("open", 1), task("open", 2), task("closed", 3)]
    failing = {
        "recipient": SENDER, "subject": "Sanctuary scheme return, 2021/22 Q4: accepted", "state": "queued",
        "attempts": 3, "unsure": 0, "fault": "no mail server answers (ConnectionRefusedError)",
    }  # fmt: skip
    misplaced = {"place": "sanctuary", "problem": "no_quarter", "files": 2, "since": DAY}
    late = due("late", date(2022, 4, 25))
    leads = {"lead": "CSPs", "quarter": QUARTER.label, "due": "18 May 2022"}
    address = "https://airflow.example/required_actions"
    notices = [("Waivers", "In the register of waivers", ("WAI-2021-01 (SAN-COST-01) has expired. Remove it.",))]
    briefing = Markup("## Returns missing\n\n- Mediation return, 2021/22 Q4\n\n## Waivers in force\n\nNone.\n")
    return {
        "accepted": reply(accepted=True, kind="clean"),
        "accepted, with warnings": reply(accepted=True, kind="warnings"),
        "accepted, with withheld figures": reply(accepted=True, kind="withheld"),
        "refused": reply(accepted=False, kind="marked"),
        "refused, as a list": reply(accepted=False, kind="list"),
        "refusal": refusal(submission(accepted=False), "2 things to correct, in 3 places", "Sanctuary scheme"),
        "digest": partner_digest(register, SENDER, tasks, DAY),
        "digest_unit": unit_digest(register, tasks, [failing], [misplaced], [], DAY),
        "reminder": reminder(register, SENDER, "Contract administrator", REMINDER, [(due("due", DAY), DueStage(DUE))]),
        "escalation": reminder(register, SENDER, "Contract administrator", ESCALATION, [(late, DueStage(LATE, 1))]),
        "late_returns": late_returns(register, [late, due("refused", date(2021, 1, 25))], notices, DAY),
        "return_reminder": return_reminder(register, late),
        "return_reminder, to sign": return_reminder(register, due(UNSIGNED, DAY)),
        "approval": render(
            "approval", "approval", "Release 2021-22Q4/2 of the scorecard waits for your approval",
            {"address": address, "briefing": briefing},
        ),
        "commentary": render(
            "commentary", "commentary", "Commentary on 2021/22 Q4, by 18 May 2022",
            {**leads, "address": address, "exceptions": ["Burglary of a dwelling, Oxfordshire: deteriorating."]},
        ),
        "commentary_refused": render(
            "commentary_refused", "commentary_refused", "We could not save your commentary: please write it again",
            {**leads, "objections": ["Hate crime, Oxfordshire: it looks like personal data (full postcode)."]},
        ),
        "sign_in": render(
            "sign_in", "sign_in", "Your link to sign in to the safer communities returns",
            {"organisation": "Mediation Bucks", "link": Markup("https://desk.example/sign-in/x"), "minutes": 15},
        ),
        "access_ended": render(
            "access_ended", "access_ended", "We removed this email address from our register",
            {"organisation": "Mediation Bucks", "loses": FORMS["contacts"].loses},
        ),
        "answer": render(
            "answer", "answer", "Our answer: Mediation return, 2021/22 Q4",
            {
                "organisation": "Mediation Bucks", "title": "Mediation return", "quarter": QUARTER.label,
                "question": "May we send it a week later?", "answer": "Yes, until 29 April.",
            },
        ),
        "revision": render(
            "revision", "revision", "Release 2021-22Q4/2: 1 conclusions changed",
            {
                "later": "2021-22Q4/2",
                "earlier": "2021-22Q4/1",
                "conclusions": ["Burglary of a dwelling, Oxfordshire: was deteriorating, is now improving."],
            },
        ),
    }  # fmt: skip
