"""A table's rules as a Great Expectations suite."""

from __future__ import annotations

from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from sia.calendar import Quarter
from sia.contract.model import Contract, Table
from sia.contract.rules import CompiledRule, compile_rules
from sia.quality.rows import ExpectNoRowsWhere

_EXPECTATIONS: dict[str, type[Expectation]] = {
    "expect_column_values_to_not_be_null": gxe.ExpectColumnValuesToNotBeNull,
    "expect_column_values_to_be_between": gxe.ExpectColumnValuesToBeBetween,
    "expect_column_values_to_be_in_set": gxe.ExpectColumnValuesToBeInSet,
    "expect_column_values_to_match_regex": gxe.ExpectColumnValuesToMatchRegex,
    "expect_column_value_lengths_to_be_between": gxe.ExpectColumnValueLengthsToBeBetween,
    "expect_column_pair_values_a_to_be_greater_than_b": gxe.ExpectColumnPairValuesAToBeGreaterThanB,
    "expect_table_row_count_to_be_between": gxe.ExpectTableRowCountToBeBetween,
}


def build_suite(contract, table, quarter, tier=None):
    rules = [r for r in compile_rules(contract, table, quarter) if tier is None or r.tier == tier]
    return gx.ExpectationSuite(f"{table.name}", expectations=[expectation(r, quarter) for r in rules])


def expectation(rule: CompiledRule, quarter: Quarter) -> Expectation:
    common: dict[str, Any] = {"meta": {"rule_id": rule.id}, "severity": rule.severity.value}
    if rule.where is not None:
        return ExpectNoRowsWhere(where=dated(rule.where, quarter), **common)
    if rule.query is not None:
        return gxe.UnexpectedRowsExpectation(unexpected_rows_query=dated(rule.query, quarter), **common)
    if rule.given is not None:
        c = rule.arguments["column"]
        return ExpectNoRowsWhere(where=f"{c} IS NULL AND {rule.given} IS NOT NULL", **common)
    return _EXPECTATIONS[rule.expect](**rule.arguments, **common)


def dated(text: str, quarter: Quarter) -> str:
    return text.replace("{quarter_start}", quarter.start.isoformat()).replace("{quarter_end}", quarter.end.isoformat())
