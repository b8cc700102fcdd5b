"""The contract of a return: a strict reading of ``expectations/<return>.yml``.

A contract is the single source of the blank workbook, the staging table, the list of columns that may be stored, the
rules that Great Expectations runs and the messages that a partner reads. Unknown keys are refused, so that a misspelt
rule is never silently ignored.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from functools import cache
from itertools import product
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

COVER_TAG = "#cover"
"""The tag above the cover of a return workbook."""
WITHHELD = "withheld"
"""What a sender enters in place of a number that it may not give us, where the contract allows it."""
_DISTRICTS = "districts"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}-[A-Z0-9]+(-[A-Z0-9]+)*-\d{2}$")]


def _is_pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text}: {error}") from None
    return text


Pattern = Annotated[str, AfterValidator(_is_pattern)]
ExampleRow = dict[Name, str | None]
"""What a row of a counter-example has instead of the columns' examples, by column; ``None`` is an empty cell."""


class ColumnType(StrEnum):
    """What a column's text is read as. Text stays as it is. An answer becomes the code of its choice."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    DATE = "date"
    MONTH = "month"
    YES_NO = "yes_no"
    CHOICE = "choice"

    @property
    def is_number(self) -> bool:
        """Whether its cells are numbers."""
        return self in {ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.MONEY}


_AMOUNTS = {ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.MONEY}


class RuleKind(StrEnum):
    """The rules that a column or a key implies; the kind ends the id of a column's rule."""

    REQUIRED = "required"
    TYPE = "type"
    CHOICE = "choice"
    PATTERN = "pattern"
    PENCE = "pence"
    RANGE = "range"
    LENGTH = "length"
    KEY = "key"


class Severity(StrEnum):
    """``critical`` refuses the return. ``warning`` is reported, and the return is accepted."""

    CRITICAL = "critical"
    WARNING = "warning"


class Validity(Strict):
    """Something that holds from ``starts`` until the day before ``until``. Without one, that end is open."""

    starts: date | None = None
    until: date | None = None

    def holds_in(self, quarter: Quarter) -> bool:
        """Whether it holds on any day of the quarter."""
        return (self.starts is None or self.starts <= quarter.end) and (
            self.until is None or quarter.start < self.until
        )

    def holds_on(self, day: date) -> bool:
        """Whether it holds on a day."""
        return (self.starts is None or self.starts <= day) and (self.until is None or day < self.until)


class Choice(Validity):
    """One entry of a code list: the partner picks ``label``, and we store ``code``.

    ``attributes`` are those of the column's dimension in which the entry differs from most.
    """

    code: str
    label: str
    synonyms: tuple[str, ...] = ()
    attributes: dict[Name, bool | str] = Field(default={})


class Attribute(Strict):
    """What a dimension has for each entry in addition to its code and name. ``default`` is what most entries have."""

    description: str
    default: bool | str


class Dimension(Strict):
    """A code list that is a table of its own: ``warehouse.dim_<name>``, with ``<name>_code`` and ``<name>_name``."""

    name: Name
    title: str
    attributes: dict[Name, Attribute] = Field({})


class Synonym(Validity):
    """Another heading that a partner has used for a column."""

    label: str


