"""What every reader gives, whatever the format: sheets of rows of cells, and what in them is hidden or merged."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

# A return has hundreds of rows. The limit keeps a runaway sheet from filling the memory.
MAX_ROWS = 20_000
MAX_COLUMNS = 256
# Office programs have no row below this one, but a file may say that it has.
MAX_ROW_NUMBER = 1_048_576

# Characters that show nothing, besides those of the Unicode categories Cc (control) and Cf (format): fillers, joiners,
# the blank Braille pattern and the selectors of variants (Unicode's property Default_Ignorable_Code_Point).
_SHOW_NOTHING = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
    | {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
)
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# How the error of a formula looks if the program saved it as a text.
_ERRORS = frozenset({"#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})
# What a program shows is hidden below these sizes: a row of 3 points or a column of half a character cannot be read.
LEAST_ROW_POINTS = 3.0
LEAST_COLUMN_CHARACTERS = 0.5


class CellKind(Enum):
    """What the program that wrote a cell takes it for. In a CSV file every cell is text."""

    TEXT = "text"
    NUMBER = "number"
    PERCENTAGE = "percentage"
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

    @property
    def is_tagged(self) -> bool:
        """Whether one of our tables may be on it: a text in column A begins with ``#``."""
        return any(1 in row.cells and row.cells[1].text.startswith("#") for row in self.rows)


def clean(text: str) -> str:
    """The text as it shows: without outer white space or characters that show nothing, and with one space within.

    Quotation marks and dashes stay as they were typed.
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(character for character in text if character.isspace() or not _shows_nothing(character))
    return " ".join(text.split())


def _shows_nothing(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf"} or ord(character) in _SHOW_NOTHING


def heading_key(text: str) -> str:
    """What two headings or answers have in common that differ only in case and white space."""
    return " ".join(text.split()).casefold()


def is_error(text: str) -> bool:
    """Whether a text is the error of a spreadsheet program, such as ``#REF!``."""
    return text in _ERRORS


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


def plain_digits(text: str) -> str:
    """The text with the digits of any script, such as full-width ones, as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(character, character)) for character in text)


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
