"""Small CSV files: their encoding and their lines."""

from __future__ import annotations

import csv
import io

from sia.intake.readers.cells import MAX_COLUMNS, MAX_ROWS, SheetCell, SheetContent, SheetRow, clean
from sia.intake.rejection import FileRejected, make_finding


def decode(content: bytes) -> str:
    """The text of a CSV file: UTF-8 with or without byte order mark, else Windows-1252.

    Raises:
        FileRejected: it is in neither encoding.
    """
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
        break
    raise FileRejected(make_finding("INT-TEXT-01"))


def read(content: bytes, name: str, max_rows: int = MAX_ROWS) -> SheetContent:
    """The whole file as one sheet. A row has the number of the line on which it begins.

    Args:
        content: the file.
        name: the file's name, used as the sheet's.
        max_rows: after how many rows reading stops.

    Raises:
        FileRejected: the encoding or a line cannot be read.
    """
    # newline="" leaves line ends to the csv module, which must see those between quotation marks.
    reader = csv.reader(io.StringIO(decode(content), newline=""), strict=True)
    sheet = SheetContent(name)
    line = 1
    while True:
        try:
            values = next(reader, None)
        except csv.Error:
            raise FileRejected(make_finding("INT-LINE-01", sheet=name, row=line)) from None
        if values is None:
            return sheet
        cells = {n: SheetCell(text) for n, value in enumerate(values[:MAX_COLUMNS], 1) if (text := clean(value))}
        if cells:
            if len(sheet.rows) == max_rows:
                sheet.is_overlong = True
                return sheet
            sheet.rows.append(SheetRow(line, cells))
        line = reader.line_num + 1
