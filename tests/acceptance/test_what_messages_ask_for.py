"""Whatever a message, a help text or an example tells a sender to enter is accepted in its cell.

The rows are made from the contracts: each has one cell with what the words of its column ask for.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sia.calendar import Quarter
from sia.contract import common_rules
from sia.contract.model import WITHHELD, Column, ColumnType, Contract, Severity, contract, contracts
from sia.contract.rules import compile_rules
from sia.intake import admit, stage
from sia.quality.validate import validate
from tests.conftest import Warehouse
from tests.counter_examples import example_row
from tests.staged import FIRST_ROW, findings
from tests.submissions import query
from tests.workbooks import QUARTER, as_bytes, filled, put

RETURNS = [agreed.name for agreed in contracts().values() if agreed.is_template_return]


def asked_for(column: Column, quarter: Quarter) -> Iterator[str]:
    """What the words about a column say that a sender may enter."""
    if column.example:
        yield column.example
    yield from column.answers(quarter)
    if column.type is ColumnType.INTEGER and not column.min_value:
        yield "0"
    if column.may_be_withheld:
        yield WITHHELD
    if column.type is ColumnType.DATE:
        yield from ("2021-05-31", "31/05/2021")
    for limit in (column.min_value, column.max_value):
        if limit is not None:
            yield f"{limit:g}"
            yield f"{limit:,g}"


def test_the_words_are_those_that_senders_read() -> None:
    messages = [
        rule.message
        for name in RETURNS
        for table in contract(name).tables
        for rule in compile_rules(contract(name), table)
    ]
    messages += [rule.message for rule in common_rules.rules().values()]
    for words in (
        "Enter withheld if you may not give it to us",
        "2021-05-31 or 31/05/2021",
        "or 0 if there were none",
        "100,000",
        "Yes or No",
        "2021-05",
    ):
        assert any(words in message for message in messages)


@pytest.mark.parametrize("return_name", RETURNS)
def test_what_the_words_ask_for_is_accepted(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, return_name: str
) -> None:
    # The rows of the blank workbook, and what a return says as a whole, are other tests.
    monkeypatch.setattr(stage, "_missing_rows", lambda *_: ())
    agreed, quarter = contract(return_name), Quarter.parse(QUARTER)
    entered = {
        table.name: [(column, text) for column in table.stored for text in dict.fromkeys(asked_for(column, quarter))]
        for table in agreed.tables
    }
    rows = {
        name: [{**example_row(agreed.table(name), n), column.name: text} for n, (column, text) in enumerate(cells)]
        for name, cells in entered.items()
    }
    content = as_bytes(filled(return_name, rows))
    put(tmp_path / "inbox", "return.xlsx", content, next(iter(agreed.senders)), return_name=return_name)
    (number,) = admit.receive(warehouse.connection, agreed, quarter, tmp_path / "inbox", tmp_path / "landing")
    stage.stage(warehouse.connection, number, tmp_path / "landing")
    validate(warehouse.connection, number)
    assert query(warehouse.connection, "SELECT count(*) FROM quality.row_reconciliation WHERE rows_staged = 0") == [
        (0,)
    ]
    cells = {
        (agreed.table(name).sheet, row, column.name): text
        for name, listed in entered.items()
        for row, (column, text) in enumerate(listed, FIRST_ROW)
    }
    refused = {
        (finding.rule_id, text)
        for finding in findings(warehouse.connection, number)
        if (text := cells.get((finding.sheet or "", finding.row or 0, finding.column or "")))
        and finding.rule_id in cell_rules(agreed)
    }
    assert refused == set()


def cell_rules(agreed: Contract) -> set[str]:
    """The critical rules about what a cell holds."""
    implied = {rule.id for table in agreed.tables for rule in compile_rules(agreed, table) if rule.kind}
    keys = {table.key_rule for table in agreed.tables}
    common = {rule_id for rule_id, rule in common_rules.rules().items() if rule.severity is Severity.CRITICAL}
    return (implied - keys) | common
