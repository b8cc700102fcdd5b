"""The contract of a return: a strict reading of ``expectations/<return>.yml``.

A contract is the single source of the blank workbook, the staging table, the column allow-list, the
Great Expectations suite and the words that a partner reads. Unknown keys are refused, so that a
misspelt rule can never be silently without effect.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from sia import geography
from sia.calendar import Quarter
from sia.register_file import Strict, duplicates, read_strictly
from sia.settings import settings

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}-[A-Z0-9]+(-[A-Z0-9]+)*-\d{2}$")]


def _is_pattern(given: str) -> str:
    try:
        re.compile(given)
    except re.error as fault:
        raise ValueError(f"{given}: {fault}") from None
    return given


Pattern = Annotated[str, AfterValidator(_is_pattern)]
ExampleRow = dict[Name, str | None]
"""What a row of a counter-example has instead of the columns' examples, by column; ``None`` is an empty cell."""


class ColumnType(StrEnum):
    """What a column's text is read as. Text stays as it is; ``choice`` becomes the choice's code."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    DATE = "date"
    MONTH = "month"
    YES_NO = "yes_no"
    CHOICE = "choice"


class RuleKind(StrEnum):
    """The rules that a column or a key implies; the kind ends the id of a column's rule."""

    REQUIRED = "required"
    TYPE = "type"
    CHOICE = "choice"
    PATTERN = "pattern"
    RANGE = "range"
    LENGTH = "length"
    KEY = "key"


class Severity(StrEnum):
    """``critical`` refuses the return, ``warning`` is reported and the return is taken."""

    CRITICAL = "critical"
    WARNING = "warning"


class Validity(Strict):
    """Something that holds from ``starts`` until the day before ``until``; open where absent."""

    starts: date | None = None
    until: date | None = None

    def holds_in(self, quarter: Quarter) -> bool:
        """Whether any day of the quarter lies inside."""
        return (self.starts is None or self.starts <= quarter.end) and (
            self.until is None or quarter.start < self.until
        )

    def holds_on(self, day: date) -> bool:
        """Whether the day lies inside."""
        return (self.starts is None or self.starts <= day) and (self.until is None or day < self.until)


class Choice(Validity):
    """One entry of a code list: ``label`` is what the partner picks, ``code`` what we store."""

    code: str
    label: str
    synonyms: tuple[str, ...] = ()


class Synonym(Validity):
    """Another heading under which a partner has sent a column."""

    label: str


class Column(Strict):
    """One column of a table. ``personal`` columns are never stored, whatever a file holds.

    A row that breaks a rule which the column implies is its example with another value in the column. ``fails`` says
    what else must differ in that row, so that it breaks no other rule, by kind of rule: ``below`` and ``above`` for the
    two ends of a range.
    """

    name: Name
    label: str
    help: str
    type: ColumnType = ColumnType.TEXT
    required: bool = False
    unit: str | None = None
    example: str | None = None
    choices: tuple[Choice, ...] = ()
    choices_from: Literal["districts", "csps", "scorecard_areas"] | None = None
    pattern: Pattern | None = None
    min_value: float | None = None
    max_value: float | None = None
    max_length: int | None = None
    synonyms: tuple[Synonym, ...] = ()
    personal: bool = False
    fails: dict[Literal["required", "type", "choice", "pattern", "below", "above", "length"], ExampleRow] = Field({})

    @model_validator(mode="after")
    def _choices_belong_to_choice(self) -> Self:
        if (self.type is ColumnType.CHOICE) != bool(self.choices or self.choices_from):
            raise ValueError(f"column {self.name}: 'choice' needs choices, and only it may have them")
        return self

    def code_list(self, quarter: Quarter | None = None) -> tuple[Choice, ...]:
        """The column's choices: all, or those that hold in a quarter."""
        found = self.choices
        if self.choices_from == "districts":
            found = tuple(Choice(code=area.code, label=area.name) for area in geography.districts())
        elif self.choices_from == "csps":
            found = tuple(Choice(code=area.code, label=area.name) for area in geography.csps())
        elif self.choices_from == "scorecard_areas":
            found = tuple(
                Choice(code=area.code, label=area.name)
                for area in (geography.county(), *geography.csps(), *geography.districts())
            )
        return found if quarter is None else tuple(c for c in found if c.holds_in(quarter))

    def headings(self, quarter: Quarter | None = None) -> tuple[str, ...]:
        """The label, then the synonyms (that hold in the quarter, if one is given)."""
        return (
            self.label,
            *(s.label for s in self.synonyms if quarter is None or s.holds_in(quarter)),
        )