class Column(Strict):
    """One column of a table. We never store a ``personal`` column.

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
    dimension: Dimension | None = None
    pattern: Pattern | None = None
    min_value: float | None = None
    max_value: float | None = None
    max_length: int | None = None
    synonyms: tuple[Synonym, ...] = ()
    personal: bool = False
    may_be_withheld: bool = Field(
        False, description="whether the sender may enter 'withheld' in place of a number; never where a row is one case"
    )
    fails: dict[Literal["required", "type", "choice", "pattern", "below", "above", "length"], ExampleRow] = Field({})

    @model_validator(mode="after")
    def _choices_belong_to_choice(self) -> Self:
        if (self.type is ColumnType.CHOICE) != bool(self.choices or self.choices_from):
            raise ValueError(f"column {self.name}: a column of type 'choice' needs choices, and no other may have them")
        if self.may_be_withheld and not self.type.is_number:
            raise ValueError(f"column {self.name}: only a number may be withheld")
        if self.dimension and not self.choices:
            raise ValueError(f"column {self.name}: a dimension needs choices")
        attributes = self.dimension.attributes if self.dimension else {}
        for choice in self.choices:
            for name, value in choice.attributes.items():
                if name not in attributes or type(value) is not type(attributes[name].default):
                    raise ValueError(f"column {self.name}: choice {choice.code}: the dimension has no such {name}")
        return self

    def code_list(self, quarter: Quarter | None = None) -> tuple[Choice, ...]:
        """The column's choices: all, or those that hold in a quarter."""
        choices = self.choices
        if self.choices_from == "districts":
            choices = tuple(Choice(code=area.code, label=area.name) for area in geography.districts())
        elif self.choices_from == "csps":
            choices = tuple(Choice(code=area.code, label=area.name) for area in geography.csps())
        elif self.choices_from == "scorecard_areas":
            choices = tuple(
                Choice(code=area.code, label=area.name)
                for area in (geography.county(), *geography.csps(), *geography.districts())
            )
        return choices if quarter is None else tuple(choice for choice in choices if choice.holds_in(quarter))

    def answers(self, quarter: Quarter) -> tuple[str, ...]:
        """What a sender may enter in a quarter, if the answers can be listed: the months, Yes and No, or the labels."""
        if self.type is ColumnType.MONTH:
            return quarter.months
        if self.type is ColumnType.YES_NO:
            return ("Yes", "No")
        return tuple(choice.label for choice in self.code_list(quarter))

    def headings(self, quarter: Quarter | None = None) -> tuple[str, ...]:
        """The label, then the synonyms: all, or those that hold in a quarter."""
        return (
            self.label,
            *(synonym.label for synonym in self.synonyms if quarter is None or synonym.holds_in(quarter)),
        )


