"""Monthly police files, in an archive or alone: every line staged, or a reason; rows are made here."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.intake import admit, stage
from sia.paths import CONTRACTS, PROJECT
from sia.quality.validate import validate
from sia.settings import overridden
from sia.warehouse import invariants
from sia.warehouse.migrate import migrate
from tests.broken_files import new_kind
from tests.conftest import Warehouse
from tests.staged import findings, status
from tests.submissions import hand_in
from tests.workbooks import put

QUARTER = "2021-22Q4"
POLICE = contract("tvp_crime")
HEADINGS = ",".join(column.label for column in POLICE.tables[0].columns)
ROW = (
    ",{month},Thames Valley Police,Thames Valley Police,-1.257,51.752,On or near High Street,"
    "E01028522,Oxford 008A,Anti-social behaviour,,"
)


def street(month: str, rows: int = 3, newline: str = "\n", headings: str = HEADINGS, tail: str = "") -> bytes:
    return (newline.join([headings, *([ROW.format(month=month) + tail] * rows)]) + newline).encode()


def archive(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return buffer.getvalue()


def named(month: str, kind: str = "street", force: str = "thames-valley") -> str:
    return f"{month}/{month}-{force}-{kind}.csv"


def taken(warehouse: Warehouse, folder: Path, name: str, content: bytes) -> int:
    put(folder / "inbox", name, content, return_name="tvp_crime", quarter=QUARTER)
    for number in admit.receive(
        warehouse.connection, POLICE, Quarter.parse(QUARTER), folder / "inbox", folder / "landing"
    ):
        stage.stage(warehouse.connection, number, folder / "landing")
    ((newest,),) = query(warehouse, "SELECT max(submission_id) FROM intake.submission")
    return int(newest)


def query(warehouse: Warehouse, statement: str) -> list[tuple[Any, ...]]:
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def places(warehouse: Warehouse, number: int) -> list[tuple[str, str | None, int | None]]:
    return [(f.rule_id, f.sheet, f.row) for f in findings(warehouse.connection, number)]


def test_each_row_keeps_its_file_its_line_and_its_month(warehouse: Warehouse, tmp_path: Path) -> None:
    content = archive(
        **{
            named("2022-02"): street("2022-02", 2, "\r\n"),
            named("2022-01"): street("2022-01", 3)[:-1],
            named("2022-01", "outcomes"): b"x\n",
        }
    )
    number = taken(warehouse, tmp_path, "synthetic-archive.zip", content)
    assert status(warehouse.connection, number) == "staged"
    assert query(
        warehouse,
        f"SELECT r.row_number, f.sheet, r.row_number + f.line_offset, r.file_month, r.month, r.context IS NULL"
        f" FROM staging.tvp_crime_street_{number} r JOIN intake.staged_file f"
        f" ON f.submission_id = {number} AND r.row_number BETWEEN f.first_row AND f.last_row ORDER BY 1",
    ) == [
        (1, "2022-01-thames-valley-street.csv", 2, "2022-01", "2022-01", True),
        (2, "2022-01-thames-valley-street.csv", 3, "2022-01", "2022-01", True),
        (3, "2022-01-thames-valley-street.csv", 4, "2022-01", "2022-01", True),
        (4, "2022-02-thames-valley-street.csv", 2, "2022-02", "2022-02", True),
        (5, "2022-02-thames-valley-street.csv", 3, "2022-02", "2022-02", True),
    ]
    assert query(warehouse, "SELECT rows_read, rows_staged, rows_refused FROM quality.row_reconciliation") == [
        (5, 5, 0)
    ]
    assert query(warehouse, "SELECT synthetic FROM intake.submission") == [(True,)]
    assert places(warehouse, number) == [("INT-ARCHIVE-05", None, None)]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_single_file_is_staged_the_same_way(warehouse: Warehouse, tmp_path: Path, newline: str, mark: bytes) -> None:
    number = taken(warehouse, tmp_path, "2022-01-thames-valley-street.csv", mark + street("2022-01", 3, newline))
    assert status(warehouse.connection, number) == "staged"
    assert query(warehouse, f"SELECT count(*), min(file_month) FROM staging.tvp_crime_street_{number}") == [
        (3, "2022-01")
    ]


def test_the_windows_encoding_is_read(warehouse: Warehouse, tmp_path: Path) -> None:
    content = street("2022-01").replace(b"High Street", "Caf\u00e9 Row".encode("cp1252"))
    wide = street("2022-02", headings=HEADINGS + ",Notes", tail=",caf\u00e9").decode().encode("cp1252")
    number = taken(warehouse, tmp_path, "x.zip", archive(**{named("2022-01"): content, named("2022-02"): wide}))
    assert query(
        warehouse, f"SELECT row_number, location FROM staging.tvp_crime_street_{number} WHERE file_month = '2022-01'"
    ) == [(n, "On or near Caf\u00e9 Row") for n in (1, 2, 3)]
    assert query(warehouse, "SELECT first_row, last_row, line_offset FROM intake.staged_file ORDER BY 1") == [
        (1, 3, 1),
        (4, 6, -2),
    ]


def test_an_extra_column_is_never_stored(warehouse: Warehouse, tmp_path: Path) -> None:
    content = street("2022-01", headings=HEADINGS + ",Victim", tail=",Agnes Canary")
    number = taken(warehouse, tmp_path, "x.zip", archive(**{named("2022-01"): content}))
    assert status(warehouse.connection, number) == "staged"
    assert places(warehouse, number) == [("INT-HEADING-02", "2022-01-thames-valley-street.csv", 1)]
    kept = query(warehouse, f"SELECT s::text FROM staging.tvp_crime_street_{number} s")
    assert len(kept) == 3
    assert not [text for (text,) in kept if "Canary" in text]


NAME = "2022-02-thames-valley-street.csv"


@pytest.mark.parametrize(
    ("second_month", "expected"),
    [
        (street("2022-02") + b"too,few\n", ("INT-LINE-01", NAME, 5)),
        (street("2022-02") + b'"never closed' + street("2022-02"), ("INT-LINE-01", NAME, 8)),
        (
            street("2022-02").replace(b"High Street", b'"High\nStreet"').replace(b"On or near ", b""),
            ("INT-LINE-03", NAME, None),
        ),
        (street("2022-02").replace(b"High", b"\x81\x8d"), ("INT-TEXT-01", NAME, None)),
        (street("2022-02", headings=HEADINGS.replace("Location", "Place")), ("INT-HEADING-01", NAME, 1)),
        (b"", ("INT-TEMPLATE-04", NAME, 1)),
        (street("2022-02", headings=HEADINGS + ",Notes"), ("INT-LINE-01", NAME, 2)),
    ],
)
def test_one_bad_month_refuses_the_archive_and_leaves_nothing(
    warehouse: Warehouse, tmp_path: Path, second_month: bytes, expected: tuple[str, str | None, int | None]
) -> None:
    content = archive(**{named("2022-01"): street("2022-01"), named("2022-02"): second_month})
    number = taken(warehouse, tmp_path, "x.zip", content)
    assert status(warehouse.connection, number) == "refused"
    assert expected in places(warehouse, number)
    assert query(warehouse, "SELECT 1 FROM pg_tables WHERE schemaname = 'staging' AND tablename ~ '_[0-9]+$'") == []
    assert query(warehouse, "SELECT rows_staged, rows_read = rows_refused FROM quality.row_reconciliation") == [
        (0, True)
    ]


def test_a_new_kind_of_crime_stops_only_its_month(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    files = {named(month): street(month) for month in ("2022-01", "2022-03")}
    content = archive(**files, **{named("2022-02"): new_kind("2022-02")})
    number = hand_in(warehouse, tmp_path, content, "2022-04-20", "x.zip", "tvp_crime", quarter=QUARTER)
    assert status(warehouse.connection, number) == "accepted"
    assert query(warehouse, "SELECT rule_id, message FROM quality.finding") == [
        (
            "INT-ARCHIVE-11",
            "Fly tipping is a new entry of Crime type: 2 rows have it, first in February 2022. We left out the months"
            " that have it, and loaded the others. If it is right, change the contract: add it to the choices of"
            " crime_type in expectations/tvp_crime.yml, with the code fly_tipping. Then send the archive again.",
        )
    ]
    months = "SELECT to_char(lower(period), 'YYYY-MM') FROM warehouse.return_version WHERE upper_inf(known_during)"
    assert sorted(query(warehouse, months)) == [("2022-01",), ("2022-03",)]
    counted = "SELECT rows_read, rows_staged, rows_loaded, rows_refused FROM quality.row_reconciliation"
    assert query(warehouse, counted) == [(9, 6, 6, 3)]
    assert invariants.run(warehouse.connection) == []
    ((recipient, plain),) = query(warehouse, "SELECT recipient, plain FROM feedback.letter")
    assert recipient == "unit"
    assert "2022-02-thames-valley-street.csv, line 3 (Crime type)" in " ".join(plain.split())

    # Once the contract knows the kind, the same archive brings the month.
    crimes = CONTRACTS / "tvp_crime.yml"
    choice = "          - {code: burglary,"
    contracts = tmp_path / "contracts"
    shutil.copytree(CONTRACTS, contracts)
    (contracts / crimes.name).write_text(
        crimes.read_text().replace(choice, f'          - {{code: fly_tipping, label: "Fly tipping"}}\n{choice}')
    )
    with overridden(contracts=contracts):
        migrate(warehouse.connection)
        hand_in(warehouse, tmp_path, content, "2022-04-20", "x.zip", "tvp_crime", quarter=QUARTER)
        assert invariants.run(warehouse.connection) == []
    assert sorted(query(warehouse, months)) == [("2022-01",), ("2022-02",), ("2022-03",)]


def test_many_new_kinds_are_a_mistake_in_the_file(warehouse: Warehouse, tmp_path: Path) -> None:
    rows = [
        f"{n:064x}{ROW.format(month='2022-02')}".replace("Anti-social behaviour", f"Kind {chr(65 + n)}")
        for n in range(6)
    ]
    content = archive(
        **{named("2022-01"): street("2022-01"), named("2022-02"): "\n".join([HEADINGS, *rows, ""]).encode()}
    )
    number = taken(warehouse, tmp_path, "x.zip", content)
    validate(warehouse.connection, number)
    assert status(warehouse.connection, number) == "refused"
    assert places(warehouse, number) == [
        ("TVS-STREET-CRIME-TYPE-CHOICE", "2022-02-thames-valley-street.csv", line) for line in range(2, 8)
    ]


def test_a_damaged_month_is_a_finding_and_not_a_traceback(warehouse: Warehouse, tmp_path: Path) -> None:
    content = bytearray(archive(**{named("2022-01"): street("2022-01", 4_000)}))
    content[120] ^= 0xFF
    number = taken(warehouse, tmp_path, "x.zip", bytes(content))
    assert places(warehouse, number) == [("INT-FORMAT-03", None, None)]
    assert status(warehouse.connection, number) == "refused"


def test_a_bug_is_not_reported_as_a_damaged_month(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("ours")

    monkeypatch.setattr("sia.intake.readers.monthly_archive.match_headings", broken)
    with pytest.raises(KeyError, match="ours"):
        taken(warehouse, tmp_path, "x.zip", archive(**{named("2022-01"): street("2022-01")}))


STAGE = """
import resource, sys
from sia.intake import stage
from sia.warehouse import database
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with database.connection() as connection:
    stage.stage(connection, int(sys.argv[1]), sys.argv[2])
    small = peak()
    stage.stage(connection, int(sys.argv[3]), sys.argv[2])