class Rule(Strict):
    """One written rule of a table, and the rows that prove it.

    What fails is said in one of three ways: ``column`` with the limits of its value; ``where``, an SQL predicate that
    is true for a failing row of the table's typed view; or ``query``, a SELECT of the ``row_number`` of each failing
    row of ``{batch}``. ``highlight_columns`` are the columns whose cells a finding highlights.

    ``fails`` is the rule's counter-example: rows that differ from the columns' examples as given, where ``null`` is an
    empty cell. The rule must find each of them, or those numbered from 1 in ``finds`` where a query judges the whole
    table. A test stages every counter-example and expects exactly these findings.
    """

    id: RuleId
    severity: Severity
    message: str
    tier: Literal[2, 3] = 2
    column: Name | None = None
    min_value: float | None = None
    max_value: float | None = None
    where: str | None = None
    query: str | None = None
    highlight_columns: tuple[Name, ...] = ()
    fails: tuple[ExampleRow, ...] = Field(min_length=1)
    finds: tuple[int, ...] = ()

    @field_validator("fails", mode="before")
    @classmethod
    def _one_row_or_several(cls, fails: object) -> object:
        return (fails,) if isinstance(fails, dict) else fails

    @model_validator(mode="after")
    def _says_what_fails_in_one_way(self) -> Self:
        if [self.column, self.where, self.query].count(None) != 2:
            raise ValueError(f"rule {self.id}: give one of 'column', 'where' and 'query'")
        has_limit = self.min_value is not None or self.max_value is not None
        if has_limit != (self.column is not None):
            raise ValueError(f"rule {self.id}: 'min_value' and 'max_value' go with 'column'")
        if self.finds and self.query is None:
            raise ValueError(f"rule {self.id}: 'finds' goes with 'query'")
        if not set(self.finds) <= set(range(1, len(self.fails) + 1)):
            raise ValueError(f"rule {self.id}: 'finds' numbers the rows of 'fails' from 1")
        return self

    @property
    def highlighted(self) -> tuple[str, ...]:
        """The columns whose cells a finding of this rule highlights."""
        return self.highlight_columns or ((self.column,) if self.column else ())


class NamedSheet(Validity):
    """A sheet as a publisher names it: ``name`` is a regular expression, dated because names change."""

    name: Pattern


class Unpivot(Strict):
    """Columns that stand for one thing each (an offence, a year, a rank) and become rows.

    ``heading`` is the column that what stands above goes to: a choice, told by its labels and synonyms, or anything
    else, told by ``matches``, whose first group is what is kept. ``value`` is the column that the cells go to; a cell
    that holds a mark of ``missing``, a choice whose labels are the publisher's marks, leaves the value empty.
    """

    heading: Name
    matches: Pattern | None = None
    value: Name
    missing: Name | None = None


