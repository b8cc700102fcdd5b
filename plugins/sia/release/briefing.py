"""What an approver has in front of them, in Markdown: what differs from the last release, and what is lacking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sia.calendar import LONDON, Quarter
from sia.presentation.captions import day
from sia.release.revision import Difference, Edition, Line, Place, area_name, measure_title

MOST_LINES = 40
"""More changed figures than these are counted and not listed: the note beside the release lists them all."""


@dataclass(frozen=True)
class Briefing:
    """All that the text is made of.

    ``difference`` is with the last release: of this quarter, with the changed figures as ``lines``, else of another
    quarter, whose figures are others by nature and are not listed; None before the first release. ``may_disclose``:
    the commentaries that may tell what is hidden; named without their words, since the text passes through Airflow.
    """

    quarter: Quarter
    number: int
    known_at: datetime
    data_hash: str
    code_version: str
    edition: Edition
    difference: Difference | None
    same_quarter: bool
    lines: Sequence[Line]
    missing: Sequence[str]
    waived: Sequence[str]
    may_disclose: Sequence[Place]

    @property
    def markdown(self) -> str:
        """The text."""
        known = self.known_at.astimezone(LONDON)
        parts = [
            f"# Release {self.quarter.key}/{self.number}",
            f"Safer communities scorecard, {self.quarter.label}, as known on {day(known.date())} at {known:%H:%M}. "
            f"{self._compared_with()}",
            *_section("Returns missing", self.missing, "None: every return of the quarter is held whole."),
            *self._figures(),
            *self._concluded(),
            *self._commentary(),
            *_section("Counts suppressed", [self._suppressed()], ""),
            *_section("Waivers in force", self.waived, "None: no figure rests on one."),
            *_section("What is approved", [f"Data: SHA-256 {self.data_hash}", f"Code: {self.code_version}"], ""),
            "Approve publishes exactly these bytes. Reject sends it back: say in the comment what is to be mended.",
        ]
        return "\n\n".join(parts) + "\n"

    def _compared_with(self) -> str:
        if self.difference is None:
            return "There is no earlier release to compare it with."
        other = "" if self.same_quarter else ", which is of another quarter: conclusions are compared, figures are not"
        return f"Compared with the last release, {self.difference.earlier.name}{other}."

    def _figures(self) -> list[str]:
        kinds = Counter(line.kind for line in self.lines)
        listed = [
            f"{line.measure}, {line.area}. {line.what}: from {line.before} to {line.after} ({line.kind}). {line.why}."
            for line in self.lines[:MOST_LINES]
        ]
        if len(self.lines) > MOST_LINES:
            listed.append(f"and {len(self.lines) - MOST_LINES:,} more, all in the revision note.")
        if not self.same_quarter:
            return _section(
                "Figures changed", [], f"All {len(self.edition.figures):,} are new: first release of the quarter."
            )
        said = [f"{kinds['substantial']:,} substantially, {kinds['minor']:,} in a minor way."] if self.lines else []
        return _section("Figures changed", said + listed, "None.")

    def _concluded(self) -> list[str]:
        if self.difference is None:
            return _section("Exceptions", _places(sorted(self.edition.exceptions)), "None.")
        turns = [
            f"{measure_title(turn.place[0])}, {area_name(turn.place[1])}: was {turn.before}, is now {turn.after}"
            for turn in self.difference.turns
        ]
        return [
            *_section("Conclusions changed", turns, "None."),
            *_section("Exceptions opened", _places(self.difference.opened), "None."),
            *_section("Exceptions closed", _places(self.difference.closed), "None."),
            f"Exceptions in all: {len(self.edition.exceptions)}.",
        ]

    def _commentary(self) -> list[str]:
        return [
            *_section("Commentary to look at before you approve", _places(self.may_disclose), "None is listed."),
            "Listed is what names a small number, or one that this release hides of that measure there, in digits or in"
            " words up to ten. It may be harmless; what is not listed may tell a small count in other words: read all.",
        ]

    def _suppressed(self) -> str:
        before = f"; {self.difference.earlier.suppressed:,} in the last release" if self.difference else ""
        return f"{self.edition.suppressed:,} counts of months, quarters and years are hidden{before}"


def _places(places: Iterable[Place]) -> list[str]:
    return [f"{measure_title(measure)}, {area_name(area)}" for measure, area in places]


def _section(title: str, items: Sequence[str], otherwise: str) -> list[str]:
    return [f"## {title}", "\n".join(f"- {item}" for item in items) or otherwise]
