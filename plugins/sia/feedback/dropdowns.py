"""Drop-downs that Excel keeps where openpyxl does not look.

Excel writes a validation that refers to another sheet as an extension of the sheet (``x14``), which openpyxl drops
when it saves. A partner who gets the workbook back without its drop-downs would type what the list no longer offers.
"""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

from defusedxml.ElementTree import fromstring
from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

_X14 = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
_XM = "{http://schemas.microsoft.com/office/excel/2006/main}"
_TEXTS = ("type", "errorStyle", "imeMode", "operator", "errorTitle", "error", "promptTitle", "prompt")
_SWITCHES = ("allowBlank", "showDropDown", "showInputMessage", "showErrorMessage")


def restore(book: Workbook, original: bytes) -> None:
    """Add to a workbook, as ordinary validations, those that openpyxl did not read from it.

    Args:
        book: the workbook as openpyxl loaded it.
        original: its bytes (xlsx).
    """
    with zipfile.ZipFile(BytesIO(original)) as package:
        for sheet, path in zip(book.worksheets, _paths(package), strict=True):
            text = package.read(path)
            if b"x14:dataValidation" in text:
                for found in fromstring(text, forbid_dtd=True).iter(f"{_X14}dataValidation"):
                    words: dict[str, Any] = {name: found.get(name) for name in _TEXTS}
                    words |= {name: found.get(name) in ("1", "true") for name in _SWITCHES}
                    sheet.add_data_validation(
                        DataValidation(
                            **words,
                            formula1=found.findtext(f"{_X14}formula1/{_XM}f"),
                            formula2=found.findtext(f"{_X14}formula2/{_XM}f"),
                            sqref=found.findtext(f"{_XM}sqref"),
                        )
                    )


def _paths(package: zipfile.ZipFile) -> list[str]:
    """Where the worksheets lie in a package, in the order of the workbook."""
    relations = {
        relation.get("Id"): relation
        for relation in fromstring(package.read("xl/_rels/workbook.xml.rels"), forbid_dtd=True)
    }
    book = fromstring(package.read("xl/workbook.xml"), forbid_dtd=True)
    namespace = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    listed = [
        relations[sheet.get(namespace)]
        for sheet in book.iter("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}sheet")
    ]
    return [
        target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        for relation in listed
        if relation.get("Type", "").endswith("/worksheet") and (target := relation.get("Target", ""))
    ]
