"""What a workbook has besides the cells of its sheets: comments, pivot tables, custom XML, properties, unused parts.

No return needs them, and its sender may not know that they are there: the saved source of a pivot table has whole rows
that no sheet shows. So we look for personal data in them, and say that they are there.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from sia.personal_data import Personal, personal_data_in_prose

COMMENTS, PIVOT_TABLES, METADATA = "comments", "pivot tables", "document properties"
UNUSED_PARTS, CONSTANTS = "unused parts", "names with a text"
# Kinds of parts by the last word of a relation's type, whatever the part's own name is.
_KINDS = {
    "comments": COMMENTS,
    "threadedComment": COMMENTS,
    "pivotCacheDefinition": PIVOT_TABLES,
    "pivotCacheRecords": PIVOT_TABLES,
    "customXml": METADATA,
    "custom-properties": METADATA,
    "customProperty": METADATA,
}
_TYPES_PART = "[Content_Types].xml"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ANNOTATION = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}annotation"
_USER_DEFINED = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}user-defined"
# The notes of our own workbooks, and those that a program saved without their author.
_OUR_AUTHORS = {"Template", "What to fix", ""}
# Office programs put the addresses of the people who worked on a file into its properties.
_CONTACTS = {Personal.EMAIL, Personal.TELEPHONE, Personal.POSTCODE}
_IDENTIFIER = re.compile(r"[{(]?[0-9A-Fa-f-]{32,36}[)}]?|(https?|urn):\S+")
_MAX_TEXT = 1_000


@dataclass(frozen=True, slots=True)
class HiddenParts:
    """What a workbook has besides its cells, by kind.

    ``present`` are the kinds to tell its sender about. Programs add properties automatically, so they are not among
    them. ``personal`` are the kinds with a text that looks like personal data.
    """

    present: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()


def hidden_parts(content: bytes, extension: str) -> HiddenParts:
    """What a checked workbook (``xlsx`` or ``ods``) has besides the cells of its sheets.

    Raises:
        ParseError, ValueError, LookupError: a part cannot be read.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = _excel_parts(package) if extension == "xlsx" else _opendocument_parts(package)
    texts = {kind: [text for element in elements for text in _texts(element)] for kind, elements in parts.items()}
    return HiddenParts(
        tuple(kind for kind, listed in texts.items() if listed and kind != METADATA),
        tuple(kind for kind, listed in texts.items() if any(_looks_personal(text, kind) for text in listed)),
    )


def _excel_parts(package: zipfile.ZipFile) -> dict[str, list[Element]]:
    parts: dict[str, list[Element]] = {}
    names = {name.casefold(): name for name in package.namelist()}
    unused = {name for name in package.namelist() if name.endswith((".xml", ".vml"))} - {_TYPES_PART}
    for relations in [name for name in package.namelist() if name.endswith(".rels")]:
        folder = relations.rpartition("_rels/")[0]
        for relation in _tree(package, relations).iter(_RELATION):
            kind = relation.get("Type", "").rpartition("/")[2]
            name = names.get(_resolved(folder, relation.get("Target", "")).casefold())
            if name is None:
                continue
            unused.discard(name)
            if kind in _KINDS:
                parts.setdefault(_KINDS[kind], []).extend(_not_ours(_tree(package, name)))
            elif kind == "officeDocument":
                named = _tree(package, name).iter(f"{_MAIN}definedName")
                parts.setdefault(CONSTANTS, []).extend(
                    defined for defined in named if (defined.text or "").startswith('"')
                )
    parts[UNUSED_PARTS] = [_tree(package, name) for name in sorted(unused)]
    return parts


def _opendocument_parts(package: zipfile.ZipFile) -> dict[str, list[Element]]:
    parts = {COMMENTS: list(_tree(package, "content.xml").iter(_ANNOTATION))}
    if "meta.xml" in package.namelist():
        parts[METADATA] = list(_tree(package, "meta.xml").iter(_USER_DEFINED))
    return parts


def _tree(package: zipfile.ZipFile, name: str) -> Element:
    tree: Element = fromstring(package.read(name), forbid_dtd=True)
    return tree


def _not_ours(tree: Element) -> list[Element]:
    """The elements of a part that are not our own: of comments, those that somebody else wrote."""
    if tree.tag != f"{_MAIN}comments":
        return [tree]
    authors = [author.text or "" for author in tree.iter(f"{_MAIN}author")]
    ours = {str(number) for number, author in enumerate(authors) if author in _OUR_AUTHORS}
    return [comment for comment in tree.iter(f"{_MAIN}comment") if comment.get("authorId") not in ours]


def _resolved(folder: str, target: str) -> str:
    """The name of the part to which a relation leads that a part in a folder has."""
    path = [] if target.startswith("/") else [step for step in folder.split("/") if step]
    for step in target.split("/"):
        if step == "..":
            path = path[:-1]
        elif step not in ("", "."):
            path.append(step)
    return "/".join(path)


def _texts(element: Element) -> Iterator[str]:
    """The texts and values in an element, each as a whole."""
    for part in element.iter():
        for text in (part.text, part.tail, *part.attrib.values()):
            if text and text.strip() and len(text) <= _MAX_TEXT:
                yield text.strip()


def _looks_personal(text: str, kind: str) -> bool:
    if _IDENTIFIER.fullmatch(text):
        return False
    personal = personal_data_in_prose(text)
    return personal is not None and not (kind == METADATA and personal in _CONTACTS)