class Rule(Strict):
    """One written rule of a table, and the rows that prove it.

    One of four keys tells which rows fail: ``column``, with the limits of its value; ``total``, a column to which the
    columns ``parts`` must add up; ``where``, an SQL predicate that is true for a failing row of the table's typed view;
    or ``query``, a SELECT of the ``row_number`` of each failing row of ``{batch}``. ``highlight_columns`` are the
    columns whose cells a finding highlights.

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
    total: Name | None = None
    parts: tuple[Name, ...] = ()
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
        if [self.column, self.total, self.where, self.query].count(None) != 3:
            raise ValueError(f"rule {self.id}: give one of 'column', 'total', 'where' and 'query'")
        if bool(self.parts) != (self.total is not None):
            raise ValueError(f"rule {self.id}: 'parts' goes with 'total'")
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
        return self.highlight_columns or tuple(name for name in (self.column, self.total) if name)


class NamedSheet(Validity):
    """A sheet as a publisher names it: ``name`` is a regular expression, dated because names change."""

    name: Pattern


class Unpivot(Strict):
    """Several columns of figures, such as one for each offence, year or rank, whose cells become rows.

    Headings go to the column ``heading``. They are the labels and synonyms of its choices, or they match ``matches``,
    of which we keep the first group. Cells go to the column ``value``. If a cell has a mark of the column ``missing``,
    whose choices are the publisher's marks, the value is empty.
    """

    heading: Name
    matches: Pattern | None = None
    value: Name
    missing: Name | None = None


class Layout(Strict):
    """A publisher's own layout of a table: what to look for, never where it is.

    The headings begin in the first row in which each of ``headings``, regular expressions, matches a whole cell. They
    end above the first row of data, which is one whose cells match ``rows``. Headings one above another are read as
    ``upper > lower``.
    """

    sheets: tuple[NamedSheet, ...] = Field((), description="the sheets that we read, each once; none for a CSV file")
    headings: tuple[Pattern, ...] = Field(min_length=1)
    rows: dict[Name, Pattern] = Field(min_length=1)
    captions: dict[Name, Pattern] = Field(
        {}, description="column to the regular expression of a line above the headings; its value is the first group"
    )
    header_patterns: dict[Name, Pattern] = Field({}, description="column to the regular expression of its heading")
    cell_patterns: dict[Name, Pattern] = Field(
        {}, description="column without a heading to the regular expression of its cells"
    )
    right_of: dict[Name, Name] = Field({}, description="column without a heading to the column on its left")
    absent: tuple[Name, ...] = Field((), description="columns that not every edition has")
    unpivot: Unpivot | None = None
    footnotes: tuple[Pattern, ...] = Field((), description="regular expressions of references to footnotes")
    zeros: tuple[str, ...] = Field((), description="what the publisher writes for zero")
    ignored_patterns: tuple[Pattern, ...] = Field((), description="regular expressions of headings that we do not read")
    every_district: tuple[Name, ...] = Field(
        (), description="columns of a place's code or name, the surest first, in which each of our districts must be"
    )

    @model_validator(mode="after")
    def _has_a_group_for_each_value(self) -> Self:
        if self.unpivot and self.unpivot.matches and re.compile(self.unpivot.matches).groups != 1:
            raise ValueError("'matches' needs one group: what is kept of the heading")
        if ungrouped := [name for name, pattern in self.captions.items() if re.compile(pattern).groups != 1]:
            raise ValueError(f"each of 'captions' needs one group; correct {', '.join(ungrouped)}")
        return self

    @property
    def names(self) -> set[Name]:
        """Every column that the layout names."""
        names = {
            *self.rows,
            *self.captions,
            *self.header_patterns,
            *self.cell_patterns,
            *self.right_of,
            *self.right_of.values(),
            *self.absent,
            *self.every_district,
        }
        if self.unpivot:
            names |= {self.unpivot.heading, self.unpivot.value}
            names |= {self.unpivot.missing} if self.unpivot.missing else set()
        return names


class WorkedOut(Strict):
    """A column of the facts that is not a column of the return.

    ``sql`` is an expression over the columns of the table's typed view. Without it the column is one that the query
    ``load`` of the facts adds.
    """

    type: Literal["text", "integer", "decimal", "date", "yes_no", "bytes", "area"]
    required: bool = True
    sql: str | None = None


class Fact(Strict):
    """The facts that the rows of a table become: ``warehouse.<name>``, with its history, comments and rights.

    Each stored column of the return is a column of the facts of the same name and type, except that

    - a choice of areas is ``area_code``, a code of a dimension ``<dimension>_code``;
    - money is ``<name>_gbp``, in pounds, and a month is ``<name>_starts_on``, its first day.

    This model has the differences. The facts always have an ``area_code``, and one row of the return may become several
    facts only where ``area_columns`` says so.
    """

    name: Name
    title: str | None = Field(None, description="what the facts are, unless the table's title and help say it")
    descriptions: dict[Name, str] = Field(
        {}, description="column of the facts to what it is, unless the partner reads the same"
    )
    counts: bool = Field(
        False, description="whether analysts may read the facts, because they are counts and no row is about a case"
    )
    only_checked: tuple[Name, ...] = Field((), description="columns of the return that are checked and not kept")
    names: dict[Name, Name] = Field({}, description="column of the return to the name that it has in the facts")
    area_columns: Name | None = Field(
        None,
        description="the columns of the return that are named as areas are in areas.yml become rows: area_code, and"
        " their figures in this column of the facts",
    )
    area_lookup: Name | None = Field(
        None, description="column with the code of a place: area_code is our county or district of that code"
    )
    worked_out: dict[Name, WorkedOut] = Field({}, description="columns that are no column of the return")
    load: Name | None = Field(
        None, description="the query include/sql/load/<name>.sql, which adds columns to those of the typed view"
    )
    unique: tuple[tuple[Name, ...], ...] = Field((), description="columns that no two facts of a version share")
    indexes: tuple[tuple[Name, ...], ...] = Field((), description="columns by which a version's facts are looked up")
    checks: dict[Name, str] = Field({}, description="name to an SQL condition that no fact breaks")
    bulk: bool = Field(
        False,
        description="whether there are so many that no fact is looked up when it is loaded: no key, reference or check,"
        " and a block range index by version and month",
    )


class Component(Strict):
    """A thing that the rows of a table count, by its ``name``; or several, one for each code of ``codes_of``.

    Codes of two columns are joined by a colon, and ``suffix`` follows: columns ``event`` and ``camera_type`` give
    ``installed:door_viewer``. The table's component file tells what a row adds to which component. The file leaves out
    a component that is the sum of those for the codes of a column (``sum_of``), perhaps ``without`` some codes.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_:]*$")] | None = None
    codes_of: tuple[Name, ...] = ()
    suffix: Annotated[str, StringConstraints(pattern=r"^(:[a-z0-9_:]+)?$")] = ""
    sum_of: Name | None = None
    without: tuple[str, ...] = ()
    description: str

    @field_validator("codes_of", mode="before")
    @classmethod
    def _one_column_or_several(cls, columns: object) -> object:
        return (columns,) if isinstance(columns, str) else columns

    @model_validator(mode="after")
    def _is_named_in_one_way(self) -> Self:
        if (self.name is None) != bool(self.codes_of) or (self.suffix and self.name):
            raise ValueError("a component has a 'name', or 'codes_of' with or without a 'suffix'")
        if (self.sum_of and not self.name) or (self.without and not self.sum_of):
            raise ValueError("'sum_of' is for a component with a 'name', and 'without' goes with 'sum_of'")
        return self


