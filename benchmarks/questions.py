"""How many planted mistakes are asked about, and how many questions a right return gets (``results-questions.md``).

The returns are made up as those of the tests: eight figures in five areas, with a season, a drift and more spread than
chance gives. Run ``python -m benchmarks.questions``; ``--save`` writes the table.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.server import show_progress
from sia.paths import PROJECT
from tests.unit.statistics.test_unusual import MISTAKES, asked, made_up

EARLIER_QUARTERS = (3, 5, 7, 8, 12, 19)
TRIES = 300


def row(earlier: int) -> str:
    """A line of the table: the share of mistakes asked about after so many quarters, and questions to right returns."""
    random = np.random.default_rng(earlier)
    shares = []
    for mistake in MISTAKES:
        seen = 0
        for _ in range(TRIES):
            figures = made_up(random, earlier + 1)
            mistake(figures)
            seen += bool(asked(figures))
        shares.append(100 * seen / TRIES)
    right = [asked(made_up(random, earlier + 1)) for _ in range(TRIES)]
    questions = sum(len({unusual.area is None and unusual.is_more for unusual in listed}) for listed in right) / TRIES
    numbers = [*shares, sum(shares) / len(shares)]
    return f"| {earlier} | {' | '.join(f'{share:.0f}' for share in numbers)} | {questions:.2f} |"


def main() -> None:
    """Print the table, and save it if asked."""
    options = argparse.ArgumentParser()
    options.add_argument("--save", action="store_true", help="write benchmarks/results-questions.md")
    headings = [mistake.__name__.replace("_", " ") for mistake in MISTAKES]
    lines = [
        f"| earlier quarters | {' | '.join(headings)} | all | questions to a right return |",
        "| ---: |" + " ---: |" * (len(headings) + 2),
    ]
    arguments = options.parse_args()
    for earlier in EARLIER_QUARTERS:
        show_progress(f"{earlier} earlier quarters")
        lines.append(row(earlier))
    table = "\n".join(lines)
    print(table)
    if arguments.save:
        (PROJECT / "benchmarks" / "results-questions.md").write_text(
            f"# Questions about figures\n\nOf {TRIES} made-up returns each, the per cent with a mistake that we ask"
            " about, by mistake and by how many earlier quarters are known, and the questions that a return without a"
            " mistake gets on average (`python -m benchmarks.questions`).\n\n{table}\n",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
