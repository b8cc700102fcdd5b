"""Synthetic archives in the layout of data.police.uk: several forces, months and kinds of files."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable
from hashlib import sha256

from sia.contract.model import contract
from tests.staged import good_rows

KINDS = {"street": ("tvp_crime", "street"), "outcomes": ("tvp_outcomes", "outcomes")}


def monthly_file(kind: str, month: str) -> str:
    """A monthly file with the good rows of the contract."""
    return_name, table_name = KINDS[kind]
    table = contract(return_name).table(table_name)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(column.label for column in table.columns)
    for row in good_rows(return_name, table_name):
        # No crime is in two months.
        crime_id = sha256(month.encode()).hexdigest() if row["crime_id"] else None
        writer.writerow((row | {"month": month, "crime_id": crime_id})[name] for name in table.names)
    return text.getvalue()


def archive(months: Iterable[str], forces: Iterable[str] = ("thames-valley", "gloucestershire")) -> bytes:
    """An archive as the site publishes it: crimes, outcomes, and stops and searches of every force."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for month in months:
            for force in forces:
                for kind in KINDS:
                    package.writestr(f"{month}/{month}-{force}-{kind}.csv", monthly_file(kind, month))
                package.writestr(f"{month}/{month}-{force}-stop-and-search.csv", "Type,Date\r\n")
    return content.getvalue()
