"""Street-level files with any number of rows, in the layout of data.police.uk.

The rows repeat the real files' rows month by month. If the real files are not on this machine, they repeat the rows
of the synthetic sample archive.
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
    """A description of the rows: real or synthetic."""
    return "the real files, repeated" if _REAL.exists() else "synthetic rows, repeated"


def files(folder: Path, rows: int, quarter: Quarter | None = None) -> tuple[Path, Path]:
    """The paths of an archive and of one CSV file with the same rows. Writes the files if they do not exist.

    Args:
        folder: the folder for both files.
        rows: the number of rows, shared equally among the months.
        quarter: the quarter to move the rows to. Without it, the rows keep their months.
    """
    name = f"police-{rows}" if quarter is None else f"police-{quarter.key}-{rows}"
    archive, table = folder / f"{name}.zip", folder / f"{name}.csv"
    if not archive.exists():
        months = _months() if quarter is None else _as_of(quarter)
        unfinished = folder / "unfinished.zip"
        with (
            table.open("wb") as csv,
            zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package,
        ):
            for number, (name, lines) in enumerate(months.items()):
                heading, *records = lines
                rows_of_month = rows // len(months) + (number < rows % len(months))
                if not number:
                    csv.write(heading)
                with package.open(name, "w", force_zip64=True) as member:
                    member.write(heading)
                    for chunk in _chunks(records, rows_of_month):
                        member.write(chunk)
                        csv.write(chunk)
        unfinished.rename(archive)
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
    """The first three monthly files, with their months changed to the quarter's."""
    moved = {}
    for (name, lines), month in zip(_months().items(), quarter.months, strict=False):
        before = Path(name).name[:7]
        moved[name.replace(before, month)] = [
            line.replace(f",{before},".encode(), f",{month},".encode()) for line in lines
        ]
    return moved


def _chunks(records: list[bytes], rows: int) -> Iterator[bytes]:
    endless = itertools.cycle(records)
    for start in range(0, rows, 10_000):
        yield b"".join(itertools.islice(endless, min(10_000, rows - start)))
