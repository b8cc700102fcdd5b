"""A check or view that reads the facts of a return says so, because a county may have no such return."""

from __future__ import annotations

import re

import pytest

from sia.contract.model import contracts
from sia.paths import SQL
from sia.warehouse.sql_files import needed_facts

FACTS = {table.fact.name for contract in contracts().values() for table in contract.tables}
WRITTEN = sorted(path for folder in ("checks", "objects") for path in (SQL / folder).rglob("*.sql"))


@pytest.mark.parametrize("name", [path.relative_to(SQL).as_posix() for path in WRITTEN])
def test_the_facts_that_a_statement_reads_are_those_that_it_needs(name: str) -> None:
    text = (SQL / name).read_text(encoding="utf-8")
    statements = re.sub(r"^(COMMENT ON .*?';|--[^\n]*)$", "", text, flags=re.MULTILINE | re.DOTALL)
    read = {re.sub(r"_(today|known_at|known_on)$", "", fact) for fact in re.findall(r"\bwarehouse\.(\w+)", statements)}
    assert read & FACTS <= needed_facts(text)
    assert needed_facts(text) <= FACTS
