"""The outcomes of returns, as plain text of at most 80 columns for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.contract.model import Contract, contracts
from sia.feedback.tasks import of_return
from sia.intake.outcomes import outcomes, reasons
from sia.paths import PROJECT

WIDTH = 80


@dataclass(frozen=True, slots=True)
class Attempt:
    """A file that we received, its outcome, and the reasons for its refusal or warnings."""

    contract: Contract
    quarter: Quarter
    outcome: dict[str, Any]
    reasons: tuple[dict[str, Any], ...]

    @property
    def refused(self) -> bool:
        """Whether it was refused."""
        return bool(self.outcome["status"] == "refused")


def attempts(connection: Connection, quarters: Iterable[Quarter], names: Iterable[str]) -> list[Attempt]:
    """Every file that we received for these quarters and returns."""
    received = []
    for quarter in quarters:
        for name in names:
            by_submission: dict[int, list[dict[str, Any]]] = {}
            for reason in reasons(connection, name, quarter.key):
                by_submission.setdefault(reason["submission_id"], []).append(reason)
            received += [
                Attempt(contracts()[name], quarter, outcome, tuple(by_submission.get(outcome["submission_id"], ())))
                for outcome in outcomes(connection, name, quarter.key)
            ]
    return received


def heading(text: str) -> list[str]:
    """A heading with a line under it."""
    return ["", text, "-" * len(text)]


def grid(all_attempts: Sequence[Attempt], quarters: Sequence[Quarter], names: Sequence[str]) -> list[str]:
    """A line for each quarter and a column for each return, with the worst status of the senders' newest files."""
    widths = [max(len(name), len("accepted")) + 2 for name in names]
    lines = ["Quarter     " + "".join(name.ljust(width) for name, width in zip(names, widths, strict=True)).rstrip()]
    for quarter in quarters:
        cells = [
            status([a for a in all_attempts if a.quarter == quarter and a.contract.name == name]) for name in names
        ]
        line = "".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        lines.append(f"{quarter.label:<12}{line}".rstrip())
    return lines


def status(of_return: Sequence[Attempt]) -> str:
    """The status of a return for a quarter: the worst status of its senders' newest files."""
    if not of_return:
        return "none"
    newest = {attempt.outcome["source"]: attempt.outcome["status"] for attempt in of_return}
    return next((word for word in newest.values() if word != "accepted"), "accepted")


def explain(attempt: Attempt, max_reasons: int = 3) -> list[str]:
    """The outcome of a file and the first ``max_reasons`` reasons, each with its first place."""
    outcome = attempt.outcome
    rows = f", {outcome['rows_loaded']:,} rows" if outcome["rows_loaded"] else ""
    lines = _wrapped(
        f"{attempt.contract.title}, {attempt.quarter.label}, attempt {outcome['attempt']}: "
        f"{outcome['status']}{rows} (receipt {outcome['receipt']})"
    )
    for reason in attempt.reasons[:max_reasons]:
        where = " ".join(str(part) for part in (reason["sheet"], reason["place"]) if part)
        more = f", and {reason['places'] - 1:,} more" if reason["places"] > 1 else ""
        lines += _wrapped(f"- {where + more + ': ' if where else ''}{reason['message']}", indent=2)
    if (more_reasons := len(attempt.reasons) - max_reasons) > 0:
        lines += _wrapped(f"- and {more_reasons} more", indent=2)
    return lines


def tasks(connection: Connection, quarters: Iterable[Quarter], names: Iterable[str]) -> list[str]:
    """The open tasks, and which attempt closed the others."""
    names = list(names)
    every = [task for quarter in quarters for name in names for task in of_return(connection, name, quarter.key)]
    open_tasks = [task for task in every if task["state"] == "open"]
    lines = [f"{len(open_tasks)} open, {len(every) - len(open_tasks)} closed."]
    for task in open_tasks:
        places = f"{task['findings']:,} place{'' if task['findings'] == 1 else 's'}"
        lines += _wrapped(
            f"- {task['reference']}, {places}, open since attempt {task['attempt']}: {task['message']}", 2
        )
    for task in every:
        if task["state"] == "closed":
            lines.append(f"  - {task['reference']} was closed by attempt {task['attempt']}")
    return lines


def durations(steps: Iterable[tuple[str, float]]) -> list[str]:
    """How often each step ran and its total seconds, longest first."""
    seconds_by_step: dict[str, list[float]] = {}
    for name, duration in steps:
        seconds_by_step.setdefault(name, []).append(duration)
    longest = sorted(seconds_by_step.items(), key=lambda item: -sum(item[1]))
    return [f"{name:<58}{len(seconds):>6} x{sum(seconds):>10.1f} s" for name, seconds in longest]


def short(path: Path) -> str:
    """A path as people type it, relative to the project's folder if it is in that folder."""
    return str(path.relative_to(PROJECT) if path.is_relative_to(PROJECT) else path)


def _wrapped(text: str, indent: int = 0) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2), break_long_words=False
    )
