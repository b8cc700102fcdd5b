"""The data dictionary as an accessible workbook, with gptables: a cover, contents, and one table a sheet."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

import pandas as pd
from gptables import Cover, GPTable, Theme, produce_workbook

from sia import geography
from sia.dictionary.content import Dictionary, formula, place, titles
from sia.presentation.accessible_workbook import cover_rows, set_layout

_THEME = Theme(
    {
        "global": {"font_name": "Arial", "font_size": 12, "text_wrap": True, "valign": "top"},
        "cover_title": {"bold": True, "font_size": 18},
        "cover_subtitle": {"bold": True, "font_size": 14},
        "title": {"bold": True, "font_size": 16},
        "column_heading": {"bold": True, "bottom": 1},
        "description_order": ["instructions", "legend", "source", "scope"],
    }
)
_NONE = "[z]"
_ONE_TABLE = "This worksheet contains one table."
_INSTRUCTIONS = f"{_ONE_TABLE} {_NONE} means not applicable."


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its table, and the width of each column in characters."""

    name: str
    title: str
    headings: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]

    def gptable(self) -> GPTable:
        """The table for gptables. No cell is empty."""
        rows = [[cell or _NONE for cell in row] for row in self.rows]
        return GPTable(
            table=pd.DataFrame(rows, columns=list(self.headings)),
            table_name=self.name.lower().replace(" ", "_"),
            title=self.title,
            instructions=_INSTRUCTIONS,
            index_columns={},
        )

    def text(self) -> list[tuple[str, ...]]:
        """The text of each row, from the title down."""
        return [(self.title,), (_INSTRUCTIONS,), self.headings, *self.rows]


def workbook(dictionary: Dictionary) -> bytes:
    """The workbook as xlsx; the same dictionary gives the same bytes."""
    sheets = list(_sheets(dictionary))
    cover = Cover(
        title="Data dictionary of the safer communities warehouse",
        intro=["Every table, column, measure, return and rule, and the known breaks of the series."],
        about=["It is made from the database's comments, the contracts and the registers."],
        contact=[geography.owner()],
        width=100,
    )
    buffer = BytesIO()
    with warnings.catch_warnings():
        # gptables warns that there are no notes.
        warnings.simplefilter("ignore", UserWarning)
        written = produce_workbook(
            buffer,
            {sheet.name: sheet.gptable() for sheet in sheets},
            theme=_THEME,
            cover=cover,
            contentsheet_options={
                "title": "Contents",
                "table_name": "contents",
                "instructions": _ONE_TABLE,
            },
            auto_width=False,
            workbook_options={"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
        )
    written.set_properties(
        {
            "title": "Data dictionary of the safer communities warehouse",
            "author": geography.owner(),
            # A fixed day, so that the same dictionary always gives the same bytes.
            "created": datetime(2020, 1, 1, tzinfo=UTC),
        }
    )
    widths = {"Cover": (100,), "Contents": (40, 80)} | {sheet.name: sheet.widths for sheet in sheets}
    rows: dict[str, Sequence[Sequence[str]]] = {
        "Cover": cover_rows(cover),
        "Contents": [("Contents",), (_ONE_TABLE,)],
        **{sheet.name: sheet.text() for sheet in sheets},
    }
    for worksheet in written.worksheets():
        set_layout(worksheet, rows[worksheet.get_name()], widths[worksheet.get_name()])
    written.close()
    return buffer.getvalue()


def _sheets(dictionary: Dictionary) -> Iterator[Sheet]:
    schemas = dictionary.schemas
    yield Sheet(
        "Tables",
        "Tables and views",
        ("Name", "Kind", "Description", "Made from", "Read by"),
        (40, 12, 70, 50, 25),
        tuple(
            (f"{s.name}.{r.name}", r.kind, r.description, ", ".join(r.made_from), ", ".join(r.read_by))
            for s in schemas
            for r in s.relations
        ),
    )
    yield Sheet(
        "Columns",
        "Columns of the tables and views",
        ("Table", "Column", "Type", "Description", "Key", "Refers to", "Comes from"),
        (40, 28, 22, 70, 8, 25, 60),
        tuple(
            (f"{s.name}.{r.name}", c.name, c.type, c.description, c.key, c.refers_to, c.comes_from)
            for s in schemas
            for r in s.relations
            for c in r.columns
        ),
    )
    yield Sheet(
        "Functions",
        "Functions",
        ("Signature", "Return type", "Description", "Called by"),
        (50, 50, 70, 25),
        tuple(
            (f"{s.name}.{f.signature}", f.return_type, f.description, ", ".join(f.called_by))
            for s in schemas
            for f in s.functions
        ),
    )
    yield Sheet(
        "Measures",
        "Measures in the order of the scorecard",
        (
            "Measure", "Key", "Theme", "How it is worked out", "Kind", "Unit", "Good direction", "Return",
            "Counted from", "Note",
        ),
        (50, 32, 30, 40, 12, 22, 12, 40, 60, 60),
        tuple(
            (m.title, m.id, m.theme, formula(m), m.kind, m.unit, dictionary.good[m.id],
             titles(dictionary.returns)[m.return_name], dictionary.counted[m.id], m.note or "")
            for m in dictionary.measures
        ),
    )  # fmt: skip
    yield Sheet(
        "Returns",
        "Columns of the returns",
        ("Return", "Where", "Heading", "Column", "Type", "What to enter", "Must be filled", "Becomes"),
        (40, 22, 30, 25, 12, 70, 10, 28),
        tuple(
            (contract.title, place(contract, table), column.label, column.name, column.type.value, column.help,
             "yes" if column.required else "no", f"warehouse.{table.fact.name}")
            for contract in dictionary.returns
            for table in contract.tables
            for column in table.columns
        ),
    )  # fmt: skip
    yield Sheet(
        "Components",
        "Components that the returns count",
        ("Return", "Where", "Component", "Description"),
        (40, 22, 45, 90),
        tuple(
            (contract.title, place(contract, table), name, description)
            for contract in dictionary.returns
            for table in contract.tables
            for name, description in table.component_descriptions.items()
        ),
    )
    yield Sheet(
        "Rules",
        "Rules for returns",
        ("Rule", "Where", "Severity", "What the partner reads"),
        (38, 45, 10, 100),
        tuple((rule.id, rule.where, rule.severity, rule.message) for rule in dictionary.rules),
    )
    yield Sheet(
        "Breaks",
        "Known breaks of the series",
        ("What", "When", "What it means"),
        (60, 30, 80),
        tuple((listed.what, listed.when, listed.meaning) for listed in dictionary.breaks),
    )
    yield Sheet(
        "Public sources",
        "What is odd in public sources",
        ("Source", "What is odd", "What we do about it, and where you see it"),
        (40, 60, 80),
        tuple((oddity.source, oddity.odd, oddity.done) for oddity in dictionary.oddities),
    )
    yield Sheet(
        "Questions",
        "Example queries",
        ("Question", "SQL"),
        (60, 110),
        tuple((f"{question.number}. {question.title}", question.sql) for question in dictionary.questions),
    )
