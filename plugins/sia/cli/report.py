"""What became of the returns, as plain text at most 80 columns wide: for the terminal, after the runs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection

from sia import paths
from sia.calendar import Quarter
from sia.contract.model import Contract, contracts
from sia.feedback.tasks import of_return
from sia.intake.outcomes import outcomes, reasons

WIDTH = 80


@dataclass(frozen=True, slots=True)
class Attempt:
    """One file that was received, and why it was refused if it was."""

    contract: Contract
    quarter: Quarter
    outcome: dict[str, Any]
    reasons: tuple[dict[str, Any], ...]

    @property
    def refused(self) -> bool:
        """Whether it was refused."""
        return bool(self.outcome["status"] == "refused")


def attempts(connection: Connection, quarters: Iterable[Quarter], names: Iterable[str]) -> list[Attempt]:
    """Every file received for some quarters and returns, as the warehouse knows it."""
    found = []
    for quarter in quarters:
        for name in names:
            why: dict[int, list[dict[str, Any]]] = {}
            for reason in reasons(connection, name, quarter.key):
                why.setdefault(reason["submission_id"], []).append(reason)
            found += [
                Attempt(contracts()[name], quarter, one, tuple(why.get(one["submission_id"], ())))
                for one in outcomes(connection, name, quarter.key)
            ]
    return found


def heading(text: str) -> list[str]:
    """A heading with a line under it."""
    return ["", text, "-" * len(text)]


def grid(all_attempts: Sequence[Attempt], quarters: Sequence[Quarter], names: Sequence[str]) -> list[str]:
    """A line for each quarter, a column for each return: what became of the newest file of each sender."""
    widths = [max(len(name), len("accepted")) + 2 for name in names]
    lines = ["Quarter     " + "".join(name.ljust(width) for name, width in zip(names, widths, strict=True)).rstrip()]
    for quarter in quarters:
        cells = [
            in_words([a for a in all_attempts if a.quarter == quarter and a.contract.name == name]) for name in names
        ]
        line = "".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        lines.append(f"{quarter.label:<12}{line}".rstrip())
    return lines


def in_words(attempted: Sequence[Attempt]) -> str:
    """What became of a return for a quarter, in a word: of each sender's newest file, the worst."""
    if not attempted:
        return "none"
    newest = {one.outcome["source"]: one.outcome["status"] for one in attempted}
    return next((status for status in newest.values() if status != "accepted"), "accepted")


def explain(attempt: Attempt, most: int = 3) -> list[str]:
    """What became of a file, and the first reasons in words, each with its first place."""
    outcome = attempt.outcome
    rows = f", {outcome['rows_loaded']:,} rows" if outcome["rows_loaded"] else ""
    lines = _wrapped(
        f"{attempt.contract.title}, {attempt.quarter.label}, attempt {outcome['attempt']}: "
        f"{outcome['status']}{rows} (receipt {outcome['receipt']})"
    )
    for reason in attempt.reasons[:most]:
        where = " ".join(str(part) for part in (reason["sheet"], reason["place"]) if part)
        more = f", and {reason['places'] - 1:,} more" if reason["places"] > 1 else ""
        lines += _wrapped(f"- {where + more + ': ' if where else ''}{reason['message']}", indent=2)
    if left := len(attempt.reasons) - most:
        lines += _wrapped(f"- and {left} other reasons", indent=2) if left > 0 else []
    return lines


def tasks(connection: Connection, quarters: Iterable[Quarter], names: Iterable[str]) -> list[str]:
    """What is still to be put right, in words, and which attempt put right the rest."""
    names = list(names)
    found = [task for quarter in quarters for name in names for task in of_return(connection, name, quarter.key)]
    still = [task for task in found if task["state"] == "open"]
    lines = [f"{len(still)} to put right, {len(found) - len(still)} put right."]
    for task in still:
        places = f"{task['findings']:,} place{'' if task['findings'] == 1 else 's'}"
        lines += _wrapped(
            f"- {task['reference']}, {places}, open since attempt {task['attempt']}: {task['message']}", 2
        )
    for task in found:
        if task["state"] == "closed":
            lines.append(f"  - {task['reference']} was closed by attempt {task['attempt']}")
    return lines


def durations(steps: Iterable[tuple[str, float]]) -> list[str]:
    """How long each step took in all, and how often it was done, the longest first."""
    spent: dict[str, list[float]] = {}
    for name, took in steps:
        spent.setdefault(name, []).append(took)
    longest = sorted(spent.items(), key=lambda item: -sum(item[1]))
    return [f"{name:<58}{len(each):>6} x{sum(each):>10.1f} s" for name, each in longest]


def short(path: Path) -> str:
    """A path as people type it: from the project's folder where it lies below it."""
    return str(path.relative_to(paths.PROJECT) if path.is_relative_to(paths.PROJECT) else path)


def _wrapped(text: str, indent: int = 0) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2), break_long_words=False
    )
