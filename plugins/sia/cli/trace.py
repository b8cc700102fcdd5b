"""``sia trace``: the returns, sheets, rows and rules that a figure comes from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import date

from sia.calendar import Quarter, format_date
from sia.errors import PermanentError
from sia.local.bootstrap import local_warehouse
from sia.trace import figure as tracing
from sia.trace.figure import Option, Source, Traced
from sia.warehouse import database

_WIDTH = 100


def trace(measure: str, area: str, quarter: str, known: str) -> None:
    """Print the returns, sheets and rows that a figure comes from, with the rights of a steward.

    Raises:
        PermanentError: something is missing or unknown; the message lists what there is.
    """
    with local_warehouse("make trace") as console:
        for line in lines(_traced(measure, area, quarter, known)):
            console.line(line)


def lines(traced: Traced) -> Iterator[str]:
    """The lines that the terminal shows about a figure."""
    yield f"{traced.title}: {traced.figure}"
    known = f"at the end of {format_date(traced.known)}" if traced.known else "today"
    yield from textwrap.wrap(f"As known {known}. {' '.join(traced.explanation)}", _WIDTH)
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
        text = f"{sheet.name or 'sheet not kept'}: {rows}"
        yield from textwrap.wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="      ")
    if not source.sheets:
        yield "    received with no rows for this area, so counted as 0"
    failed = f"{len(source.failed)} with findings" if source.failed else "no findings"
    yield f"    checked against {len(source.rules)} rules: {failed}"
    for rule in source.failed:
        yield from textwrap.wrap(
            f"{rule.id}: {rule.verdict}. {rule.message}", _WIDTH, initial_indent="      ", subsequent_indent="        "
        )


def _choose(variable: str, given: str, options: Iterable[Option]) -> str:
    options = list(options)
    searched = given.strip().casefold()
    for option in options:
        if searched in (option.key.casefold(), option.label.casefold()):
            return option.key
    listed = "\n".join(f"  {option.key:<45} {option.label}" for option in options)
    raise PermanentError(f"Add the {variable.lower()}: {variable}=…, one of\n{listed}")


def _traced(measure_given: str, area_given: str, quarter_given: str, known_given: str) -> Traced:
    with database.connection("steward") as connection:
        options = tracing.options(connection)
        measure = _choose("MEASURE", measure_given, (m for section in options.measures.values() for m in section))
        area = _choose("AREA", area_given, options.areas)
        try:
            quarter = Quarter.parse(quarter_given)
            known = date.fromisoformat(known_given) if known_given else None
        except ValueError as error:
            raise PermanentError(f"QUARTER= or KNOWN=: {error}") from None
        traced = tracing.trace(connection, measure, area, quarter, known)
    if traced is None:
        raise PermanentError(f"There is no measure {measure} or area {area}.")
    return traced
