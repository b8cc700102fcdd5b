"""The report at the end of a command."""

from __future__ import annotations

from unittest.mock import MagicMock

import pytest

from sia.calendar import Quarter
from sia.cli import report
from sia.contract.model import contract


def attempt(name: str, status: str, attempt: int = 1, source: str = "x", places: int = 1) -> report.Attempt:
    outcome = {
        "source": source, "status": status, "attempt": attempt, "receipt": "R-1", "submission_id": attempt,
        "rows_loaded": 1234 if status == "accepted" else 0,
    }  # fmt: skip
    reason = {"message": "Fix it. " * 20, "sheet": "Cases", "place": "A6", "places": places, "severity": "critical"}
    return report.Attempt(contract(name), Quarter(2021, 4), outcome, (reason,) if status == "refused" else ())


def test_the_grid_shows_the_newest_outcome_of_each_return_or_none() -> None:
    attempts = [
        attempt("odas", "refused"),
        attempt("odas", "accepted", 2),
        attempt("mediation", "refused"),
    ]
    lines = report.grid(attempts, [Quarter(2021, 3), Quarter(2021, 4)], ["mediation", "odas", "sanctuary"])
    assert [line.split()[2:] for line in lines[1:]] == [["none"] * 3, ["refused", "accepted", "none"]]


def test_a_refused_sender_is_not_hidden_by_other_senders() -> None:
    attempts = [
        attempt("indicators", "refused", source="daat"),
        attempt("indicators", "accepted", source="csps"),
    ]
    assert report.status(attempts) == "refused"


def test_reasons_have_their_cell_and_fit_eighty_columns() -> None:
    lines = report.explain(attempt("mediation", "refused", places=3))
    assert max(map(len, lines)) <= 80
    assert "Cases A6, and 2 more: Fix it." in " ".join(lines)


def test_durations_are_summed_longest_first() -> None:
    lines = report.durations([("load", 1.0), ("stage", 2.5), ("load", 2.0)])
    assert [line.split() for line in lines] == [["load", "2", "x", "3.0", "s"], ["stage", "1", "x", "2.5", "s"]]


def test_tasks_show_the_attempt_that_opened_or_closed_them(monkeypatch: pytest.MonkeyPatch) -> None:
    common = {"message": "Fix it. " * 20, "findings": 2}
    tasks = {
        "mediation": [{"reference": "MED-T01", "state": "open", "attempt": 2, **common}],
        "odas": [{"reference": "ODA-T01", "state": "closed", "attempt": 3, **common}],
    }
    monkeypatch.setattr(report, "of_return", lambda _, name, __: tasks[name])
    lines = report.tasks(MagicMock(), [Quarter(2021, 4)], ["mediation", "odas"])
    assert max(map(len, lines)) <= 80
    assert lines[0] == "1 open, 1 closed."
    assert "- MED-T01, 2 places, open since attempt 2: Fix it." in " ".join(" ".join(lines).split())
    assert lines[-1] == "  - ODA-T01 was closed by attempt 3"