class Layout(Strict):
    """How a publisher lays out a table of its own: what to look for, never where it stands.

    The headings begin in the first row in which each of ``headings``, regular expressions, is found as a whole cell,
    and end above the first row of data, which is one whose cells match ``rows``. Headings one above another are read
    as ``upper > lower``.
    """

    sheets: tuple[NamedSheet, ...] = Field((), description="the sheets that hold it, each once; none for a CSV file")
    headings: tuple[Pattern, ...] = Field(min_length=1)
    rows: dict[Name, Pattern] = Field(min_length=1)
    captions: dict[Name, Pattern] = Field(
        {}, description="column to what the lines above the headings say: the first group"
    )
    header_patterns: dict[Name, Pattern] = Field({}, description="column to the regular expression of its heading")
    cell_patterns: dict[Name, Pattern] = Field(
        {}, description="column without a heading to what its cells match: the first such"
    )
    right_of: dict[Name, Name] = Field({}, description="column without a heading to the one on whose right it stands")
    absent: tuple[Name, ...] = Field((), description="columns that an edition may lack")
    unpivot: Unpivot | None = None
    footnotes: tuple[Pattern, ...] = Field((), description="regular expressions of marks that lead to a note")
    zeros: tuple[str, ...] = Field((), description="what the publisher writes for nought")
    ignored_patterns: tuple[Pattern, ...] = Field((), description="regular expressions of other headings")

    @model_validator(mode="after")
    def _groups_say_what_is_kept(self) -> Self:
        if self.unpivot and self.unpivot.matches and re.compile(self.unpivot.matches).groups != 1:
            raise ValueError("what stands across needs one group: what is kept")
        if ungrouped := [name for name, pattern in self.captions.items() if re.compile(pattern).groups != 1]:
            raise ValueError(f"what the lines above say needs one group: {', '.join(ungrouped)}")
        return self

    @property
    def names(self) -> set[Name]:
        """Every column that the layout speaks of."""
        found = {
            *self.rows,
            *self.captions,
            *self.header_patterns,
            *self.cell_patterns,
            *self.right_of,
            *self.right_of.values(),
            *self.absent,
        }
        if self.unpivot:
            found |= {self.unpivot.heading, self.unpivot.value} | (
                {self.unpivot.missing} if self.unpivot.missing else set()
            )
        return found


