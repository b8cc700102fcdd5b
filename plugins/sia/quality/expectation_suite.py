"""Makes a Great Expectations suite from a table's rules.

The rules read the typed view of a staged table (``sia.warehouse.staging_tables``). Importing this module imports Great
Expectations, which takes seconds: import it where you use it, never where a DAG is parsed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import great_expectations as gx
from great_expectations import expectations as gxe
from great_expectations.expectations.expectation import Expectation

from sia import geography
from sia.calendar import Quarter
from sia.contract.rules import CompiledRule
from sia.quality.custom_expectations import ExpectNoRowsFrom, ExpectNoRowsWhere
from sia.warehouse.version_views import quoted

_EXPECTATIONS: dict[str, type[Expectation]] = {
    "expect_column_values_to_not_be_null": gxe.ExpectColumnValuesToNotBeNull,
    "expect_column_values_to_be_between": gxe.ExpectColumnValuesToBeBetween,
    "expect_column_values_to_be_in_set": gxe.ExpectColumnValuesToBeInSet,
    "expect_column_values_to_match_regex": gxe.ExpectColumnValuesToMatchRegex,
}


def expectation_suite(name: str, rules: Iterable[CompiledRule], quarter: Quarter) -> gx.ExpectationSuite:
    """The rules as a suite with this name. Each expectation has its rule's id as ``meta["rule_id"]``."""
    return gx.ExpectationSuite(name, expectations=[expectation(rule, quarter) for rule in rules])


def expectation(rule: CompiledRule, quarter: Quarter) -> Expectation:
    """The rule as an expectation.

    Raises:
        KeyError: a ``where`` has an unknown placeholder. Literal braces are doubled in rules.
    """
    common: dict[str, Any] = {"meta": {"rule_id": rule.id}, "severity": rule.severity.value}
    if rule.where is not None:
        return ExpectNoRowsWhere(where=_filled(rule.where, quarter).format(), **common)
    if rule.query is not None:
        return ExpectNoRowsFrom(unexpected_rows_query=_filled(rule.query, quarter), **common)
    return _EXPECTATIONS[str(rule.expect)](**rule.arguments, **common)


def _filled(text: str, quarter: Quarter) -> str:
    """The SQL of a rule with the quarter's days, and the names of all authorities in small letters."""
    text = text.replace("{quarter_start}", quarter.start.isoformat()).replace("{quarter_end}", quarter.end.isoformat())
    if "{authorities}" in text:
        listed = ", ".join(quoted(name.casefold()) for name in geography.authorities())
        text = text.replace("{authorities}", listed)
    return text
