"""What a reader gives, whatever the format: sheets of rows of cells, with what a figure must not hide."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

# A quarter's return has hundreds of rows; the limit keeps a runaway sheet from filling the memory.
ROW_LIMIT = 20_000
COLUMN_LIMIT = 256
# A sheet of an office program ends here; a file may say that it has more, or leave a million rows empty between.
LAST_ROW = 1_048_576

# Invisible characters that str.split() does not take for white space.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")


class Kind(Enum):
    """What a cell is for the program that wrote it. CSV knows text only."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, cleaned. A formula whose result was not saved has no text."""

    text: str
    kind: Kind = Kind.TEXT
    formula: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number from 1 as the sheet or file counts, and the cells that hold something, by column from 1."""

    number: int
    cells: dict[int, Cell]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A block of merged cells; all bounds count from 1 and are included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(slots=True)
class Sheet:
    """One sheet of a workbook, or a whole CSV file. Blank rows are left out.

    ``overlong`` says that reading stopped at ``ROW_LIMIT`` rows that are filled, or below the last that there can be.
    """

    name: str
    rows: list[Row] = field(default_factory=list)
    hidden: bool = False
    hidden_columns: frozenset[int] = frozenset()
    merged: tuple[Block, ...] = ()
    overlong: bool = False


def clean(text: str) -> str:
    """The text without outer white space, with inner white space (breaks, non-breaking spaces) as one space.

    Quotation marks and dashes stay as they were typed.
    """
    return " ".join(text.translate(_INVISIBLE).split())


def number_text(value: int | float | str) -> str:
    """A number as it was typed: no exponent, no ``.0``, no noise of binary fractions.

    Spreadsheet programs keep 15 significant digits, so that is where a figure ends and noise begins.

    Args:
        value: a number, or the text of one as a file holds it.

    Raises:
        ValueError: the text is no number.
    """
    if isinstance(value, int):
        return str(value)
    number = float(value)
    if number == 0:
        return "0"
    # 'f' writes a Decimal without exponent; the 15 digits are cut first.
    text = format(Decimal(f"{number:.15g}"), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_plain_number(text: str) -> bool:
    """Whether text reads as a number that we take: digits, perhaps a sign and a decimal point."""
    return _PLAIN_NUMBER.fullmatch(text) is not None


def letter(column: int) -> str:
    """The letter of a column counted from 1: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