class Table(Strict):
    """One table of a return: a sheet of its workbook, or the files of an archive.

    No two rows have the same values in the columns of ``key``, of which those that are not required may be empty.
    ``prefill`` names columns whose choices (or the quarter's months) the blank workbook writes out,
    one row for each combination; the partner fills the rest.
    """

    name: Name
    sheet: str
    title: str
    help: str
    fact: Name = Field(description="the table of facts, in schema warehouse, that its rows become")
    fact_title: str | None = Field(None, description="what the facts are, where title and help do not say it")
    fact_descriptions: dict[Name, str] = Field(
        {}, description="column of the facts to what it is, where what the partner reads does not say it"
    )
    columns: tuple[Column, ...]
    key: tuple[Name, ...] = ()
    key_rule: RuleId | None = None
    key_message: str | None = None
    prefill: tuple[Name, ...] = ()
    layout: Layout | None = None
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"table {self.name}: a column is named twice")
        headings = [h.casefold() for column in self.columns for h in column.headings()]
        if len(set(headings)) != len(headings):
            raise ValueError(f"table {self.name}: a heading or synonym stands for two columns")
        used = {*self.key, *self.prefill} | {c for rule in self.rules for c in rule.highlighted}
        used |= {name for rule in self.rules for row in rule.fails for name in row}
        used |= {name for column in self.columns for row in column.fails.values() for name in row}
        if self.layout:
            used |= self.layout.names
        if unknown := used - set(names):
            raise ValueError(f"table {self.name}: no such column: {', '.join(sorted(unknown))}")
        if bool(self.key) != (self.key_rule is not None and self.key_message is not None):
            raise ValueError(f"table {self.name}: a key needs key_rule and key_message, and only a key does")
        return self

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: the table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """The allow-list: the names of the columns that may be stored, in order."""
        return tuple(c.name for c in self.columns if not c.personal)

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns that may be stored."""
        return tuple(c for c in self.columns if not c.personal)


class MonthlyName(NamedTuple):
    """What the name of a monthly file says: its month, written ``YYYY-MM``, and what the publisher calls its sender."""

    month: str
    sender: str | None


class MonthlyArchive(Strict):
    """How a return arrives as monthly CSV files: in a zip archive, or one by one."""

    member: Pattern = Field(
        description="regular expression of a file to take; group 'month' is YYYY-MM, or MM beside a group 'year';"
        " group 'sender' where the archive has files of several senders"
    )
    sender_names: dict[str, Name] = Field({}, description="what the group 'sender' matches, to the key of the sender")
    ignored_patterns: tuple[Pattern, ...] = Field((), description="regular expressions of other files that we know")
    publisher: str = Field(description="who publishes the files, for messages")
    example: str = Field(description="name of a file to take, for messages")
    download: Literal["data_police_uk"] | None = Field(
        None, description="the download that brings the archive by itself"
    )

    @model_validator(mode="after")
    def _names_can_be_read(self) -> Self:
        groups = set(re.compile(self.member).groupindex)
        if "month" not in groups or not groups <= {"year", "month", "sender"}:
            raise ValueError("'member' needs a group 'month', and may have 'year' and 'sender'")
        if ("sender" in groups) != bool(self.sender_names):
            raise ValueError("'sender_names' and the group 'sender' of 'member' go together")
        if self.read_name(self.example) is None:
            raise ValueError(f"'example' is no name that 'member' matches: {self.example}")
        return self

    def read_name(self, path: str) -> MonthlyName | None:
        """What a path says, or nothing if it is no file to take."""
        match = re.fullmatch(self.member, path)
        if match is None:
            return None
        groups = match.groupdict()
        month = f"{groups['year']}-{groups['month']}" if "year" in groups else groups["month"]
        return MonthlyName(month, groups.get("sender"))


class Published(Strict):
    """Where nobody owes a return to us: a table as its publisher lays it out, or a list that the unit came by.

    ``title_pattern`` is a regular expression that is found in the first lines of a sheet (or the lines of a CSV file's
    headings), by which a file is known and dated: groups ``year``, and ``month`` by number or name. ``month`` is the
    month where the file names none.
    """

    licence: str
    title_pattern: Pattern
    month: int = Field(12, ge=1, le=12)

    @model_validator(mode="after")
    def _dates_the_file(self) -> Self:
        if "year" not in re.compile(self.title_pattern).groupindex:
            raise ValueError("'title_pattern' needs a group 'year'")
        return self


class Retention(Strict):
    """For how long what a partner sent is kept, and why."""

    accepted_months: int = Field(ge=1)
    refused_days: int = Field(ge=1)
    why: str


class Contract(Strict):
    """The whole contract of one return."""

    name: Name
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    title: str
    about: str
    senders: dict[Name, str] = Field(min_length=1, description="who may send it: key and full name")
    sender_dates: dict[Name, Validity] = Field({}, description="senders who owe it from or until a day of their own")
    version: Annotated[str, StringConstraints(pattern=r"^\d{4}\.\d+$")]
    accepted_versions: dict[str, Validity] = Field({})
    begins: date
    ends: date | None = None
    expected: bool = Field(description="whether a scorecard waits for this return")
    due_working_days: int = Field(ge=1, le=60)
    version_period: Literal["quarter", "month"] = Field(description="the period that one return version covers")
    count_period: Literal["quarter", "month"] = Field(description="the period that its figures are by")
    formats: tuple[Literal["xlsx", "ods", "xls", "csv", "zip"], ...]
    max_megabytes: int = Field(ge=1)
    headline_component: Name | None = Field(
        None, description="the component whose totals are shown by area once the return is taken in"
    )
    archive: MonthlyArchive | None = None
    published: Published | None = None
    retention: Retention
    tables: tuple[Table, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        names = [table.name for table in self.tables]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: a table is named twice")
        ids = [rule.id for table in self.tables for rule in table.rules]
        ids += [table.key_rule for table in self.tables if table.key_rule]
        if twice := duplicates(ids):
            raise ValueError(f"{self.name}: two rules have the id {', '.join(twice)}")
        if wrong := [i for i in ids if not i.startswith(f"{self.code}-")]:
            raise ValueError(f"{self.name}: ids begin with {self.code}-, not {', '.join(wrong)}")
        if ("zip" in self.formats) != (self.archive is not None):
            raise ValueError(f"{self.name}: 'zip' and 'archive' go together")
        if self.archive and (unknown := set(self.archive.sender_names.values()) - self.senders.keys()):
            raise ValueError(f"{self.name}: no such sender: {', '.join(sorted(unknown))}")
        if "csv" in self.formats and len(self.tables) > 1:
            raise ValueError(f"{self.name}: a CSV file holds one table, and this return has several")
        if any((table.layout is None) != (self.published is None) for table in self.tables):
            raise ValueError(f"{self.name}: 'published' and the layout of every table go together")
        if self.published and (self.archive or self.expected):
            raise ValueError(f"{self.name}: nobody owes us what is published, and it is no archive")
        if "xls" in self.formats and not self.published:
            raise ValueError(f"{self.name}: the older Excel format is taken from publishers alone")
        if unknown := self.sender_dates.keys() - self.senders.keys():
            raise ValueError(f"{self.name}: dates of no sender: {', '.join(sorted(unknown))}")
        return self

    def owed_for(self, quarter: Quarter, source: str) -> bool:
        """Whether a sender owes, or may send, the return for a quarter: any day of it lies within their dates."""
        begun = self.begins <= quarter.end and (self.ends is None or quarter.start <= self.ends)
        return begun and self.sender_dates.get(source, Validity()).holds_in(quarter)

    def covers(self, day: date) -> bool:
        """Whether the day lies between the first and the last day that the return is about."""
        return self.begins <= day and (self.ends is None or day <= self.ends)

    @property
    def is_template_return(self) -> bool:
        """Whether a partner fills our blank workbook, or a file of its form."""
        return self.archive is None and self.published is None

    @property
    def case_tables(self) -> tuple[Table, ...]:
        """The tables with a row for each case: no rows at all in any of them is a nil return, and has to be said."""
        return () if self.archive or self.published else tuple(table for table in self.tables if not table.prefill)

    def table(self, name: str) -> Table:
        """The table of that name.

        Raises:
            KeyError: the return has no such table.
        """
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(f"return {self.name} has no table {name}")

    def staging_name(self, table: Table) -> str:
        """The name of a table in the ``staging`` schema."""
        return f"{self.name}_{table.name}"

    def tag(self, table: Table) -> str:
        """What stands in the cell above a table's headings, by which the table is found."""
        return f"#{self.name}.{table.name}"

    def accepts_version(self, version: str, day: date) -> bool:
        """Whether a template of this version may still be used on a day."""
        if version == self.version:
            return True
        validity = self.accepted_versions.get(version)
        return validity is not None and validity.holds_on(day)


def contracts() -> dict[str, Contract]:
    """Every contract by name, in the order of their names.

    Raises:
        RegisterError: a contract cannot be read.
    """
    return _read_folder(settings().contracts)


@cache
def _read_folder(folder: Path) -> dict[str, Contract]:
    paths = (path for path in sorted(folder.glob("*.yml")) if not path.name.startswith("_"))
    return {contract.name: contract for contract in (read_strictly(Contract, path) for path in paths)}


def returns() -> dict[str, Contract]:
    """The contracts of what partners send: all but those of published tables and of the unit's own lists."""
    return {name: found for name, found in contracts().items() if found.published is None}


def contract(name: str) -> Contract:
    """The contract of a return.

    Raises:
        KeyError: there is no such return; the message lists those that there are.
    """
    try:
        return contracts()[name]
    except KeyError:
        raise KeyError(f"no return is called {name!r}; there are: {', '.join(contracts())}") from None
