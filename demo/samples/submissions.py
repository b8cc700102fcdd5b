"""The sample files: each with its return, its quarter and the day on which it was received."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import PurePosixPath

from openpyxl import Workbook

from demo.samples import (
    broken,
    casework,
    domestic_abuse,
    grants,
    indicators,
    mediation,
    police_archive,
    police_counts,
    sanctuary,
    survey,
)
from demo.samples.seeded_random import rng_for
from sia.calendar import Quarter, add_working_days
from sia.contract import return_workbook
from sia.contract.model import Contract, contract
from sia.contract.return_workbook import RowValues

Tables = dict[str, list[RowValues]]

_ROWS: dict[str, Callable[[Quarter], Tables]] = {
    "tvp_counts": police_counts.rows,
    "odas": domestic_abuse.rows,
    "mediation": mediation.rows,
    "sanctuary": sanctuary.rows,
    "csp_casework": casework.rows,
    "csp_grants": grants.rows,
}
_EARLIER_RECEIVED_ON = date(2017, 7, 3)


@dataclass(frozen=True, slots=True)
class Submission:
    """A sample file. ``content`` returns its bytes; ``tables`` returns its rows if it is a workbook.

    A workbook of :mod:`broken` gets its error after it is filled: ``tables`` returns the correct rows.
    """

    return_name: str
    quarter: Quarter
    source: str
    received_on: date
    file_name: str
    content: Callable[[], bytes]
    tables: Callable[[], Tables] | None = None

    @property
    def path(self) -> PurePosixPath:
        """The path in the inbox."""
        several = len(contract(self.return_name).senders) > 1
        folder = PurePosixPath(self.return_name, self.quarter.key)
        return (folder / self.source if several else folder) / f"received-{self.received_on}" / self.file_name


def submissions(quarter: Quarter) -> Iterator[Submission]:
    """The sample files for a quarter. A file that replaces an earlier one comes after it."""
    for name, rows in _ROWS.items():
        returned = contract(name)
        received_on = _received_on(returned, quarter)
        if name == "mediation" and quarter == mediation.BROKEN:
            yield _workbook(returned, quarter, received_on, mediation.broken_rows)
            again_on = add_working_days(received_on, 5)
            yield _workbook(returned, quarter, again_on, mediation.still_broken_rows, what="second-attempt")
        elif wrong := broken.of(name, quarter):
            yield _workbook(returned, quarter, received_on, rows, what=wrong.error, break_it=wrong.break_it)
            yield _workbook(returned, quarter, add_working_days(received_on, 5), rows, what="corrected")
        else:
            yield _workbook(returned, quarter, received_on, rows)
        restated_on = sanctuary.restated_on(quarter) if name == "sanctuary" else None
        if restated_on is not None:
            yield _workbook(returned, quarter, restated_on, sanctuary.restated_rows, what="restated")
    if quarter >= indicators.SINCE:
        returned = contract("indicators")
        received_on = _received_on(returned, quarter)
        yield _workbook(returned, quarter, received_on, indicators.rows, source=indicators.SOURCE)
    if quarter >= survey.SINCE:
        returned = contract("residents_survey")
        yield _workbook(returned, quarter, _received_on(returned, quarter), survey.rows)
    returned = contract("tvp_crime")
    yield Submission(
        return_name=returned.name,
        quarter=quarter,
        source=next(iter(returned.senders)),
        received_on=_received_on(returned, quarter),
        file_name=f"synthetic-{quarter.key}.zip",
        content=partial(police_archive.archive, quarter),
    )


def earlier_submissions() -> Iterator[Submission]:
    """The sample files for quarters before those of :func:`submissions`: grants, sent when there was an agreement."""
    for quarter in grants.EARLIER:
        yield _workbook(contract("csp_grants"), quarter, _EARLIER_RECEIVED_ON, grants.rows)


def _workbook(
    returned: Contract,
    quarter: Quarter,
    received_on: date,
    rows: Callable[[Quarter], Tables],
    *,
    source: str | None = None,
    what: str = "",
    break_it: Callable[[Workbook], None] | None = None,
) -> Submission:
    source = source or next(iter(returned.senders))
    stem = return_workbook.file_name(returned, quarter, source).removesuffix(".xlsx")
    tables = partial(rows, quarter)
    return Submission(
        return_name=returned.name,
        quarter=quarter,
        source=source,
        received_on=received_on,
        file_name=f"synthetic-{stem}{'-' if what else ''}{what}.xlsx",
        content=partial(_filled, returned, quarter, source, tables, break_it),
        tables=tables,
    )


def _filled(
    returned: Contract,
    quarter: Quarter,
    source: str,
    tables: Callable[[], Tables],
    break_it: Callable[[Workbook], None] | None,
) -> bytes:
    book = return_workbook.workbook(returned, quarter, source, synthetic=True)
    for name, rows in tables().items():
        return_workbook.fill(book, returned.table(name), rows)
    if break_it is not None:
        break_it(book)
    return return_workbook.to_bytes(book)


def _received_on(returned: Contract, quarter: Quarter) -> date:
    """A day one to five working days before the return is due."""
    rng = rng_for("received", returned.name, quarter)
    return quarter.due(returned.due_working_days - rng.randint(1, 5))
