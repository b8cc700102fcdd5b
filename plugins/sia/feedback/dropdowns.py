"""Drop-down lists that openpyxl would lose.

Excel writes a validation that refers to another sheet as an extension of the sheet (``x14``), which openpyxl drops
when it saves. Without their drop-downs partners would type answers that the list does not have.
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
    """Add the validations that openpyxl did not read to a workbook, as ordinary validations.

    Args:
        book: the workbook as openpyxl loaded it.
        original: its bytes (xlsx).
    """
    with zipfile.ZipFile(BytesIO(original)) as package:
        for sheet, path in zip(book.worksheets, _paths(package), strict=True):
            text = package.read(path)
            if b"x14:dataValidation" in text:
                for element in fromstring(text, forbid_dtd=True).iter(f"{_X14}dataValidation"):
                    settings: dict[str, Any] = {name: element.get(name) for name in _TEXTS}
                    settings |= {name: element.get(name) in ("1", "true") for name in _SWITCHES}
                    sheet.add_data_validation(
                        DataValidation(
                            **settings,
                            formula1=element.findtext(f"{_X14}formula1/{_XM}f"),
                            formula2=element.findtext(f"{_X14}formula2/{_XM}f"),
                            sqref=element.findtext(f"{_XM}sqref"),
                        )
                    )


def _paths(package: zipfile.ZipFile) -> list[str]:
    """The paths of the worksheets in a package, in the order of the workbook."""
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