print(peak() - small)
"""


def test_a_large_archive_needs_no_more_memory_than_a_small_one(warehouse: Warehouse, tmp_path: Path) -> None:
    rows = [ROW.format(month="2022-01").replace("-1.257", f"-1.{n:06d}") for n in range(400_000)]
    large = ("\r\n".join([HEADINGS, *rows]) + "\r\n").encode()
    put(tmp_path / "inbox", "large.zip", archive(**{named("2022-01"): large}), return_name="tvp_crime", quarter=QUARTER)
    small = archive(**{named("2022-02"): street("2022-02", 10)})
    put(tmp_path / "inbox", "small.zip", small, "received-2022-04-01", return_name="tvp_crime", quarter=QUARTER)
    first, second = admit.receive(
        warehouse.connection, POLICE, Quarter.parse(QUARTER), tmp_path / "inbox", tmp_path / "landing"
    )
    done = subprocess.run(
        [sys.executable, "-c", STAGE, str(first), str(tmp_path / "landing"), str(second)],
        env={**os.environ, "PYTHONPATH": str(PROJECT / "plugins")},
        capture_output=True,
        text=True,
        check=True,
    )
    # In kilobytes. A process of its own, because a process's peak never falls again.
    assert len(large) > 50_000_000
    assert int(done.stdout) < 20_000
    assert query(warehouse, "SELECT rows_staged FROM quality.row_reconciliation ORDER BY 1") == [(10,), (400_000,)]
