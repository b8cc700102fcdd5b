"""The rules of a table: those that its columns imply, then those that its contract writes.

Every rule has an id that is never reused, and a message for the partner. The id of an implied rule combines the
contract's code, the table, the column and the kind, so it stays the same for as long as the column does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sia.calendar import Quarter
from sia.contract.model import WITHHELD, Choice, Column, ColumnType, Contract, Rule, RuleKind, Severity, Table

BETWEEN = "expect_column_values_to_be_between"
TYPE_WORDS = {
    ColumnType.INTEGER: "a whole number without commas, spaces or words, or 0 if there were none",
    ColumnType.DECIMAL: "a number without commas, spaces or words",
    ColumnType.MONEY: "an amount in pounds without the £ sign or commas",
    ColumnType.DATE: "a date, written as 2021-05-31 or 31/05/2021",
    ColumnType.MONTH: "a month, written as 2021-05",
    ColumnType.YES_NO: "Yes or No",
    ColumnType.CHOICE: "one of the listed answers",
    ColumnType.TEXT: "text",
}

_KINDS_OF_VALUE = {
    ColumnType.INTEGER: "a whole number",
    ColumnType.DECIMAL: "a number",
    ColumnType.MONEY: "an amount",
    ColumnType.DATE: "a date",
    ColumnType.MONTH: "a month",
    ColumnType.YES_NO: "Yes or No",
}


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule as the database checks it, in one of three ways.

    ``where``, a predicate over the columns of the typed view, is true for a failing row. ``query`` selects the
    ``row_number`` of each failing row of ``{batch}``. ``expect`` names an expectation of Great Expectations, which gets
    ``arguments``. ``columns`` are those whose cells a finding highlights; none means the whole row. ``kind`` is that of
    a rule which a column or key implies.
    """

    id: str
    severity: Severity
    message: str
    tier: int = 2
    columns: tuple[str, ...] = ()
    where: str | None = None
    query: str | None = None
    expect: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    kind: RuleKind | None = None


def text_name(column: str) -> str:
    """The name, in a typed view, of the text that a column was read from."""
    return f"{column}_text"


def compile_rules(contract: Contract, table: Table, quarter: Quarter | None = None) -> list[CompiledRule]:
    """Every rule of a table, in the order in which a partner reads its findings.

    Args:
        contract: the contract that holds the table.
        table: one of its tables.
        quarter: the quarter that the return is for, whose code lists apply. Without one, every code that ever applied
            is accepted.
    """
    rules = [rule for column in table.stored for rule in _implied(contract, table, column, quarter)]
    if table.key and table.key_rule and table.key_message:
        rules.append(_key_rule(table, table.key_rule, table.key_message))
    return rules + [_written(rule) for rule in table.rules]


def _written(rule: Rule) -> CompiledRule:
    limits = {"column": rule.column, "min_value": rule.min_value, "max_value": rule.max_value}
    return CompiledRule(
        id=rule.id,
        severity=rule.severity,
        message=rule.message,
        tier=rule.tier,
        columns=rule.highlighted,
        where=f"{' + '.join(rule.parts)} <> {rule.total}" if rule.total else rule.where,
        query=rule.query,
        expect=BETWEEN if rule.column else None,
        arguments={name: limit for name, limit in limits.items() if limit is not None},
    )


