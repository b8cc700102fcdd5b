"""How long the protection of a release takes with earlier releases behind it: ``python -m benchmarks.releases``.

Made-up counts of every measure of the register, a quarter and a release at a time. Before each release a share of the
districts' earlier counts is restated. Processor seconds of the protection alone.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from datetime import date

import numpy as np

from benchmarks.server import show_progress
from sia.calendar import Quarter, quarters_between
from sia.disclosure.additive import Span
from sia.disclosure.reader_knowledge import DisclosedCounts
from sia.geography import areas
from sia.registers.measures import Measure
from sia.registers.policy import policy
from sia.release.scorecard_inputs import registers
from sia.scorecard.amounts import Amount, AmountKey, Status
from sia.scorecard.protection import protect_amounts

FIRST = Quarter(2019, 1)
LOOKBACK = 8
Counts = dict[str, int]


def drawn(measures: tuple[Measure, ...], random: np.random.Generator, means: Mapping[str, float]) -> Counts:
    """A count for each component of a district and quarter. No part is more than its whole or its limit."""
    inside: dict[str, str] = {}
    divisions: dict[str, list[list[str]]] = {}
    for measure in measures:
        own = f"{measure.return_name}.{measure.numerator}"
        divisions.setdefault(own, []).extend([f"{measure.return_name}.{part}" for part in d] for d in measure.parts)
        if measure.is_share_of_whole:
            inside.setdefault(own, f"{measure.return_name}.{measure.denominator}")
        elif measure.at_most:
            inside.setdefault(own, f"{measure.return_name}.{measure.at_most}")
    parts = {part for of_whole in divisions.values() for division in of_whole for part in division}
    counts: Counts = {}

    def count(component: str) -> int:
        if component not in counts:
            above = inside.get(component)
            if above and component not in parts:
                counts[component] = int(random.binomial(count(above), 0.4))
            else:
                counts[component] = int(random.poisson(means[component]))
            divide(component)
        return counts[component]

    def divide(whole: str) -> None:
        for division in divisions.get(whole, ()):
            shares = random.dirichlet(np.ones(len(division) + 1))
            for part, number in zip(division, random.multinomial(counts[whole], shares), strict=False):
                counts[part] = int(number)
                divide(part)

    names = [f"{m.return_name}.{name}" for m in measures for name in (m.numerator, m.denominator) if name]
    for component in sorted(set(names) - parts):
        count(component)
    return counts


def main() -> None:
    """Make the releases, and print how long each took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.releases", description=__doc__)
    parser.add_argument("--releases", type=int, default=13, help="how many; the last has the others behind it")
    parser.add_argument("--restated", type=float, default=0.05, help="the share of counts that each release restates")
    options = parser.parse_args()
    current, random = registers(policy(), areas()), np.random.default_rng(1)
    measures = current.measures
    names = [
        f"{m.return_name}.{name}" for m in measures for name in (m.numerator, m.denominator, *sum(m.parts, ())) if name
    ]
    means = {name: float(random.choice([1, 3, 10, 40, 200, 1000])) for name in dict.fromkeys(names)}
    known: dict[tuple[str, Quarter], Counts] = {}
    earlier: list[DisclosedCounts] = []
    for number in range(options.releases):
        last = FIRST.plus(LOOKBACK - 1 + number)
        for quarter in quarters_between(FIRST, last):
            for district in current.areas.districts:
                place = (district.code, quarter)
                if place not in known or random.random() < options.restated:
                    known[place] = drawn(measures, random, means)
        amounts = _amounts(known, last)
        started = time.process_time()
        shown = protect_amounts(amounts, current, date(2030, 1, 1), f"release {number}", earlier, seed=random.bytes(8))
        seconds = time.process_time() - started
        earlier.append(shown.disclosed)
        show_progress(
            f"{number:>2} releases behind it, {len(measures)} measures: {seconds:6.1f} s,"
            f" {shown.share_published:.0%} of {shown.offered:,} counts shown, {len(shown.left_out)} measures left out"
        )


def _amounts(known: Mapping[tuple[str, Quarter], Counts], last: Quarter) -> dict[AmountKey, Amount]:
    current = registers(policy(), areas())
    quarters = quarters_between(last.plus(1 - LOOKBACK), last)
    spans = {Span.quarter(quarter): [quarter] for quarter in quarters}
    spans |= {Span.year_to(until): quarters_between(until.plus(-3), until) for until in (last, last.plus(-4))}
    amounts: dict[AmountKey, Amount] = {}
    for area in (*current.areas.districts, *current.areas.csps, current.areas.county):
        members = area.member_codes(last.start) or (area.code,)
        for span, of_span in spans.items():
            total: dict[str, int] = {}
            for member in members:
                for quarter in of_span:
                    for component, number in known[member, quarter].items():
                        total[component] = total.get(component, 0) + number
            for measure in current.measures:
                whole = total[f"{measure.return_name}.{measure.denominator}"] if measure.denominator else float("nan")
                number = total[f"{measure.return_name}.{measure.numerator}"]
                amounts[measure.id, area.code, span] = Amount(Status.REPORTED, float(number), float(whole))
    return amounts


if __name__ == "__main__":
    main()
