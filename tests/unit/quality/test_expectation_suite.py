"""The suite has every rule of the contract, with its severity, its limits and its quarter."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import great_expectations as gx
import pytest

from sia.calendar import Quarter
from sia.contract.model import Contract, Severity, Table, contract, contracts
from sia.contract.rules import CompiledRule, compile_rules
from sia.quality.expectation_suite import expectation, expectation_suite

QUARTER = Quarter(2021, 4)
TABLES = [pytest.param(c, t, id=c.staging_name(t)) for c in contracts().values() for t in c.tables]


def suite_of(agreed: Contract, table: Table, quarter: Quarter) -> gx.ExpectationSuite:
    return expectation_suite("rules", compile_rules(agreed, table, quarter), quarter)


def described(suite: gx.ExpectationSuite) -> dict[str, tuple[str, str, dict[str, Any]]]:
    return {
        expectation.meta["rule_id"]: (
            expectation.expectation_type,
            expectation.severity.value,
            expectation.configuration.kwargs,
        )
        for expectation in suite.expectations
    }


@pytest.mark.parametrize(("agreed", "table"), TABLES)
def test_every_rule_of_the_contract_is_in_the_suite_with_its_severity(agreed: Contract, table: Table) -> None:
    rules = compile_rules(agreed, table, QUARTER)

    expectations = described(suite_of(agreed, table, QUARTER))

    assert rules
    severities = {rule_id: severity for rule_id, (_, severity, _) in expectations.items()}
    assert severities == {rule.id: rule.severity.value for rule in rules}


def changed(agreed: Contract, before: str, after: str) -> Contract:
    text = agreed.model_dump_json()
    assert text.count(before) == 1
    return Contract.model_validate_json(text.replace(before, after))


def test_one_changed_line_of_a_contract_changes_one_rule_of_the_suite() -> None:
    sanctuary = contract("sanctuary")
    dearer = changed(sanctuary, '"max_value":5000.0', '"max_value":6000.0')

    before = described(suite_of(sanctuary, sanctuary.table("jobs"), QUARTER))
    after = described(suite_of(dearer, dearer.table("jobs"), QUARTER))

    assert {rule_id for rule_id in before if before[rule_id] != after[rule_id]} == {"SAN-COST-01"}
    assert after["SAN-COST-01"][2]["max_value"] == 6000


def test_the_suite_accepts_a_new_choice_of_the_contract() -> None:
    sanctuary = contract("sanctuary")
    wider = changed(sanctuary, '"code":"door_viewer"', '"code":"video_door_viewer"')

    expectations = described(suite_of(wider, wider.table("cameras"), QUARTER))

    assert "video_door_viewer" in expectations["SAN-CAMERAS-CAMERA-TYPE-CHOICE"][2]["value_set"]


def test_a_rule_gets_the_days_of_the_quarter() -> None:
    sanctuary = contract("sanctuary")
    rule = described(suite_of(sanctuary, sanctuary.table("cameras"), QUARTER))["SAN-CAMDATE-01"]
    assert rule[2]["where"] == "NOT (event_on BETWEEN '2022-01-01' AND '2022-03-31')"


def test_a_code_list_has_the_quarter_s_codes() -> None:
    odas = contract("odas")
    kinds = [
        described(suite_of(odas, odas.table("contacts"), quarter))["ODA-CONTACTS-CONTACT-TYPE-CHOICE"][2]["value_set"]
        for quarter in (Quarter(2019, 4), Quarter(2020, 1))
    ]
    assert kinds == [["helpline_calls"], ["new_contacts"]]


def test_a_query_keeps_its_batch_and_its_braces_for_great_expectations() -> None:
    rule = CompiledRule(
        "X", Severity.WARNING, "", 3,
        query="SELECT row_number FROM {batch} WHERE a ~ '^.{{2}}$' AND b > '{quarter_end}'",
    )  # fmt: skip
    query = expectation(rule, QUARTER).unexpected_rows_query  # type: ignore[attr-defined]
    assert query == "SELECT row_number FROM {batch} WHERE a ~ '^.{{2}}$' AND b > '2022-03-31'"


def test_an_unknown_placeholder_is_refused() -> None:
    rule = CompiledRule("X", Severity.WARNING, "", where="a > '{quarter_strat}'")
    with pytest.raises(KeyError, match="quarter_strat"):
        expectation(rule, QUARTER)


def test_importing_the_step_does_not_import_great_expectations() -> None:
    code = "import sys, sia.quality.validate; sys.exit('great_expectations' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], check=False, env=environment).returncode == 0
