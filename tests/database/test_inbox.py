"""The inbox: new files, files that cannot be matched to a return, and files that we have already seen."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from sia.calendar import Quarter
from sia.contract.model import contract
from sia.feedback.digest import queue_digests
from sia.intake import admit, inbox
from tests.conftest import Warehouse
from tests.submissions import query
from tests.workbooks import QUARTER, as_bytes, filled, put

GOOD = as_bytes(filled())
DAY = date(2021, 7, 21)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def look(warehouse: Warehouse, place: Path, settling: float = 0.0) -> list[tuple[str, str]]:
    return [(pending.return_name, pending.quarter_key) for pending in inbox.look(warehouse.connection, place, settling)]


def receive(warehouse: Warehouse, place: Path, return_name: str = "sanctuary") -> list[int]:
    landing = place.parent / "landing"
    return admit.receive(warehouse.connection, contract(return_name), Quarter.parse(QUARTER), place, landing)


def problems(warehouse: Warehouse) -> list[tuple[str, str]]:
    return query(
        warehouse.connection, "SELECT place, problem FROM intake.inbox_file WHERE problem IS NOT NULL ORDER BY 1, 2"
    )


def test_a_file_is_new_until_it_is_received(warehouse: Warehouse, place: Path) -> None:
    assert look(warehouse, place) == []
    path = put(place, "return.xlsx", GOOD)
    (pending,) = inbox.look(warehouse.connection, place, 0)
    assert (pending.return_name, pending.quarter_key) == ("sanctuary", QUARTER)
    assert inbox.look(warehouse.connection, place, 0) == [pending], "the same files have the same key"
    assert len(receive(warehouse, place)) == 1
    assert look(warehouse, place) == []

    # The same bytes under another name are new once, but get no second receipt.
    put(place, "again.xlsx", GOOD)
    assert look(warehouse, place) == [("sanctuary", QUARTER)]
    receive(warehouse, place)
    assert look(warehouse, place) == []
    assert query(warehouse.connection, "SELECT count(*) FROM intake.submission") == [(1,)]

    # A correction under the same name is new.
    path.write_bytes(as_bytes(filled(synthetic="Yes")))
    (corrected,) = inbox.look(warehouse.connection, place, 0)
    assert corrected.key != pending.key
    # A file that leaves the inbox is forgotten, and starts nothing.
    receive(warehouse, place)
    path.unlink()
    assert look(warehouse, place) == []
    assert query(warehouse.connection, "SELECT count(*) FROM intake.inbox_file") == [(1,)]


@pytest.mark.parametrize("mount_point_left", [True, False])
def test_a_received_file_is_not_new_when_an_unmounted_inbox_is_back(
    warehouse: Warehouse, place: Path, mount_point_left: bool, caplog: pytest.LogCaptureFixture
) -> None:
    put(place, "return.xlsx", GOOD)
    put(place, "unmatched.xlsx", GOOD, return_name="unknown")
    receive(warehouse, place)
    assert look(warehouse, place) == []
    assert caplog.messages == []

    away = place.rename(place.parent / "unmounted")
    if mount_point_left:
        place.mkdir()
    assert look(warehouse, place) == []
    assert ["is it mounted?" in message for message in caplog.messages] == [True]
    # An unmatched file is not reported while it cannot be seen.
    assert problems(warehouse) == []

    if mount_point_left:
        place.rmdir()
    away.rename(place)
    assert look(warehouse, place) == []
    assert problems(warehouse) == [("", "no_return")]


@pytest.mark.parametrize("name", ["~$return.xlsx", ".hidden.xlsx", "return.xlsx.part", "Thumbs.db"])
def test_an_unfinished_or_hidden_file_is_ignored(warehouse: Warehouse, place: Path, name: str) -> None:
    put(place, name, GOOD)
    put(place, name, GOOD, return_name="unknown")
    assert look(warehouse, place) == []
    assert problems(warehouse) == []


def test_a_file_that_is_still_being_written_waits_for_the_next_look(warehouse: Warehouse, place: Path) -> None:
    path = put(place, "return.xlsx", GOOD[:100])
    finished = put(place, "return.xlsx", as_bytes(filled("mediation")), return_name="mediation")
    stop = threading.Event()

    def write_slowly() -> None:
        with path.open("ab") as file:
            while not stop.is_set():
                file.write(b"x")
                file.flush()
                time.sleep(0.02)

    writer = threading.Thread(target=write_slowly)
    writer.start()
    try:
        assert look(warehouse, place, settling=0.3) == [("mediation", QUARTER)]
    finally:
        stop.set()
        writer.join()
    finished.unlink()
    assert look(warehouse, place, settling=0.3) == [("sanctuary", QUARTER)]


def test_an_unmatched_file_is_reported_to_the_unit_without_its_name_until_it_is_moved(
    warehouse: Warehouse, place: Path
) -> None:
    name = "Florence Nightingale.xlsx"
    (place / name).write_bytes(GOOD)
    put(place, name, GOOD, return_name="Florence Nightingale")
    (place / "sanctuary").mkdir()
    (place / "sanctuary" / name).write_bytes(GOOD)
    for wrong in ("2021-22 Q1", "2021-22Q5", "2120-21Q1", "Florence Nightingale"):
        (place / "sanctuary" / wrong).mkdir()
        (place / "sanctuary" / wrong / name).write_bytes(GOOD)
    put(place, name, GOOD, "Florence Nightingale")
    put(place, name, GOOD, "received-2021-07-14", "sanctuary_contractor")
    put(place, name, GOOD, "received-2099-01-01")
    assert look(warehouse, place) == []
    assert problems(warehouse) == [
        ("", "no_return"),
        ("", "no_return"),
        *[("sanctuary", "no_quarter")] * 5,
        *[(f"sanctuary/{QUARTER}", "unknown_folder")] * 3,
    ]
    assert look(warehouse, place) == [], "an unmatched file starts nothing"

    assert queue_digests(warehouse.connection, DAY) == ["unit"]
    ((plain, html),) = query(warehouse.connection, "SELECT plain, html FROM feedback.letter")
    text = " ".join(plain.split())
    assert "2 files in inbox since" in text
    assert "5 files in inbox/sanctuary since" in text
    assert f"3 files in inbox/sanctuary/{QUARTER} since" in text
    assert "in a folder that is not named after a sender or a day" in text
    assert "Nightingale" not in plain + html
    everything = query(warehouse.connection, "SELECT inbox_file::text FROM intake.inbox_file")
    assert "Nightingale" not in str(everything)

    for path in list(place.rglob("*.xlsx")):
        path.unlink()
    assert look(warehouse, place) == []
    assert queue_digests(warehouse.connection, date(2021, 7, 22)) == []


def test_a_file_without_a_known_sender_is_reported_too(warehouse: Warehouse, place: Path) -> None:
    path = put(place, "4.csv", b"Indicator,Area,Number,Out of\n", return_name="indicators")
    assert look(warehouse, place) == [("indicators", QUARTER)]
    assert receive(warehouse, place, "indicators") == []
    assert look(warehouse, place) == [], "it starts no second run"
    assert problems(warehouse) == [(f"indicators/{QUARTER}", "no_sender")]
    assert queue_digests(warehouse.connection, DAY) == ["unit"]

    (path.parent / "daat").mkdir()
    path.rename(path.parent / "daat" / path.name)
    assert look(warehouse, place) == [("indicators", QUARTER)]
    assert receive(warehouse, place, "indicators") != []
    assert problems(warehouse) == []


def test_a_changed_file_with_its_old_time_is_new_by_its_size(warehouse: Warehouse, place: Path) -> None:
    path = put(place, "return.xlsx", GOOD)
    os.utime(path, (0, 0))
    receive(warehouse, place)
    path.write_bytes(as_bytes(filled(synthetic="Yes")))
    os.utime(path, (0, 0))
    assert look(warehouse, place) == [("sanctuary", QUARTER)]


def test_a_link_is_noted_and_not_followed(warehouse: Warehouse, place: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("canary", encoding="utf-8")
    folder = place / "sanctuary" / QUARTER
    folder.mkdir(parents=True)
    (folder / "return.csv").symlink_to(secret)
    (folder / "everything").symlink_to("/")
    (folder / "around").symlink_to(".")
    assert look(warehouse, place) == []
    assert receive(warehouse, place) == []
    assert problems(warehouse) == [(f"sanctuary/{QUARTER}", "link")] * 3
    assert not (tmp_path / "landing").exists()


def test_folders_in_one_another_keep_no_return_from_being_received(warehouse: Warehouse, place: Path) -> None:
    deep = place / "sanctuary" / QUARTER / Path(*["x"] * 200)
    deep.mkdir(parents=True)
    (deep / "return.xlsx").write_bytes(GOOD)
    put(place, "return.xlsx", GOOD)
    assert look(warehouse, place) == [("sanctuary", QUARTER)]
    assert len(receive(warehouse, place)) == 1
    assert problems(warehouse) == [(f"sanctuary/{QUARTER}", "too_deep")]


def test_a_file_that_is_too_large_is_refused_and_not_kept(warehouse: Warehouse, place: Path, tmp_path: Path) -> None:
    put(place, "return.xlsx", GOOD)
    with (place / "sanctuary" / QUARTER / "return.xlsx").open("r+b") as file:
        file.truncate(50_000_000_000)
    assert receive(warehouse, place) == receive(warehouse, place) == []
    assert not (tmp_path / "landing").exists()
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute(
            "SELECT status, landed_as, size_bytes, rule_id FROM intake.submission JOIN quality.finding"
            " USING (submission_id)"
        )
        assert cursor.fetchall() == [("refused", None, 50_000_000_000, "INT-SIZE-01")]
