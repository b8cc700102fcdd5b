"""What every reader gives, whatever the format: sheets of rows of cells, and what in them is hidden or merged."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

# A return has hundreds of rows. The limit keeps a runaway sheet from filling the memory.
MAX_ROWS = 20_000
MAX_COLUMNS = 256
# Office programs have no row below this one, but a file may say that it has.
MAX_ROW_NUMBER = 1_048_576

# Invisible characters that str.split() does not count as white space.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")


class CellKind(Enum):
    """What the program that wrote a cell takes it for. In a CSV file every cell is text."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One cell: its text, without surplus white space. A formula whose result was not saved has no text."""

    text: str
    kind: CellKind = CellKind.TEXT
    formula: bool = False


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number in the sheet or file, and its cells that are not empty by column, both counted from 1."""

    number: int
    cells: dict[int, SheetCell]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class MergedBlock:
    """A block of merged cells. All bounds count from 1 and are included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(slots=True)
class SheetContent:
    """One sheet of a workbook, or a whole CSV file. Blank rows are left out.

    ``is_overlong``: reading stopped after ``MAX_ROWS`` filled rows, or at ``MAX_ROW_NUMBER``.
    """

    name: str
    rows: list[SheetRow] = field(default_factory=list)
    hidden: bool = False
    hidden_columns: frozenset[int] = frozenset()
    merged: tuple[MergedBlock, ...] = ()
    is_overlong: bool = False


def clean(text: str) -> str:
    """The text without outer white space, and with one space for inner white space such as line breaks.

    Quotation marks and dashes stay as they were typed.
    """
    return " ".join(text.translate(_INVISIBLE).split())


def number_text(value: int | float | str) -> str:
    """A number as it was typed: without exponent, ``.0`` or the noise of binary fractions.

    Spreadsheet programs keep 15 significant digits. What comes after them is noise.

    Args:
        value: a number, or its text in a file.

    Raises:
        ValueError: the text is not a number.
    """
    if isinstance(value, int):
        return str(value)
    number = float(value)
    if number == 0:
        return "0"
    # 'f' writes a Decimal without exponent, after it was cut to 15 digits.
    text = format(Decimal(f"{number:.15g}"), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_plain_number(text: str) -> bool:
    """Whether text is a number in the form that we take: digits, perhaps with a sign and a decimal point."""
    return _PLAIN_NUMBER.fullmatch(text) is not None


def column_letter(column: int) -> str:
    """The letter of a column counted from 1: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
