"""The revision note: what a release says differently from the one before it, as page, as data file and as text."""

from __future__ import annotations

import csv
import textwrap
from collections.abc import Iterator
from dataclasses import astuple, fields
from io import StringIO

from sia.calendar import LONDON, format_date
from sia.presentation import captions
from sia.presentation.symbols import PROVISIONAL, REVISED, SYMBOLS
from sia.presentation.templates import render_page
from sia.release.release_data import ReleaseData
from sia.release.revision import RevisionLine

_KINDS = ("substantial", "minor")
_MARKS = (REVISED, PROVISIONAL)
_WIDTH = 78


def note(data: ReleaseData) -> dict[str, bytes]:
    """The note's three files by name."""
    return {"revision-note.html": _page(data), "revision-note.csv": _csv(data), "revision-note.txt": _text(data)}


def _page(data: ReleaseData) -> bytes:
    return render_page(
        "revision-note.html.j2",
        running=captions.running(data.scorecard, "Revision note", data.name),
        publisher=data.scorecard.publisher,
        quarter=data.scorecard.quarter,
        months="",
        earlier=data.revises,
        later=data.name,
        known_on=_known_on(data),
        conclusions=data.conclusions,
        kinds=[(kind, _of_kind(data, kind)) for kind in _KINDS],
        marks=_MARKS,
    )


def _csv(data: ReleaseData) -> bytes:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in fields(RevisionLine)])
    writer.writerows(astuple(line) for line in data.changes)
    return text.getvalue().encode()


def _text(data: ReleaseData) -> bytes:
    lines = [
        f"Revision note: safer communities scorecard, {data.scorecard.quarter.label}",
        "",
        *_wrapped(f"Release {data.name}, as known on {_known_on(data)}, compared with release {data.revises}."),
        "",
        "CONCLUSIONS",
        "",
        *([row for sentence in data.conclusions for row in _wrapped(sentence, "- ")] or ["No conclusion changed."]),
    ]
    for kind in _KINDS:
        lines += ["", f"{kind.upper()} REVISIONS", "", *(list(_revisions(data, kind)) or ["None."])]
    lines += ["", *(f"{mark}  {SYMBOLS[mark]}" for mark in _MARKS), ""]
    return "\n".join(lines).encode()


def _revisions(data: ReleaseData, kind: str) -> Iterator[str]:
    for line in _of_kind(data, kind):
        yield from _wrapped(
            f"{line.measure}, {line.area}. {line.figure_name}: from {line.before} to {line.after} {line.marks}."
            f" {line.why}.",
            "- ",
        )


def _of_kind(data: ReleaseData, kind: str) -> list[RevisionLine]:
    return [line for line in data.changes if line.kind == kind]


def _known_on(data: ReleaseData) -> str:
    return format_date(data.known_at.astimezone(LONDON).date())


def _wrapped(text: str, before: str = "") -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=before, subsequent_indent=" " * len(before), break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
