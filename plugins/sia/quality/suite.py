"""A table's rules as a Great Expectations suite.

The rules read the typed view of a staged table (``sia.warehouse.staging_tables``). Importing this module imports Great
Expectations, which takes seconds: import it where it is used, never where a DAG is parsed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import great_expectations as gx
from great_expectations import expectations as gxe
from great_expectations.expectations.expectation import Expectation

from sia.calendar import Quarter
from sia.contract.model import Contract, Table
from sia.contract.rules import CompiledRule, compile_rules
from sia.quality.row_rules import ExpectNoRowsFrom, ExpectNoRowsWhere

_EXPECTATIONS: dict[str, type[Expectation]] = {
    "expect_column_values_to_not_be_null": gxe.ExpectColumnValuesToNotBeNull,
    "expect_column_values_to_be_between": gxe.ExpectColumnValuesToBeBetween,
    "expect_column_values_to_be_in_set": gxe.ExpectColumnValuesToBeInSet,
    "expect_column_values_to_match_regex": gxe.ExpectColumnValuesToMatchRegex,
    "expect_column_value_lengths_to_be_between": gxe.ExpectColumnValueLengthsToBeBetween,
    "expect_column_pair_values_a_to_be_greater_than_b": gxe.ExpectColumnPairValuesAToBeGreaterThanB,
    "expect_table_row_count_to_be_between": gxe.ExpectTableRowCountToBeBetween,
}


def build_suite(contract: Contract, table: Table, quarter: Quarter) -> gx.ExpectationSuite:
    """All rules of a table for a quarter; each expectation carries its rule's id as ``meta["rule_id"]``."""
    return suite_of(contract.staging_name(table), compile_rules(contract, table, quarter), quarter)


def suite_of(name: str, rules: Iterable[CompiledRule], quarter: Quarter) -> gx.ExpectationSuite:
    """Some rules as a suite of that name."""
    return gx.ExpectationSuite(name, expectations=[expectation(rule, quarter) for rule in rules])


def expectation(rule: CompiledRule, quarter: Quarter) -> Expectation:
    """One rule as an expectation.

    A rule that applies only where another column is given is a condition on the row: a row condition
    of Great Expectations would cost a pass of its own, and its query of the failing rows ignores it.

    Raises:
        KeyError: a ``where`` names a placeholder that is none; literal braces are doubled in rules.
    """
    common: dict[str, Any] = {"meta": {"rule_id": rule.id}, "severity": rule.severity.value}
    if rule.where is not None:
        return ExpectNoRowsWhere(where=_dated(rule.where, quarter).format(), **common)
    if rule.query is not None:
        return ExpectNoRowsFrom(unexpected_rows_query=_dated(rule.query, quarter), **common)
    if rule.given is not None:
        return ExpectNoRowsWhere(where=f"{rule.given} IS NOT NULL AND {rule.arguments['column']} IS NULL", **common)
    return _EXPECTATIONS[rule.expect](**rule.arguments, **common)


def _dated(text: str, quarter: Quarter) -> str:
    return text.replace("{quarter_start}", quarter.start.isoformat()).replace("{quarter_end}", quarter.end.isoformat())
