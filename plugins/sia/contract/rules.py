"""The rules of a table: those that its columns imply, then those that its contract writes out.

Every rule has an id that is never reused and the words that the partner reads. The ids of implied
rules are made of the contract's code, the table, the column and the kind, so they stay as they are
for as long as the column does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sia.calendar import Quarter
from sia.contract.model import Column, ColumnType, Contract, Severity, Table

TYPE_WORDS = {
    ColumnType.INTEGER: "a whole number, without commas, spaces or words; enter 0 if there were none",
    ColumnType.DECIMAL: "a number, without commas, spaces or words",
    ColumnType.MONEY: "an amount in pounds, without the £ sign or commas",
    ColumnType.DATE: "a date, written as 2021-05-31 or 31/05/2021",
    ColumnType.MONTH: "a month, written as 2021-05",
    ColumnType.YES_NO: "Yes or No",
    ColumnType.CHOICE: "one of the listed answers",
    ColumnType.TEXT: "text",
}


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule as the database checks it.

    ``where`` (a predicate) or ``query`` (a SELECT of ``row_number`` from ``{batch}``) name the failing
    rows of a rule that is SQL. ``given`` is the column whose text must be there for the rule to
    apply at all. ``columns`` are the columns that a finding marks; none means the whole row.
    """

    id: str
    expect: str
    severity: Severity
    message: str
    tier: int
    arguments: dict[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    where: str | None = None
    query: str | None = None
    given: str | None = None


def text_name(column: str) -> str:
    """The name, in a typed view, of the text that a column was read from."""
    return f"{column}_text"


def compile_rules(contract: Contract, table: Table, quarter: Quarter | None = None) -> list[CompiledRule]:
    """Every rule of a table, in the order in which a partner reads its findings.

    Args:
        contract: the contract that holds the table.
        table: one of its tables.
        quarter: the quarter that the return is for; code lists are those of that quarter. Without
            one, a code that ever held is accepted.
    """
    rules = [rule for column in table.stored for rule in _implied(contract, table, column, quarter)]
    if table.key and table.key_rule and table.key_message:
        rules.append(_key_rule(table, table.key_rule, table.key_message))
    rules += [
        CompiledRule(
            id=rule.id,
            expect=rule.expect,
            severity=rule.severity,
            message=rule.message,
            tier=rule.tier,
            arguments=rule.arguments,
            columns=rule.highlighted,
            where=rule.where,
            query=rule.query,
        )
        for rule in table.rules
    ]
    return rules


def _implied(contract: Contract, table: Table, column: Column, quarter: Quarter | None) -> Iterator[CompiledRule]:
    stem = f"{contract.code}-{table.name}-{column.name}".upper().replace("_", "-")

    def rule(kind: str, expect: str, message: str, **more: Any) -> CompiledRule:
        return CompiledRule(
            id=f"{stem}-{kind}",
            expect=expect,
            severity=Severity.CRITICAL,
            message=message,
            tier=2,
            columns=(column.name,),
            **more,
        )

    example = f" For example: {column.example}." if column.example else ""
    raw = text_name(column.name)
    if column.required:
        yield rule(
            "REQUIRED",
            "expect_column_values_to_not_be_null",
            f"{column.label} is missing. Enter {_wanted(column)}.{example}",
            arguments={"column": raw},
        )
    if column.type not in (ColumnType.TEXT, ColumnType.CHOICE):
        yield rule(
            "TYPE",
            "expect_column_values_to_not_be_null",
            f"{column.label} must be {_wanted(column)}.{example}",
            arguments={"column": column.name},
            given=raw,
        )
    if column.type is ColumnType.CHOICE:
        choices = column.code_list(quarter)
        listed = "; ".join(choice.label for choice in choices)
        yield rule(
            "CHOICE",
            "expect_column_values_to_be_in_set",
            f"{column.label} must be one of these, exactly as listed: {listed}.",
            arguments={"column": column.name, "value_set": [choice.code for choice in choices]},
        )
    if column.pattern:
        yield rule(
            "PATTERN",
            "expect_column_values_to_match_regex",
            f"{column.label} is not written as it should be. {column.help}{example}",
            arguments={"column": raw, "regex": column.pattern},
        )
    if column.min_value is not None or column.max_value is not None:
        limits = {"min_value": column.min_value, "max_value": column.max_value}
        yield rule(
            "RANGE",
            "expect_column_values_to_be_between",
            f"{column.label} must be {_limits(column)}.{example}",
            arguments={
                "column": column.name,
                **{key: value for key, value in limits.items() if value is not None},
            },
        )
    if column.max_length is not None:
        yield rule(
            "LENGTH",
            "expect_column_value_lengths_to_be_between",
            f"{column.label} may have {column.max_length} characters at most. Shorten it.",
            arguments={"column": raw, "max_value": column.max_length},
        )


def _key_rule(table: Table, rule_id: str, message: str) -> CompiledRule:
    # Great Expectations' own compound-uniqueness rule lists no failing rows, so the key is a rows rule.
    key = ", ".join(table.key)
    present = " AND ".join(f"{name} IS NOT NULL" for name in table.key)
    return CompiledRule(
        id=rule_id,
        expect="unexpected_rows_expectation",
        severity=Severity.CRITICAL,
        message=message,
        tier=2,
        columns=(table.key[0],),
        query=(
            f"SELECT row_number FROM (SELECT row_number, count(*) OVER (PARTITION BY {key}) AS times "  # noqa: S608
            f"FROM {{batch}} WHERE {present}) AS keyed WHERE times > 1"
        ),
    )


def _wanted(column: Column) -> str:
    if column.type is ColumnType.CHOICE and len(column.code_list()) <= 8:
        return "one of: " + "; ".join(choice.label for choice in column.code_list())
    return TYPE_WORDS[column.type]


def _limits(column: Column) -> str:
    pounds = "£" if column.type is ColumnType.MONEY else ""
    low = None if column.min_value is None else f"{pounds}{column.min_value:,g}"
    high = None if column.max_value is None else f"{pounds}{column.max_value:,g}"
    if low is None:
        return f"{high} or less"
    return f"{low} or more" if high is None else f"between {low} and {high}"
