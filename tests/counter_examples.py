"""Rows that each rule of a contract must find: written in the contract for written rules, derived for implied ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from sia.calendar import Quarter
from sia.contract.model import Column, ColumnType, Contract, RuleKind, Table
from sia.contract.rules import CompiledRule, compile_rules

Row = dict[str, str | None]

NO_VALUE = "no such value"
MAX_ROWS = 500
# A number in a code or a reference, which may be counted up without making it another kind of thing.
_COUNTED = re.compile(r"\d{3,}(?=\D*$)")


@dataclass(frozen=True)
class CounterExample:
    """Rows as they differ from an example row, and which of them, counted from 0, the rule must find.

    ``is_whole_table``: the rule is a query, and the rows are all that the table has.
    """

    rule: CompiledRule
    table: Table
    changes: tuple[Row, ...]
    finds: tuple[int, ...]
    is_whole_table: bool = False


@dataclass(frozen=True)
class PlacedExample:
    """A counter-example in a table: the positions of its rows, counted from 0."""

    example: CounterExample
    positions: tuple[int, ...]

    @property
    def found_at(self) -> tuple[int, ...]:
        """The positions that the rule must find."""
        return tuple(self.positions[index] for index in self.example.finds)


@dataclass
class Batch:
    """The rows of one table that are staged together, and the counter-examples among them."""

    rows: list[Row]
    placed: list[PlacedExample]


def counter_examples(contract: Contract, table: Table, quarter: Quarter) -> list[CounterExample]:
    """The counter-examples of every rule of a table.

    Raises:
        ValueError: a rule has none.
    """
    rules = compile_rules(contract, table, quarter)
    examples = [example for rule in rules for example in _of_rule(table, rule)]
    if missing := {rule.id for rule in rules} - {example.rule.id for example in examples}:
        raise ValueError(f"no counter-example: {', '.join(sorted(missing))}")
    return examples


def _of_rule(table: Table, rule: CompiledRule) -> Iterator[CounterExample]:
    if rule.kind is RuleKind.KEY:
        # Only the key is repeated: the numbers in other columns differ.
        other = {name: value for name, value in example_row(table, MAX_ROWS).items() if name not in table.key}
        yield CounterExample(
            rule, table, ({}, {name: other[name] for name in counted_columns(table) & other.keys()}), (0, 1)
        )
    elif rule.kind is not None:
        (name,) = rule.columns
        for changes in _breaking(table.column(name), rule.kind):
            yield CounterExample(rule, table, (changes,), (0,))
    else:
        (written,) = (candidate for candidate in table.rules if candidate.id == rule.id)
        if written.query is None:
            for row in written.fails:
                yield CounterExample(rule, table, (row,), (0,))
        else:
            finds = tuple(number - 1 for number in written.finds) or tuple(range(len(written.fails)))
            yield CounterExample(rule, table, written.fails, finds, is_whole_table=True)


def _breaking(column: Column, kind: RuleKind) -> Iterator[Row]:
    """What breaks one rule of a column, with what its contract says must differ besides."""

    def row(reason: str, value: str | None) -> Row:
        return {column.name: value} | column.fails.get(reason, {})  # type: ignore[call-overload]

    match kind:
        case RuleKind.REQUIRED:
            yield row("required", None)
        case RuleKind.TYPE:
            yield row("type", NO_VALUE)
        case RuleKind.CHOICE:
            yield row("choice", NO_VALUE)
        case RuleKind.PATTERN:
            # As long as the example, so that no rule about the length is broken too.
            yield row("pattern", "~" * len(column.example or "~"))
        case RuleKind.PENCE:
            yield row("pence", f"{column.example}5")
        case RuleKind.RANGE:
            step = Decimal(1) if column.type is ColumnType.INTEGER else Decimal("0.01")
            if column.min_value is not None:
                yield row("below", str(Decimal(f"{column.min_value:g}") - step))
            if column.max_value is not None:
                yield row("above", str(Decimal(f"{column.max_value:.12g}") + step))
        case RuleKind.LENGTH:
            yield row("length", "x" * ((column.max_length or 0) + 1))


def example_row(table: Table, number: int = 0) -> Row:
    """The columns' examples, with the numbers in codes and references counted up by ``number``."""
    return {column.name: _counted_up(column, number) for column in table.stored}


def counted_columns(table: Table) -> set[str]:
    """The columns whose examples can be counted up."""
    return {column.name for column in table.stored if _counted_up(column, 1) != column.example}


def batches(contract: Contract, table: Table, quarter: Quarter) -> Iterator[Batch]:
    """The counter-examples of a table in as few batches as its key allows."""
    waiting = counter_examples(contract, table, quarter)
    for example in (example for example in waiting if example.is_whole_table):
        rows = [example_row(table) | changes for changes in example.changes]
        yield Batch(rows, [PlacedExample(example, tuple(range(len(rows))))])
    waiting = [example for example in waiting if not example.is_whole_table]
    while waiting:
        batch, left = _packed(table, quarter, waiting)
        assert batch.placed, f"no row of {table.name} can show what breaks {waiting[0].rule.id}"
        yield batch
        waiting = left


def _packed(table: Table, quarter: Quarter, waiting: list[CounterExample]) -> tuple[Batch, list[CounterExample]]:
    batch, left = Batch([], []), list[CounterExample]()
    used: set[tuple[str | None, ...]] = set()
    bases = _distinct_rows(table, quarter)
    for example in waiting:
        for base in bases:
            rows = [base | changes for changes in example.changes]
            keys = {tuple(row[name] for name in table.key) for row in rows}
            if not table.key or used.isdisjoint(keys):
                used |= keys
                first = len(batch.rows)
                batch.rows += rows
                batch.placed.append(PlacedExample(example, tuple(range(first, first + len(rows)))))
                break
        else:
            left.append(example)
    return batch, left


def _distinct_rows(table: Table, quarter: Quarter) -> Iterator[Row]:
    """Example rows with keys of their own, as many as there can be."""
    if not table.key or counted_columns(table) & set(table.key):
        yield from (example_row(table, number) for number in range(MAX_ROWS))
        return
    values = [_values(table.column(name), quarter) for name in table.key]
    for number, combination in enumerate(product(*values)):
        yield example_row(table, number) | dict(zip(table.key, combination, strict=True))


def _values(column: Column, quarter: Quarter) -> list[str]:
    match column.type:
        case ColumnType.CHOICE:
            return [choice.label for choice in column.code_list(quarter)]
        case ColumnType.MONTH:
            return list(quarter.months)
        case ColumnType.INTEGER:
            return [str(number) for number in range(int(column.min_value or 0), int(column.max_value or 0) + 1)]
        case _:
            return [column.example or ""]


def _counted_up(column: Column, number: int) -> str | None:
    if column.type is not ColumnType.TEXT or column.example is None:
        return column.example

    def counted(digits: re.Match[str]) -> str:
        return str(int(digits[0]) + number).zfill(len(digits[0]))

    return _COUNTED.sub(counted, column.example, count=1)
