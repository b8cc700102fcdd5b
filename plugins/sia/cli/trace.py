"""``make trace MEASURE=… AREA=… QUARTER=…``: from a figure to the submissions, sheets, rows and rules that made it."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterable, Iterator
from datetime import date

from sia.calendar import Quarter
from sia.errors import PermanentError
from sia.presentation.captions import day as written
from sia.trace import figure as tracing
from sia.trace.figure import Option, Source, Traced
from sia.warehouse import database

_WIDTH = 100


def lines(traced: Traced) -> Iterator[str]:
    """What the terminal says of a figure."""
    yield f"{traced.title}: {traced.figure}"
    known = f"at the end of {written(traced.known)}" if traced.known else "today"
    yield from textwrap.wrap(f"As known {known}. {' '.join(traced.made)}", _WIDTH)
    for part in traced.parts:
        yield ""
        yield f"{part.title}: {part.amount}"
        for source in part.sources:
            yield from _source(source)


def _source(source: Source) -> Iterator[str]:
    yield f"  {source.receipt}  {source.title}, from {source.sender}"
    yield f"    file {source.file}, received {source.received}, about {source.period}; adds {source.amount}"
    for sheet in source.sheets:
        rows = f"row {tracing.runs(sheet.rows)} ({sheet.row_count} in all), adds {sheet.amount}"
        said = f"{sheet.name or 'sheet not kept'}: {rows}"
        yield from textwrap.wrap(said, _WIDTH, initial_indent="    ", subsequent_indent="      ")
    if not source.sheets:
        yield "    no row of it counts here: it was received and says nothing of the area, which is zero"
    failed = f"{len(source.failed)} found something" if source.failed else "none found anything"
    yield f"    {len(source.rules)} rules were asked of it: {failed}"
    for rule in source.failed:
        yield from textwrap.wrap(
            f"{rule.id}: {rule.verdict}. {rule.message}", _WIDTH, initial_indent="      ", subsequent_indent="        "
        )


def _chosen(what: str, given: str, options: Iterable[Option]) -> str:
    found = list(options)
    wanted = given.strip().casefold()
    for one in found:
        if wanted in (one.key.casefold(), one.label.casefold()):
            return one.key
    listed = "\n".join(f"  {one.key:<45} {one.label}" for one in found)
    raise PermanentError(f"say which {what.lower()}: {what}= one of\n{listed}")


def main(arguments: list[str] | None = None) -> None:
    """The command ``make trace``; it reads with the rights of a steward."""
    parser = argparse.ArgumentParser(description="From a figure to the rows that made it.")
    for name in ("measure", "area", "quarter", "known"):
        parser.add_argument(f"--{name}", default="")
    given = parser.parse_args(arguments)
    with database.connection("steward") as connection:
        options = tracing.options(connection)
        measures = [one for section in options.measures.values() for one in section]
        measure, area = _chosen("MEASURE", given.measure, measures), _chosen("AREA", given.area, options.areas)
        try:
            quarter = Quarter.parse(given.quarter)
            known = date.fromisoformat(given.known) if given.known else None
        except ValueError as fault:
            raise PermanentError(f"QUARTER= or KNOWN=: {fault}") from None
        traced = tracing.trace(connection, measure, area, quarter, known)
    if traced is None:
        raise PermanentError(f"there is no measure {measure} or area {area}")
    print("\n".join(lines(traced)))
