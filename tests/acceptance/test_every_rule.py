"""Every rule of every contract finds its counter-example, exactly there, and nothing else.

A return is filled with rows that break one rule each, goes through the intake as a partner's file does, and is checked
by Great Expectations in PostgreSQL.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import ascii_uppercase

import pytest

from sia.calendar import Quarter
from sia.contract.model import Contract, Table, contract, contracts
from sia.contract.rules import CompiledRule, compile_rules
from sia.intake import admit, stage
from sia.intake.readers.tables import ReadTable
from sia.quality.validate import validate
from tests.conftest import Warehouse
from tests.counter_examples import Batch, Row, batches, example_row
from tests.staged import FIRST_ROW, StoredFinding, findings
from tests.submissions import query
from tests.workbooks import as_bytes, filled, put

QUARTER = Quarter.parse("2021-22Q1")
# Some answers of published tables exist since April 2023 only.
PUBLISHED_QUARTER = Quarter.parse("2023-24Q4")


@dataclass(frozen=True)
class Outcome:
    """The findings at the rows of a counter-example, and the expected findings."""

    findings: frozenset[StoredFinding]
    expected: frozenset[StoredFinding]


class Examined:
    """The returns filled with counter-examples and checked. Each is checked once."""

    def __init__(self, warehouse: Warehouse, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._warehouse, self._folder, self._patch = warehouse, folder, patch
        self.outcomes = cache(self._outcomes)

    def _outcomes(self, return_name: str) -> Mapping[str, Sequence[Outcome]]:
        """The outcomes of each rule's counter-examples, by rule."""
        agreed = contract(return_name)
        outcomes: dict[str, list[Outcome]] = {}
        for batch_of in _submissions(agreed):
            rows = {
                table.name: batch_of[table.name].rows if table.name in batch_of else [example_row(table)]
                for table in agreed.tables
            }
            # Each month of a counter-example that judges the whole table is a file. Else a row's month may be wrong.
            months = [str(row["month"]) for row in rows[agreed.tables[0].name]] if agreed.archive else []
            if months and not any(batch.placed[0].example.is_whole_table for batch in batch_of.values()):
                months = [_example_month(agreed)] * len(months)
            submission_id = self._submission(agreed, rows, months)
            validate(self._warehouse.connection, submission_id)
            named = set(findings(self._warehouse.connection, submission_id))
            for name, batch in batch_of.items():
                table = agreed.table(name)
                for placed in batch.placed:
                    here = {_place(agreed, table, position, months) for position in placed.positions}
                    near = {finding for finding in named if (finding.sheet, finding.row) in here}
                    expected = {
                        _finding(agreed, table, placed.example.rule, position, months) for position in placed.found_at
                    }
                    outcomes.setdefault(placed.example.rule.id, []).append(
                        Outcome(frozenset(near), frozenset(expected))
                    )
                    named -= near
            assert not named, "findings at rows that break no rule"
        return outcomes

    def _submission(self, agreed: Contract, rows: dict[str, list[Row]], months: list[str]) -> int:
        """A staged submission with these rows, received as the file that its sender would send."""
        connection = self._warehouse.connection
        (number,) = query(connection, "SELECT count(*) FROM intake.submission")[0]
        inbox, landing = self._folder / "inbox" / str(number), self._folder / "landing"
        if agreed.published:
            submission_id = self._published(agreed, rows, landing)
        else:
            if agreed.archive:
                name, content = _archive(agreed, rows, months)
            else:
                name, content = f"{agreed.name}.xlsx", as_bytes(filled(agreed.name, rows, quarter=QUARTER.key))
            put(inbox, name, content, next(iter(agreed.senders)), return_name=agreed.name, quarter=QUARTER.key)
            *_, submission_id = admit.receive(connection, agreed, QUARTER, inbox, landing)
            # Rows that break a rule come without those of the blank workbook.
            self._patch.setattr(stage, "_missing_rows", lambda *_: ())
            # A few new entries leave their month out. Only many of them reach the rule of their column.
            self._patch.setattr(stage.new_entries, "leave_out_months", lambda *_: ([], 0))
            stage.stage(connection, submission_id, landing)
            self._patch.undo()
        status = query(connection, "SELECT status FROM intake.submission WHERE submission_id = %s", (submission_id,))
        assert status == [("staged",)], findings(connection, submission_id)
        return submission_id

    def _published(self, agreed: Contract, rows: dict[str, list[Row]], landing: Path) -> int:
        """A staged publication. Other tests read a publisher's layout: here the reader gives these rows."""
        (landing / "published").parent.mkdir(exist_ok=True)
        (landing / "published").touch()
        key = f"{len(list(landing.rglob('*')))}-{agreed.name}-{len(str(rows))}"
        ((submission_id,),) = query(
            self._warehouse.connection,
            "INSERT INTO intake.submission (receipt, return_name, source, quarter_key, file_name, landed_as,"
            " content_hash, size_bytes, received_at, synthetic, status) VALUES (%s, %s, %s, %s, 'x', 'published',"
            " encode(sha256(%s::bytea), 'hex'), 1, clock_timestamp(), true, 'received') RETURNING submission_id",
            (key, agreed.name, next(iter(agreed.senders)), PUBLISHED_QUARTER.key, key),
        )
        tables = [
            ReadTable(
                table.name,
                table.sheet,
                dict(zip(table.names, ascii_uppercase, strict=False)),
                [(number, list(row.values())) for number, row in enumerate(rows[table.name], FIRST_ROW)],
            )
            for table in agreed.tables
        ]
        self._patch.setattr(stage.return_file, "read", lambda *_: (tables, []))
        stage.stage(self._warehouse.connection, submission_id, landing)
        self._patch.undo()
        return int(submission_id)


