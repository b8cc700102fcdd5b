"""The sections of the assessment: those that it must have, and no measure twice or forgotten."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from sia.registers.assessment_sections import AssessmentSections, assessment_sections
from sia.registers.measures import measures

REGISTER = assessment_sections()

# Totals that hold all others, what no section asks for, and parts of the sanctuary scheme that serve several sections.
ON_NO_PAGE = {
    "all_recorded_crime", "street_records", "street_crime", "street_public_order", "street_drugs", "street_other_crime",
    "properties_secured", "average_cost_works", "average_cost_domestic_abuse", "security_works_spend_burglary",
    "security_works_spend_domestic_abuse", "days_to_complete", "cameras_installed", "guard_cameras_installed",
    "door_viewers_installed", "cameras_kept", "cameras_removed", "mediation_referral_rate", "mediation_input_rate",
    "mediation_agreement_rate", "mediation_cost_per_referral",
}  # fmt: skip


def test_the_assessment_has_the_sections_that_were_asked_for() -> None:
    assert {section.title for section in REGISTER.sections} == {
        "What residents think", "Serious violence", "Exploitation", "Domestic abuse", "Hate crime",
        "Acquisitive and rural crime", "Anti-social behaviour", "Reoffending", "Funding",
    }  # fmt: skip


def test_no_measure_is_forgotten() -> None:
    named = {measure for section in REGISTER.sections for measure in (*section.measures, *section.done)}
    assert {measure.id for measure in measures()} - named == ON_NO_PAGE


@pytest.mark.parametrize(
    ("number", "change", "words"),
    [
        (0, {"measures": ["no_such_measure"]}, "no measure no_such_measure"),
        (0, {"done": ["hate_crime"]}, "two sections have hate_crime"),
        (0, {"title": "Funding"}, "two sections are called Funding"),
        (0, {"measures": []}, "at least 1 item"),
        (0, {"rank": 0}, "greater than or equal to 1"),
    ],
)
def test_a_register_that_contradicts_itself_is_refused(number: int, change: dict[str, object], words: str) -> None:
    written = REGISTER.model_dump()
    AssessmentSections.model_validate(written)
    written["sections"] = [*written["sections"]]
    written["sections"][number] |= change
    with pytest.raises(ValidationError, match=words):
        AssessmentSections.model_validate(written)
