"""Linear and integer programs over counts, solved by HiGHS.

HiGHS is called through its own package. The way through scipy takes as long again as the solver itself, and cannot
switch off the presolve, which costs more than it saves in programs of a few hundred counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from threading import local

import numpy as np
from highspy import Highs, HighsLp, HighsModelStatus, HighsVarType, MatrixFormat


@dataclass(frozen=True)
class Terms:
    """The terms of sums, in their order: of which sum (``row``), of which count (``column``) and how many times."""

    row: np.ndarray
    column: np.ndarray
    times: np.ndarray

    def in_order(self) -> Terms:
        """The same terms by the order of their sums, for those that are not."""
        order = np.argsort(self.row, kind="stable")
        return Terms(self.row[order], self.column[order], self.times[order])


class Outcome(Enum):
    """How a program ended. ``UNSETTLED``: it has no solution, or none that is furthest, or the solver gave up."""

    SOLVED = "solved"
    NO_SOLUTION = "no solution"
    UNSETTLED = "unsettled"


@dataclass(frozen=True)
class Solution:
    """The end of a program. ``values``: of its columns; ``shadow_prices``: of its rows. Both are empty if unsolved."""

    outcome: Outcome
    values: np.ndarray
    shadow_prices: np.ndarray


_OUTCOMES = {HighsModelStatus.kOptimal: Outcome.SOLVED, HighsModelStatus.kInfeasible: Outcome.NO_SOLUTION}
_of_thread = local()


def solve(
    objective: np.ndarray,
    terms: Terms,
    totals: np.ndarray,
    lower: np.ndarray | float,
    upper: np.ndarray | float,
    *,
    whole: bool = False,
) -> Solution:
    """Find the columns between their bounds whose objective is smallest, and whose sums are the totals.

    Args:
        objective: the price of each column.
        terms: of each sum.
        totals: of each sum.
        lower: the smallest value of each column, or of all.
        upper: the largest.
        whole: whether the columns must be whole numbers.
    """
    columns, rows = len(objective), len(totals)
    program = HighsLp()
    program.num_col_, program.num_row_ = columns, rows
    program.col_cost_ = objective
    program.col_lower_, program.col_upper_ = np.full(columns, lower, float), np.full(columns, upper, float)
    program.row_lower_ = program.row_upper_ = totals
    program.a_matrix_.format_ = MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(terms.row, minlength=rows))])
    program.a_matrix_.index_, program.a_matrix_.value_ = terms.column, terms.times
    if whole:
        program.integrality_ = [HighsVarType.kInteger] * columns
    solver = _solver()
    solver.setOptionValue("presolve", "choose" if whole else "off")
    solver.passModel(program)
    solver.run()
    outcome = _OUTCOMES.get(solver.getModelStatus(), Outcome.UNSETTLED)
    if outcome is not Outcome.SOLVED:
        return Solution(outcome, np.empty(0), np.empty(0))
    solution = solver.getSolution()
    return Solution(outcome, np.array(solution.col_value), np.array(solution.row_dual))


def _solver() -> Highs:
    """The solver of this thread, which keeps nothing from one program to the next: to start it takes a while."""
    if not hasattr(_of_thread, "solver"):
        _of_thread.solver = Highs()
        _of_thread.solver.setOptionValue("output_flag", False)
        _of_thread.solver.setOptionValue("threads", 1)
    solver: Highs = _of_thread.solver
    return solver