class Table(Strict):
    """One table of a return: a sheet of its workbook, or the files of an archive.

    No two rows have the same values in the columns of ``key``, of which those that are not required may be empty.
    The blank workbook has a row for each combination of the choices, or of the quarter's months, in the columns of
    ``prefill``. The partner fills the rest. A row belongs to a quarter if one of the columns ``dated_by`` is in it.
    """

    name: Name
    sheet: str
    title: str
    help: str
    fact: Fact
    columns: tuple[Column, ...]
    key: tuple[Name, ...] = ()
    key_rule: RuleId | None = None
    key_message: str | None = None
    prefill: tuple[Name, ...] = ()
    dated_by: tuple[Name, ...] = ()
    components: tuple[Component, ...] = Field(
        (), description="what its rows count; include/sql/components/<return>_<table>.sql says which row counts what"
    )
    zero_areas: tuple[str, ...] | None = Field(
        None,
        description="the areas that count 0 if a return that we received has no row for them: codes, or 'districts'."
        " Without it, these are the districts, unless the blank workbook has rows to fill",
    )
    adds_up: tuple[Name, ...] = Field(
        (), description="the columns whose sum over all rows a partner recognises: amounts, never ages, rates or years"
    )
    carried_over: tuple[Name, ...] = Field(
        (),
        description="the columns that a sender's own blank workbook has filled in from its last return, for rows that"
        " come again",
    )
    carried_until: Name | None = Field(
        None, description="the column of a row's last day: the row does not come again in quarters after it"
    )
    layout: Layout | None = None
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"table {self.name}: two columns have the same name")
        headings = [heading.casefold() for column in self.columns for heading in column.headings()]
        if len(set(headings)) != len(headings):
            raise ValueError(f"table {self.name}: two columns have the same heading or synonym")
        used = {*self.key, *self.prefill, *self.dated_by} | {name for rule in self.rules for name in rule.highlighted}
        used |= {name for rule in self.rules for name in rule.parts}
        used |= {name for rule in self.rules for row in rule.fails for name in row}
        used |= {name for column in self.columns for row in column.fails.values() for name in row}
        used |= {*self.fact.only_checked, *self.fact.names, *self.adds_up, *self.carried_over}
        used |= {self.carried_until} if self.carried_until else set()
        used |= {name for component in self.components for name in component.codes_of}
        used |= {component.sum_of for component in self.components if component.sum_of}
        if self.layout:
            used |= self.layout.names
        if unknown := used - set(names):
            raise ValueError(f"table {self.name}: no such column: {', '.join(sorted(unknown))}")
        stored = {column.name: column for column in self.stored if column.name not in self.fact.only_checked}
        amounts = {name for name, column in stored.items() if column.type in _AMOUNTS} - self.area_columns.keys()
        if wrong := ({*self.adds_up} - amounts) | ({*self.carried_over} - stored.keys()):
            raise ValueError(f"table {self.name}: adds_up or carried_over cannot have {', '.join(sorted(wrong))}")
        if self.carried_over and self.prefill:
            raise ValueError(f"table {self.name}: rows that are filled in already cannot be carried over too")
        if self.carried_until and self.carried_until not in self.carried_over:
            raise ValueError(f"table {self.name}: carried_until must be one of the columns of carried_over")
        if bool(self.key) != (self.key_rule is not None and self.key_message is not None):
            raise ValueError(f"table {self.name}: a key needs key_rule and key_message, and only a key does")
        if unknown := {*(self.zero_areas or ())} - {_DISTRICTS} - geography.areas().keys():
            raise ValueError(f"table {self.name}: zero_areas: no such area: {', '.join(sorted(unknown))}")
        if twice := duplicates(name for component in self.components for name in self._names_of(component)):
            raise ValueError(f"table {self.name}: two components have the name {', '.join(twice)}")
        parts = {part for parts in self.component_parts.values() for part in parts}
        if unknown := parts - self.component_descriptions.keys():
            raise ValueError(
                f"table {self.name}: a component sums what is not a component: {', '.join(sorted(unknown))}"
            )
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

    def prefilled_rows(self, quarter: Quarter) -> list[tuple[str, ...]]:
        """The texts in the columns of ``prefill`` of each row that the blank workbook has, in the contract's order."""
        return list(product(*(self.column(name).answers(quarter) for name in self.prefill))) if self.prefill else []

    @property
    def component_descriptions(self) -> dict[str, str]:
        """Every component of the table, with its description."""
        return {name: words for component in self.components for name, words in self._names_of(component).items()}

    def _names_of(self, component: Component) -> dict[str, str]:
        if component.name:
            return {component.name: component.description}
        codes = product(*(self.column(name).code_list() for name in component.codes_of))
        return {
            ":".join(choice.code for choice in choices)
            + component.suffix: f"{component.description}: {', '.join(choice.label for choice in choices)}"
            for choices in codes
        }

    @property
    def component_parts(self) -> dict[str, tuple[str, ...]]:
        """The components that are sums of others of the table, with these others."""
        return {
            component.name: tuple(
                choice.code
                for choice in self.column(component.sum_of).code_list()
                if choice.code not in component.without
            )
            for component in self.components
            if component.name and component.sum_of
        }

    @property
    def zero_area_codes(self) -> tuple[str, ...]:
        """The codes of the areas that count 0 if a return that we received has no row for them."""
        named = self.zero_areas if self.zero_areas is not None else () if self.prefill else (_DISTRICTS,)
        districts = tuple(area.code for area in geography.districts())
        return tuple(code for area in named for code in (districts if area == _DISTRICTS else (area,)))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns that may be stored, in order."""
        return tuple(column.name for column in self.stored)

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns that may be stored."""
        return tuple(column for column in self.columns if not column.personal)

    def fact_name(self, column: Column) -> str:
        """The name that a column of the return has in the facts."""
        if column.name in self.fact.names:
            return self.fact.names[column.name]
        if column.choices_from:
            return "area_code"
        if column.dimension:
            return f"{column.dimension.name}_code"
        return column.name + {ColumnType.MONEY: "_gbp", ColumnType.MONTH: "_starts_on"}.get(column.type, "")

    @property
    def area_columns(self) -> dict[str, geography.Area]:
        """The columns whose cells become facts, with the area of each; none unless the facts say so."""
        if self.fact.area_columns is None:
            return {}
        by_name = {area.column: area for area in geography.areas().values()}
        return {
            column.name: by_name[column.name]
            for column in self.stored
            if column.name in by_name and column.name not in self.fact.only_checked
        }


