"""The revision note: what a release says otherwise than the one before it, as page, as data and as text."""

from __future__ import annotations

import csv
import textwrap
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import datetime
from hashlib import sha256
from io import StringIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sia.calendar import LONDON, Quarter
from sia.paths import TEMPLATES
from sia.presentation.captions import day
from sia.release.revision import Difference, Line, area_name, measure_title

MARKS = {"[r]": "revised since it was published", "[p]": "provisional: it may be revised again"}
_WIDTH = 78


def note(difference: Difference, quarter: Quarter, lines: Sequence[Line], known_at: datetime) -> dict[str, bytes]:
    """The note's three files by name; the same for the same releases, whenever it is made."""
    words = {
        "quarter": quarter,
        "earlier": difference.earlier.name,
        "later": difference.later.name,
        "known_on": day(known_at.astimezone(LONDON).date()),
        "conclusions": conclusions(difference),
        "kinds": [(kind, [line for line in lines if line.kind == kind]) for kind in ("substantial", "minor")],
        "marks": MARKS,
        "style": (style := (TEMPLATES / "scorecard.css").read_text(encoding="utf-8")),
        "style_hash": b64encode(sha256(style.encode()).digest()).decode(),
    }
    page = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("revision-note.html.j2")
    return {
        "revision-note.html": page.render(words).encode(),
        "revision-note.csv": _csv(lines),
        "revision-note.txt": _text(difference, quarter, lines, str(words["known_on"])),
    }


def conclusions(difference: Difference) -> list[str]:
    """Every conclusion that is another, in a sentence each."""
    return [
        *(
            f"{measure_title(turn.place[0])}, {area_name(turn.place[1])}: was {turn.before}, is now {turn.after}."
            for turn in difference.turns
        ),
        *(f"{measure_title(m)}, {area_name(a)}: now reported as an exception." for m, a in difference.opened),
        *(f"{measure_title(m)}, {area_name(a)}: no longer reported as an exception." for m, a in difference.closed),
    ]


def _csv(lines: Sequence[Line]) -> bytes:
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([column.name for column in fields(Line)])
    writer.writerows(astuple(line) for line in lines)
    return file.getvalue().encode()


def _text(difference: Difference, quarter: Quarter, lines: Sequence[Line], known_on: str) -> bytes:
    found = [
        f"Revision note: safer communities scorecard, {quarter.label}",
        "",
        *_wrapped(
            f"Release {difference.later.name}, as known on {known_on}, compared with release {difference.earlier.name}."
        ),
        "",
        "CONCLUSIONS",
        "",
    ]
    found += [row for said in conclusions(difference) for row in _wrapped(said, "- ")] or ["No conclusion changed."]
    for kind in ("substantial", "minor"):
        found += ["", f"{kind.upper()} REVISIONS", ""]
        found += [
            row
            for line in lines
            if line.kind == kind
            for row in _wrapped(
                f"{line.measure}, {line.area}. {line.what}: from {line.before} to {line.after} {line.marks}."
                f" {line.why}.",
                "- ",
            )
        ] or ["None."]
    found += ["", *(f"{mark}  {says}" for mark, says in MARKS.items()), ""]
    return "\n".join(found).encode()


def _wrapped(text: str, before: str = "") -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=before, subsequent_indent=" " * len(before), break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