def _quarter(agreed: Contract) -> Quarter:
    return PUBLISHED_QUARTER if agreed.published else QUARTER


def _submissions(agreed: Contract) -> Iterator[dict[str, Batch]]:
    """The batches by table, those of several tables in one submission where each has one that may be mixed."""
    mixed: list[dict[str, Batch]] = []
    for table in agreed.tables:
        for number, batch in enumerate(_mixable(agreed, table)):
            if number == len(mixed):
                mixed.append({})
            mixed[number][table.name] = batch
        for batch in batches(agreed, table, _quarter(agreed)):
            if batch.placed[0].example.is_whole_table:
                yield {table.name: batch}
    yield from mixed


def _mixable(agreed: Contract, table: Table) -> Iterator[Batch]:
    return (batch for batch in batches(agreed, table, _quarter(agreed)) if not batch.placed[0].example.is_whole_table)


def _archive(agreed: Contract, rows: dict[str, list[Row]], months: list[str]) -> tuple[str, bytes]:
    """An archive with a file for each month; ``months`` gives the file of each row."""
    (table,) = agreed.tables
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for month in dict.fromkeys(months):
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\r\n")
            writer.writerow(column.label for column in table.columns)
            of_month = [row for row, its_month in zip(rows[table.name], months, strict=True) if its_month == month]
            writer.writerows([row[name] for name in table.names] for row in of_month)
            package.writestr(_monthly_name(agreed, month), text.getvalue())
    return "archive.zip", content.getvalue()


def _example_month(agreed: Contract) -> str:
    assert agreed.archive
    name = agreed.archive.read_name(agreed.archive.example)
    assert name
    return name.month


def _monthly_name(agreed: Contract, month: str) -> str:
    assert agreed.archive
    return agreed.archive.example.replace(_example_month(agreed), month)


def _place(agreed: Contract, table: Table, position: int, months: list[str]) -> tuple[str, int]:
    """Sheet and row of a row of the table; an archive's file has its headings in line 1."""
    if agreed.archive:
        month = months[position]
        return _monthly_name(agreed, month), months[:position].count(month) + 2
    return table.sheet, position + FIRST_ROW


def _finding(agreed: Contract, table: Table, rule: CompiledRule, position: int, months: list[str]) -> StoredFinding:
    (column,) = rule.columns
    sheet, row = _place(agreed, table, position, months)
    letter = ascii_uppercase[table.names.index(column)]
    return StoredFinding(rule.id, sheet, row, column, None if agreed.archive else f"{letter}{row}")


@pytest.fixture(scope="module")
def examined(warehouse_of_module: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Examined]:
    with pytest.MonkeyPatch.context() as patch:
        yield Examined(warehouse_of_module, tmp_path_factory.mktemp("examined"), patch)


@pytest.mark.parametrize(
    ("return_name", "rule_id"),
    [
        pytest.param(agreed.name, rule.id, id=rule.id)
        for agreed in contracts().values()
        for table in agreed.tables
        for rule in compile_rules(agreed, table, _quarter(agreed))
    ],
)
def test_a_rule_finds_its_counter_example_and_no_other_rule_does(
    examined: Examined, return_name: str, rule_id: str
) -> None:
    outcomes = examined.outcomes(return_name)[rule_id]
    assert outcomes
    for outcome in outcomes:
        assert outcome.expected
        assert outcome.findings == outcome.expected
