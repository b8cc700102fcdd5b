"""What an approver reads before deciding, in Markdown: what differs from the release before, and what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sia.calendar import LONDON, format_date
from sia.presentation.words import direction_word
from sia.release.release_data import ReleaseData
from sia.release.revision import Difference, ReleaseFigures
from sia.scorecard.amounts import Place
from sia.scorecard.registers import Registers
from sia.warehouse.invariants import InvariantResult

MAX_LINES = 40
"""More changed figures than these are counted and not listed: the revision note lists them all."""


@dataclass(frozen=True)
class Briefing:
    """All that the text is made from.

    ``difference`` is from the last release of the quarter, or else from the last release of an earlier quarter, whose
    figures are not listed because all of them differ; None before the first release. ``checks``: the invariants of the
    warehouse. ``questions``: about figures, which senders have not answered, or answered with "wrong".
    ``may_disclose``: the commentaries and senders' answers that may reveal what is hidden, named without their words,
    since the text passes through Airflow. ``left_out``: the measures of which nothing is shown, and why, without
    values.
    """

    registers: Registers
    data: ReleaseData
    data_hash: str
    code_version: str
    figures: ReleaseFigures
    difference: Difference | None
    checks: Sequence[InvariantResult]
    missing: Sequence[str]
    waived: Sequence[str]
    questions: Sequence[str]
    may_disclose: Sequence[Place]
    left_out: Mapping[str, str]

    @property
    def markdown(self) -> str:
        """The text."""
        known_at = self.data.known_at.astimezone(LONDON)
        parts = [
            f"# Release {self.data.name}",
            f"Safer communities scorecard, {self.data.scorecard.quarter.label}, as known on "
            f"{format_date(known_at.date())} at {known_at:%H:%M}. {self._compared_with()}",
            *_section("In short", self._summary(), ""),
            *_section("Returns missing", self.missing, "None: every return of the quarter is complete."),
            *_section("Checks that failed", self._failed(), "None."),
            *_section("Figures that senders have not confirmed", self.questions, "None."),
            *self._changed_figures(),
            *self._conclusions(),
            *self._commentary(),
            *_section("Counts hidden", [self._suppressed()], ""),
            *_section("Measures left out", self._left_out(), "None."),
            *_section("Waivers in force", self.waived, "None: no figure rests on one."),
            *_section("Checks that passed", [result.rule for result in self.checks if not result.rows], "None."),
            *_section("What you approve", [f"Data: SHA-256 {self.data_hash}", f"Code: {self.code_version}"], ""),
            "If you approve, exactly these bytes are published. If you reject, say in the comment what to correct.",
        ]
        return "\n\n".join(parts) + "\n"

    def _compared_with(self) -> str:
        if self.difference is None:
            return "There is no earlier release to compare it with."
        other = "" if self.data.revises else ", which is for an earlier quarter: we compare conclusions, not figures"
        return f"Compared with release {self.difference.earlier.name}{other}."

    def _summary(self) -> list[str]:
        """The counts by which an approver sees what to look at."""
        exceptions = f"Exceptions: {len(self.figures.exceptions):,}"
        if self.difference is not None:
            exceptions += f", of which {len(self.difference.opened):,} are new; {len(self.difference.closed):,} closed"
        return [
            *([f"Conclusions changed: {len(self.difference.conclusion_changes):,}"] if self.difference else []),
            exceptions,
            *([f"Figures changed: {len(self.data.changes):,}"] if self.data.revises else []),
            f"Returns missing: {len(self.missing):,}",
            f"Checks that failed: {len(self._failed()):,} of {len(self.checks):,}",
            f"Figures that senders have not confirmed: {len(self.questions):,}",
        ]

    def _failed(self) -> list[str]:
        return [f"{result.rule} Rows that break this: {result.rows:,}." for result in self.checks if result.rows]

    def _changed_figures(self) -> list[str]:
        changes = self.data.changes
        if self.data.revises is None:
            return _section(
                "Figures changed", [], f"All {len(self.figures.figures):,} are new: first release of the quarter."
            )
        kinds = Counter(line.kind for line in changes)
        listed = [
            f"{line.measure}, {line.area}. {line.figure_name}: from {line.before} to {line.after} ({line.kind})."
            f" {line.why}."
            for line in changes[:MAX_LINES]
        ]
        if len(changes) > MAX_LINES:
            listed.append(f"and {len(changes) - MAX_LINES:,} more, all in the revision note.")
        summary = [f"{kinds['substantial']:,} substantial, {kinds['minor']:,} minor."] if changes else []
        return _section("Figures changed", summary + listed, "None.")

    def _conclusions(self) -> list[str]:
        if self.difference is None:
            return _section("Exceptions", self._places(sorted(self.figures.exceptions)), "None.")
        changed = [
            f"{self.registers.place_name(change.place)}: was {direction_word(change.before)}, is now"
            f" {direction_word(change.after)}"
            for change in self.difference.conclusion_changes
        ]
        return [
            *_section("Conclusions changed", changed, "None."),
            *_section("New exceptions", self._places(self.difference.opened), "None."),
            *_section("Closed exceptions", self._places(self.difference.closed), "None."),
        ]

    def _commentary(self) -> list[str]:
        return [
            *_section(
                "Commentary and answers to read before you approve", self._places(self.may_disclose), "None is listed."
            ),
            "We list commentary, and senders' answers about figures, that mention a number below the threshold, or one"
            " that this release hides, in digits or in words up to ten. It may be harmless. Read the rest too: a small"
            " number can be put in other words.",
        ]

    def _suppressed(self) -> str:
        before = (
            f"; {self.difference.earlier.suppressed:,} in {self.difference.earlier.name}" if self.difference else ""
        )
        return f"{self.figures.suppressed:,} counts of months, quarters and years are hidden{before}"

    def _left_out(self) -> list[str]:
        titles = {measure.id: measure.title for measure in self.registers.measures}
        return [f"{titles[measure_id]}: {why}" for measure_id, why in self.left_out.items()]

    def _places(self, places: Iterable[Place]) -> list[str]:
        return [self.registers.place_name(place) for place in places]


def _section(title: str, items: Sequence[str], otherwise: str) -> list[str]:
    return [f"## {title}", "\n".join(f"- {item}" for item in items) or otherwise]