class MonthlyName(NamedTuple):
    """What the name of a monthly file says: its month, written ``YYYY-MM``, and what the publisher calls its sender."""

    month: str
    sender: str | None


class MonthlyArchive(Strict):
    """How a return arrives as monthly CSV files: in a zip archive, or one by one."""

    member: Pattern = Field(
        description="regular expression of the path of a file that we take. Group 'month' is YYYY-MM, or MM if there is"
        " a group 'year'. Group 'sender' is needed if the archive has files of several senders"
    )
    sender_names: dict[str, Name] = Field({}, description="what the publisher calls a sender, to the sender's key")
    ignored_patterns: tuple[Pattern, ...] = Field((), description="regular expressions of paths that we do not take")
    publisher: str = Field(description="who publishes the files, for messages")
    example: str = Field(description="the name of a file that we take, for messages")
    may_be_empty: bool = Field(False, description="whether a month without a record can be: one of a small service can")
    open_lists: tuple[Name, ...] = Field(
        (),
        description="columns of choices to which the publisher adds. We leave a month out if it has an entry that we do"
        " not know, and name the entry",
    )
    noticed_by: tuple[Name, ...] = Field(
        (),
        description="columns of text or choices by which a download counts the rows of a month that we hold, to notice"
        " that the publisher has revised it",
    )
    download: Literal["data_police_uk"] | None = Field(
        None, description="the download that fetches the archive every month"
    )

    @model_validator(mode="after")
    def _reads_its_example(self) -> Self:
        groups = set(re.compile(self.member).groupindex)
        if "month" not in groups or not groups <= {"year", "month", "sender"}:
            raise ValueError("'member' needs a group 'month', and may have 'year' and 'sender'")
        if ("sender" in groups) != bool(self.sender_names):
            raise ValueError("'sender_names' and the group 'sender' of 'member' go together")
        if self.read_name(self.example) is None:
            raise ValueError(f"'member' does not match the example {self.example}")
        return self

    def read_name(self, path: str) -> MonthlyName | None:
        """What a path says, or nothing if we do not take the file."""
        match = re.fullmatch(self.member, path)
        if match is None:
            return None
        groups = match.groupdict()
        month = f"{groups['year']}-{groups['month']}" if "year" in groups else groups["month"]
        return MonthlyName(month, groups.get("sender"))


