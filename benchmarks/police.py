"""Street-level files of any number of rows, laid out as data.police.uk publishes them.

The rows are those of the real files, where they are on this machine, repeated month by month; else those of
the made-up sample archive.
"""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Iterator
from pathlib import Path

from demo.samples import police_archive
from sia.calendar import Quarter
from sia.paths import PROJECT

_REAL = PROJECT.parent / "shared" / "data" / "police" / "thames-valley-2021-22.zip"
_SAMPLE_QUARTER = Quarter(2021, 4)


def source() -> str:
    """Which rows are used, in words."""
    return "the real files, repeated" if _REAL.exists() else "made-up rows, repeated"


def files(folder: Path, rows: int, quarter: Quarter | None = None) -> tuple[Path, Path]:
    """An archive of so many rows, and the same rows as one CSV file; made if they are not there.

    Args:
        folder: where they lie.
        rows: how many, shared out evenly over the months.
        quarter: whose months they are to be; none leaves the months that the rows have.
    """
    name = f"police-{rows}" if quarter is None else f"police-{quarter.key}-{rows}"
    archive, table = folder / f"{name}.zip", folder / f"{name}.csv"
    if not archive.exists():
        months = _months() if quarter is None else _as_of(quarter)
        making = folder / "making.zip"
        with table.open("wb") as csv, zipfile.ZipFile(making, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
            for number, (name, lines) in enumerate(months.items()):
                heading, *records = lines
                wanted = rows // len(months) + (number < rows % len(months))
                if not number:
                    csv.write(heading)
                with package.open(name, "w", force_zip64=True) as member:
                    member.write(heading)
                    for piece in _pieces(records, wanted):
                        member.write(piece)
                        csv.write(piece)
        making.rename(archive)
    return archive, table


def _months() -> dict[str, list[bytes]]:
    """The lines of each monthly file, headings first, by its path in an archive."""
    archive = _REAL.read_bytes() if _REAL.exists() else police_archive.archive(_SAMPLE_QUARTER)
    with zipfile.ZipFile(io.BytesIO(archive)) as package:
        return {
            name: [line.replace(b"\r\n", b"\n") for line in package.read(name).splitlines(keepends=True)]
            for name in sorted(package.namelist())
            if name.endswith("-street.csv")
        }


def _as_of(quarter: Quarter) -> dict[str, list[bytes]]:
    """The first three monthly files, as if they were those of the quarter."""
    moved = {}
    for (name, lines), month in zip(_months().items(), quarter.months, strict=False):
        before = Path(name).name[:7]
        moved[name.replace(before, month)] = [
            line.replace(f",{before},".encode(), f",{month},".encode()) for line in lines
        ]
    return moved


def _pieces(records: list[bytes], wanted: int) -> Iterator[bytes]:
    endless = itertools.cycle(records)
    for start in range(0, wanted, 10_000):
        yield b"".join(itertools.islice(endless, min(10_000, wanted - start)))
