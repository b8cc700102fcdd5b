"""Small CSV files: their letters, their lines."""

from __future__ import annotations

import csv
import io

from sia.intake.readers.cells import COLUMN_LIMIT, ROW_LIMIT, Cell, Row, Sheet, clean
from sia.intake.rejection import Refusal, fault


def decode(content: bytes) -> str:
    """The text of a CSV file: UTF-8 with or without byte order mark, else Windows-1252.

    Raises:
        Refusal: it is in neither.
    """
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
        break
    raise Refusal(fault("INT-TEXT-01"))


def read(content: bytes, name: str, most_rows: int = ROW_LIMIT) -> Sheet:
    """The whole file as one sheet. A row's number is the line on which it begins.

    Args:
        content: the file.
        name: the file's name, which stands for the sheet's.
        most_rows: after how many rows reading stops.

    Raises:
        Refusal: the letters or a line cannot be read.
    """
    # newline="" leaves line ends to the csv module, which must see those inside quotation marks.
    reader = csv.reader(io.StringIO(decode(content), newline=""), strict=True)
    sheet = Sheet(name)
    line = 1
    while True:
        try:
            values = next(reader, None)
        except csv.Error:
            raise Refusal(fault("INT-LINE-01", sheet=name, row=line)) from None
        if values is None:
            return sheet
        cells = {n: Cell(text) for n, value in enumerate(values[:COLUMN_LIMIT], 1) if (text := clean(value))}
        if cells:
            if len(sheet.rows) == most_rows:
                sheet.overlong = True
                return sheet
            sheet.rows.append(Row(line, cells))
        line = reader.line_num + 1