class Publication(Strict):
    """A table that a publisher puts out for all, or a list that the unit supplies: nobody owes it to us.

    ``title_pattern`` is a regular expression of a text in the first lines of a sheet, in the headings of a CSV file, or
    in the names of the properties of a GeoJSON file. It identifies and dates the file by its groups ``year`` and
    ``month``, a number or a name. ``month`` is the month if the file names none. ``attribution`` is printed where the
    table is shown, with the year of the file for ``{year}``.
    """

    licence: str
    attribution: str = ""
    title_pattern: Pattern
    month: int = Field(12, ge=1, le=12)

    @model_validator(mode="after")
    def _dates_the_file(self) -> Self:
        if "year" not in re.compile(self.title_pattern).groupindex:
            raise ValueError("'title_pattern' needs a group 'year'")
        return self


class Retention(Strict):
    """How long we keep what a partner sent, and why."""

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
    sender_dates: dict[Name, Validity] = Field({}, description="senders who owe it from or until another day")
    version: Annotated[str, StringConstraints(pattern=r"^\d{4}\.\d+$")]
    accepted_versions: dict[str, Validity] = Field({})
    begins: date
    ends: date | None = None
    expected: bool = Field(description="whether a scorecard waits for this return")
    due_working_days: int = Field(ge=1, le=60)
    signed_from: date | None = Field(
        None, description="the sender signs the returns of quarters that begin on or after this day; none if not given"
    )
    version_period: Literal["quarter", "month"] = Field(description="the period that one return version covers")
    count_period: Literal["quarter", "month"] = Field(description="the period of each of its figures")
    formats: tuple[Literal["xlsx", "ods", "xls", "csv", "geojson", "json", "zip"], ...]
    max_megabytes: int = Field(ge=1)
    headline_component: Name | None = Field(
        None, description="the component whose totals by area we show when the return was loaded"
    )
    archive: MonthlyArchive | None = None
    published: Publication | None = None
    retention: Retention
    tables: tuple[Table, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        names = [table.name for table in self.tables]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: two tables have the same name")
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
            raise ValueError(f"{self.name}: a CSV file has one table, and this return has several")
        if any((table.layout is None) != (self.published is None) for table in self.tables):
            raise ValueError(f"{self.name}: 'published' and the layout of every table go together")
        if self.published and (self.archive or self.expected):
            raise ValueError(f"{self.name}: a published table is neither expected nor an archive")
        if self.signed_from and not (self.expected and self.is_template_return):
            raise ValueError(f"{self.name}: only a return that is expected, in our workbook, has 'signed_from'")
        columns = [column for table in self.tables for column in table.columns]
        if any(column.may_be_withheld for column in columns) and not self.is_template_return:
            raise ValueError(f"{self.name}: only a sender that fills our workbook may withhold a number")
        if "xls" in self.formats and not self.published:
            raise ValueError(f"{self.name}: only publishers may send the older Excel format")
        if unknown := self.sender_dates.keys() - self.senders.keys():
            raise ValueError(f"{self.name}: sender_dates names no sender: {', '.join(sorted(unknown))}")
        return self

    @model_validator(mode="after")
    def _archive_names_its_columns(self) -> Self:
        if self.archive:
            choices = {column.name for column in self.tables[0].stored if column.type is ColumnType.CHOICE}
            if not choices.issuperset(self.archive.open_lists) or (self.archive.open_lists and not self.is_public):
                raise ValueError(f"{self.name}: 'open_lists' are columns of choices of what is published for all")
            if not {*self.tables[0].names}.issuperset(self.archive.noticed_by):
                raise ValueError(f"{self.name}: 'noticed_by' names columns of the table")
        return self

    @model_validator(mode="after")
    def _components_agree(self) -> Self:
        if wrong := [table.name for table in self.tables if bool(table.components) == bool(self.published)]:
            raise ValueError(
                f"{self.name}: the tables of a return have 'components' and published tables have none;"
                f" correct {', '.join(wrong)}"
            )
        if twice := duplicates(name for table in self.tables for name in table.component_descriptions):
            raise ValueError(f"{self.name}: two tables have the component {', '.join(twice)}")
        if self.headline_component and self.headline_component not in self.component_descriptions:
            raise ValueError(f"{self.name}: headline_component {self.headline_component} is not a component")
        return self

    @property
    def component_descriptions(self) -> dict[str, str]:
        """Every component of the return, with its description."""
        return {name: words for table in self.tables for name, words in table.component_descriptions.items()}

    def owed_for(self, quarter: Quarter, source: str) -> bool:
        """Whether a sender owes, or may send, the return for a quarter: any day of it is within their dates."""
        is_running = self.begins <= quarter.end and (self.ends is None or quarter.start <= self.ends)
        return is_running and self.sender_dates.get(source, Validity()).holds_in(quarter)

    def must_be_signed(self, quarter: Quarter) -> bool:
        """Whether the sender signs the return for a quarter."""
        return self.signed_from is not None and self.signed_from <= quarter.start

    def covers(self, day: date) -> bool:
        """Whether the return is about a day: it is not before ``begins`` or after ``ends``."""
        return self.begins <= day and (self.ends is None or day <= self.ends)

    @property
    def is_template_return(self) -> bool:
        """Whether a partner fills our blank workbook, or a file with its headings."""
        return self.archive is None and self.published is None

    @property
    def is_public(self) -> bool:
        """Whether it is published for all, so that the unit gets our letters about it, and not the publisher."""
        return self.published is not None or (self.archive is not None and self.archive.download is not None)

    @property
    def max_bytes(self) -> int:
        """How large a file may be."""
        return self.max_megabytes * 1_000_000

    @property
    def case_tables(self) -> tuple[Table, ...]:
        """The tables with a row for each case. If all of them are empty, the cover must say that it is a nil return."""
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
        """The tag above a table's headings, by which we find the table."""
        return f"#{self.name}.{table.name}"

    def accepts_version(self, version: str, day: date) -> bool:
        """Whether we accept a workbook of this template version on a day."""
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
    """The contracts of the returns that partners send: all but published tables and lists that the unit supplies."""
    return {name: agreed for name, agreed in contracts().items() if agreed.published is None}


def contract(name: str) -> Contract:
    """The contract of a return.

    Raises:
        KeyError: there is no such return; the message lists all returns.
    """
    try:
        return contracts()[name]
    except KeyError:
        raise KeyError(f"no return is called {name!r}; the returns are {', '.join(contracts())}") from None