def _implied(contract: Contract, table: Table, column: Column, quarter: Quarter | None) -> Iterator[CompiledRule]:
    stem = f"{contract.code}-{table.name}-{column.name}".upper().replace("_", "-")

    def rule(kind: RuleKind, message: str, **check: Any) -> CompiledRule:
        return CompiledRule(
            id=f"{stem}-{kind.upper()}",
            severity=Severity.CRITICAL,
            message=message,
            columns=(column.name,),
            kind=kind,
            **check,
        )

    example = f" For example: {column.example}." if column.example else ""
    choices = column.code_list(quarter)
    messages = _to_fill(column, choices, example) if contract.is_template_return else _to_look_at(column)
    text = text_name(column.name)
    if column.required:
        yield rule(
            RuleKind.REQUIRED,
            messages[RuleKind.REQUIRED],
            expect="expect_column_values_to_not_be_null",
            arguments={"column": text},
        )
    if column.type not in (ColumnType.TEXT, ColumnType.CHOICE):
        unless_withheld = f" AND {text} <> '{WITHHELD}'" if column.may_be_withheld else ""
        yield rule(
            RuleKind.TYPE,
            messages[RuleKind.TYPE],
            where=f"{text} IS NOT NULL AND {column.name} IS NULL{unless_withheld}",
        )
    if column.type is ColumnType.MONEY:
        yield rule(
            RuleKind.PENCE,
            f"{column.label} has a fraction of a penny. Enter pounds and whole pence.{example}",
            where=f"{column.name} <> round({column.name}, 2)",
        )
    if column.type is ColumnType.CHOICE:
        yield rule(
            RuleKind.CHOICE,
            messages[RuleKind.CHOICE],
            expect="expect_column_values_to_be_in_set",
            arguments={"column": column.name, "value_set": [choice.code for choice in choices]},
        )
    if column.pattern:
        yield rule(
            RuleKind.PATTERN,
            f"{column.label} is not in the right format. {column.help}{example}",
            expect="expect_column_values_to_match_regex",
            arguments={"column": text, "regex": column.pattern},
        )
    limits = {"min_value": column.min_value, "max_value": column.max_value}
    given_limits = {name: limit for name, limit in limits.items() if limit is not None}
    if given_limits:
        yield rule(
            RuleKind.RANGE,
            f"{column.label} must be {_limits(column)}.{example}",
            expect=BETWEEN,
            arguments={"column": column.name, **given_limits},
        )
    if column.max_length is not None:
        # Great Expectations' own rule about lengths would read the table once more.
        yield rule(
            RuleKind.LENGTH,
            f"{column.label} must be {column.max_length} characters or fewer. Shorten it.",
            where=f"length({text}) > {column.max_length}",
        )


def _to_fill(column: Column, choices: Sequence[Choice], example: str) -> dict[RuleKind, str]:
    """What to enter in a cell that a sender fills."""
    listed = "; ".join(choice.label for choice in choices)
    return {
        RuleKind.REQUIRED: f"{column.label} is missing. Enter {_wanted(column)}.{example}",
        RuleKind.TYPE: f"{column.label} must be {_wanted(column)}.{example}",
        RuleKind.CHOICE: f"{column.label} must be one of these answers: {listed}.",
    }


def _to_look_at(column: Column) -> dict[RuleKind, str]:
    """What to do about a cell of a publisher, in which nobody may enter anything."""
    kind = _KINDS_OF_VALUE.get(column.type, "text")
    return {
        RuleKind.REQUIRED: f"{column.label} is missing. Check the cell in the publisher's own file.",
        RuleKind.TYPE: f"We cannot read {column.label} as {kind}. Check the cell in the publisher's own file. If it has"
        " a new symbol, add the symbol to the contract.",
        RuleKind.CHOICE: f"We do not know this entry of {column.label}, so we did not use the file. If the publisher"
        " has added it, the unit must add it to the contract, with its date.",
    }


def _key_rule(table: Table, rule_id: str, message: str) -> CompiledRule:
    # Great Expectations' own rule about several columns lists no failing rows, so the key is a query.
    key = ", ".join(table.key)
    present = " AND ".join(f"{name} IS NOT NULL" for name in table.key if table.column(name).required)
    return CompiledRule(
        id=rule_id,
        severity=Severity.CRITICAL,
        message=message,
        columns=(table.key[0],),
        query=(
            f"SELECT row_number FROM (SELECT row_number, count(*) OVER (PARTITION BY {key}) AS times "  # noqa: S608
            f"FROM {{batch}} WHERE {present}) AS keyed WHERE times > 1"
        ),
        kind=RuleKind.KEY,
    )


def _wanted(column: Column) -> str:
    if column.type is ColumnType.CHOICE and len(column.code_list()) <= 8:
        return "one of: " + "; ".join(choice.label for choice in column.code_list())
    return written_as(column)


def written_as(column: Column) -> str:
    """What to enter in a cell that no list fills."""
    words = TYPE_WORDS[column.type]
    return f"{words}. Enter {WITHHELD} if you may not give it to us" if column.may_be_withheld else words


def _limits(column: Column) -> str:
    pounds = "£" if column.type is ColumnType.MONEY else ""
    low = None if column.min_value is None else f"{pounds}{column.min_value:,g}"
    high = None if column.max_value is None else f"{pounds}{column.max_value:,g}"
    if low is None:
        return f"{high} or less"
    return f"{low} or more" if high is None else f"between {low} and {high}"
