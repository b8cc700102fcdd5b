"""Small CSV files: their encoding and their lines."""

from __future__ import annotations

import codecs
import csv
import io
import re

from sia.intake.readers.cells import MAX_COLUMNS, MAX_ROWS, CellKind, SheetCell, SheetContent, SheetRow, clean, is_error
from sia.intake.rejection import FileRejected, make_finding

# Excel writes and hides a first line such as "sep=;", which names the character between values.
_SEPARATOR_LINE = re.compile(r"sep=([,;\t|])(\r\n|\r|\n|$)", re.IGNORECASE)
_END_OF_FILE = "\x1a"


def decode(content: bytes) -> str:
    """The text of a CSV file: UTF-16 with a byte order mark, UTF-8 with or without one, else Windows-1252.

    Raises:
        FileRejected: it is in none of these encodings.
    """
    is_utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if is_utf_16 else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            # Old programs end a file with this character.
            return text.removesuffix(_END_OF_FILE)
        break
    raise FileRejected(make_finding("INT-TEXT-01"))


def read(content: bytes, name: str, max_rows: int = MAX_ROWS) -> SheetContent:
    """The whole file as one sheet. A row has the number of the line on which it begins.

    A first line such as ``sep=;`` says what is between values, and counts as no line, because Excel does not show it.

    Args:
        content: the file.
        name: the file's name, used as the sheet's.
        max_rows: after how many rows reading stops.

    Raises:
        FileRejected: the encoding or a line cannot be read.
    """
    text = decode(content)
    separator = _SEPARATOR_LINE.match(text)
    if separator:
        text = text[separator.end() :]
    # newline="" leaves line ends to the csv module, which must see those between quotation marks.
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, strict=True, delimiter=separator[1] if separator else ",")
    sheet = SheetContent(name)
    line = 1
    while True:
        try:
            values = next(reader, None)
        except csv.Error:
            raise FileRejected(make_finding("INT-LINE-01", sheet=name, row=line)) from None
        if values is None:
            return sheet
        cells = {n: _cell(cleaned) for n, value in enumerate(values[:MAX_COLUMNS], 1) if (cleaned := clean(value))}
        if cells:
            if len(sheet.rows) == max_rows:
                sheet.is_overlong = True
                return sheet
            sheet.rows.append(SheetRow(line, cells))
        line = reader.line_num + 1


def _cell(text: str) -> SheetCell:
    return SheetCell(text, CellKind.ERROR if is_error(text) else CellKind.TEXT)
