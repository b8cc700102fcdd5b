"""Release data: the one file of a release from which every page, workbook and paper is made.

It has the figures of all statistics with their eight-quarter history, directions with their points and limits,
comparisons, the states of returns, exceptions with their commentary, and what changed since the release before. It has
no hidden amount, because it is made from the amounts that a release shows. The same release gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from sia.calendar import Quarter
from sia.errors import PermanentError
from sia.release.revision import RevisionLine
from sia.scorecard.boundaries import Boundaries
from sia.scorecard.exceptions import ExceptionReport
from sia.scorecard.scorecard import Scorecard

FORMAT = 1
"""The format of the file; a change after which older files cannot be read needs the next number."""


@dataclass(frozen=True)
class ReleaseData:
    """A release.

    ``name``: for example ``2021-22Q4/1``. ``known_at``: the moment whose knowledge it shows. ``suppressed``: how many
    counts it hides. ``revises``: the name of the release of its quarter before it, if there is one; ``changes`` and
    ``conclusions``: what differs from that one. ``boundaries``: those from which its papers' maps are drawn, if any.
    """

    name: str
    known_at: datetime
    suppressed: int
    scorecard: Scorecard
    exceptions: tuple[ExceptionReport, ...]
    revises: str | None
    changes: tuple[RevisionLine, ...]
    conclusions: tuple[str, ...]
    boundaries: Boundaries | None = None
    format: int = FORMAT


_ADAPTER = TypeAdapter(ReleaseData)


def file_name(quarter: Quarter) -> str:
    """The name of the file that carries the data of a release."""
    return f"release-data-{quarter.key}.json"


def to_bytes(data: ReleaseData) -> bytes:
    """The file's content."""
    return _ADAPTER.dump_json(data) + b"\n"


def from_bytes(content: bytes) -> ReleaseData:
    """The release that a file carries.

    Raises:
        PermanentError: the content is not release data of this format.
    """
    try:
        data = _ADAPTER.validate_json(content)
    except ValidationError as error:
        # Its own message repeats what is in the file.
        first = error.errors(include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "its beginning"
        raise PermanentError(f"this is not release data: {place}: {first['msg']}") from None
    if data.format != FORMAT:
        raise PermanentError(f"this release data has format {data.format}; this code reads format {FORMAT}")
    return data
