"""Settings that are policy: dated, named, attributed, and refused if they say what they cannot say."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from sia.paths import REGISTERS
from sia.register_file import RegisterError, read_strictly
from sia.registers.measures import measures
from sia.registers.policy import Policy, policy
from sia.statistics.method import Method

TODAY = date(2022, 3, 31)


@pytest.fixture
def written() -> dict[str, list[dict[str, object]]]:
    return yaml.safe_load((REGISTERS / "policy.yml").read_text(encoding="utf-8"))


def setting(value: object, starts: str = "2022-01-01", **more: object) -> dict[str, object]:
    return {"value": value, "starts": starts, "set_by": "Board", "why": "Because", **more}


def test_the_defaults_are_the_published_methods() -> None:
    assert policy().threshold("robbery", TODAY) == 5
    assert policy().method("robbery", TODAY) == Method()
    assert policy().zeros_hidden("robbery", TODAY) is False


def test_a_setting_of_a_measure_goes_before_one_for_all_from_its_day(written: dict) -> None:
    written["disclosure_threshold"] += [setting(10, measures=["refuge_households"]), setting(6, "2023-01-01")]
    read = Policy.model_validate(written)
    assert read.threshold("refuge_households", date(2021, 12, 31)) == 5
    assert read.threshold("refuge_households", TODAY) == 10
    assert read.threshold("robbery", TODAY) == 5
    assert read.threshold("robbery", date(2023, 1, 1)) == 6
    assert read.threshold("refuge_households", date(2023, 1, 1)) == 10


def test_before_its_first_day_there_is_no_setting() -> None:
    with pytest.raises(LookupError, match="disclosure_threshold for 2000-01-01"):
        policy().threshold("robbery", date(2000, 1, 1))
    assert policy().good("robbery", date(2000, 1, 1)) == "none"


def test_every_measure_has_a_good_direction_except_those_without_an_agreed_direction() -> None:
    """None for spending, costs, cameras that stay, orders and work that was done; and totals that mix good and bad."""
    assert {measure.id for measure in measures() if policy().good(measure.id, TODAY) == "none"} == {
        "closure_orders", "properties_secured_burglary", "security_works_spend", "security_works_spend_burglary",
        "security_works_spend_domestic_abuse", "cameras_kept", "cameras_removed", "mediation_funding",
        "average_cost_works", "average_cost_burglary", "average_cost_domestic_abuse", "further_incidents",
        "all_recorded_crime", "street_records", "street_crime", "street_violence_and_sexual_offences",
        "street_public_order", "street_drugs", "street_possession_of_weapons", "asb_neighbourhood_meetings",
        "asb_neighbourhood_cases", "community_trigger_applications", "community_trigger_reviews",
        "community_protection_warnings", "community_protection_notices", "nightsafe_awards", "nightsafe_gold_awards",
        "nightsafe_silver_awards", "nightsafe_bronze_awards", "training_people", "csp_grant",
        "csp_grant_spent", "pcc_funding_drug_intervention", "pcc_funding_youth_offending_service",
        "pcc_funding_positive_futures", "project_awards", "project_awards_value", "project_spend", "project_activities",
        *(measure.id for measure in measures() if measure.id.startswith("project_spend_")),
    }  # fmt: skip
    assert all(policy().good(measure.id, TODAY) == "up" for measure in measures() if measure.under_reported)


def test_a_direction_that_the_annex_does_not_give_is_the_software_s() -> None:
    """Annex B names recorded crime and its detections, and no street-level class, sanctuary, camera or mediation."""
    of_annex = {m for s in policy().good_direction for m in s.measures if s.set_by.startswith("Oxfordshire")}
    by_id = {measure.id: measure for measure in measures()}
    assert {by_id[name].return_name for name in of_annex} == {"tvp_counts", "odas", "indicators"}
    assert {s.set_by for s in policy().good_direction if not of_annex.issuperset(s.measures)} == {
        "Default of the software; not yet confirmed by the Board"
    }


def test_every_measure_named_is_in_the_register() -> None:
    known = {measure.id for measure in measures()}
    for kind in Policy.model_fields:
        for entry in getattr(policy(), kind):
            assert known.issuperset([entry.measure] if kind == "targets" else entry.measures)


def test_a_target_holds_in_its_area_and_time(written: dict) -> None:
    written["targets"] = [
        setting(12.5, measure="robbery", area="CSP-OXFORD", until="2022-04-01"),
        setting(10.0, "2022-04-01", measure="robbery", area="CSP-OXFORD"),
    ]
    read = Policy.model_validate(written)

    def value(area: str, day: date) -> float | None:
        target = read.target("robbery", area, day)
        return target and target.value

    assert value("CSP-OXFORD", date(2021, 12, 31)) is None
    assert value("CSP-OXFORD", TODAY) == 12.5
    assert value("CSP-OXFORD", date(2022, 4, 1)) == 10.0
    assert value("CSP-WEST", TODAY) is None


def test_a_target_without_an_area_is_for_every_area_that_has_no_target_of_its_own(written: dict) -> None:
    written["targets"] = [setting(90, measure="robbery"), setting(80, "2021-01-01", measure="robbery", area="CSP-WEST")]
    read = Policy.model_validate(written)
    values = {area: read.target("robbery", area, TODAY) for area in ("CSP-OXFORD", "CSP-WEST")}
    assert {area: target and target.value for area, target in values.items()} == {"CSP-OXFORD": 90, "CSP-WEST": 80}
    written["targets"].append(setting(70, measure="robbery"))
    with pytest.raises(ValidationError, match="robbery in every area"):
        Policy.model_validate(written)


def test_what_is_left_of_grants_and_awards_has_a_target_in_every_area() -> None:
    for measure_id in ("csp_grant_spent_share", "award_spent_share"):
        for area in ("E10000025", "CSP-WEST"):
            target = policy().target(measure_id, area, TODAY)
            assert target is not None
            assert (target.value, target.of_year, policy().good(measure_id, TODAY)) == (90, True, "up")


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("disclosure_threshold", setting(0)),
        ("disclosure_threshold", setting("5")),
        ("disclosure_threshold", setting(5, "2013-04-01")),
        ("disclosure_threshold", setting(5, set_by="")),
        ("disclosure_threshold", setting(5, area="CSP-WEST")),
        ("disclosure_threshold", {"value": 5, "starts": "2022-01-01"}),
        ("hide_zeros", setting("no")),
        ("hide_everybody_or_nobody", setting("no")),
        ("partnerships_by_year", setting(1)),
        ("commentary_working_days", setting(5, measures=["robbery"])),
        ("verdict_chance", setting(1.0)),
        ("false_discoveries", setting(0.0)),
        ("good_direction", setting("sideways")),
        ("good_direction", setting("up", "2013-04-01", measures=["robbery"])),
        ("targets", setting(float("nan"), measure="robbery", area="CSP-WEST")),
    ],
)
def test_what_it_cannot_say_is_refused(written: dict, kind: str, wrong: dict[str, object]) -> None:
    written[kind].append(wrong)
    with pytest.raises(ValidationError):
        Policy.model_validate(written)


def test_unknown_settings_are_refused(tmp_path: Path, written: dict) -> None:
    file = tmp_path / "policy.yml"
    file.write_text(yaml.safe_dump(written | {"disclosure_treshold": []}), encoding="utf-8")
    with pytest.raises(RegisterError, match="disclosure_treshold"):
        read_strictly(Policy, file)
