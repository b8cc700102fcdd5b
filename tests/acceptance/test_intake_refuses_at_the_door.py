"""A file in the inbox: a receipt, or one plain reason. Which files each common rule refuses is in ``broken_files``."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from sia.calendar import LONDON, Quarter
from sia.contract.model import Validity, contract
from sia.intake import admit
from sia.storage import landing
from sia.storage.folders import folder_at
from tests.broken_files import GOOD
from tests.conftest import Warehouse
from tests.own_registers import replace_register
from tests.workbooks import QUARTER, as_bytes, filled, put

IN_QUARTER = Quarter.parse(QUARTER)
SENT = f"sanctuary/{QUARTER}/received-2021-07-11/Jane Canary.xlsx"
SANCTUARY = contract("sanctuary")


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "inbox", tmp_path / "landing"


def receive(
    warehouse: Warehouse, folders: tuple[Path, Path], return_name: str = "sanctuary", quarter: str = QUARTER
) -> list[int]:
    return admit.receive(warehouse.connection, contract(return_name), Quarter.parse(quarter), *folders)


def query(warehouse: Warehouse, statement: str) -> list[tuple[Any, ...]]:
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def test_a_return_that_is_not_due_from_the_sender_is_refused(warehouse: Warehouse, folders: tuple[Path, Path]) -> None:
    ended = SANCTUARY.model_copy(update={"ends": IN_QUARTER.start.replace(year=2020)})
    put(folders[0], "return.xlsx", GOOD)
    assert admit.receive(warehouse.connection, ended, IN_QUARTER, *folders) == []
    assert query(warehouse, "SELECT rule_id FROM quality.finding") == [("INT-QUARTER-02",)]


def test_a_sender_who_owes_it_only_from_a_day_is_refused_before(
    warehouse: Warehouse, folders: tuple[Path, Path]
) -> None:
    later = {"sanctuary_contractor": Validity(starts=IN_QUARTER.next().start)}
    put(folders[0], "return.xlsx", GOOD)
    admit.receive(warehouse.connection, SANCTUARY.model_copy(update={"sender_dates": later}), IN_QUARTER, *folders)
    assert query(warehouse, "SELECT rule_id FROM quality.finding") == [("INT-QUARTER-02",)]


AGREEMENT = "agreements: [{{source: sanctuary_contractor, reference: DSA-T, signed: 2021-07-01, review_by: {}}}]"


def test_without_an_agreement_in_force_a_file_is_refused_unread_and_not_kept(
    warehouse: Warehouse, folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = replace_register(monkeypatch, tmp_path, "agreements.yml", AGREEMENT.format("2021-07-10"))
    put(folders[0], "Jane Canary.xlsx", GOOD, "received-2021-07-11")
    with monkeypatch.context() as patch:
        patch.delattr(admit, "open_file")  # opening the file would fail
        assert receive(warehouse, folders) == receive(warehouse, folders) == []
    ((status, landed_as, digest, message),) = query(
        warehouse,
        "SELECT status, landed_as, content_hash, message"
        " FROM intake.submission JOIN quality.finding USING (submission_id)",
    )
    assert (status, landed_as, digest) == ("refused", None, landing.fingerprint(folders[0] / SENT)[0])
    assert message.startswith("We have no current data-sharing agreement with Sanctuary scheme contractor")
    assert not folders[1].exists()

    # Once the agreement is signed, the same bytes are accepted.
    register.write_text(AGREEMENT.format("2024-07-10"), encoding="utf-8")
    assert len(receive(warehouse, folders)) == 1
    assert receive(warehouse, folders) != []
    statuses = query(warehouse, "SELECT status FROM intake.submission ORDER BY submission_id")
    assert statuses == [("refused",), ("received",)]


def test_an_older_template_is_accepted_until_its_last_day(warehouse: Warehouse, folders: tuple[Path, Path]) -> None:
    newer = SANCTUARY.model_copy(
        update={
            "version": "2021.1",
            "accepted_versions": {"2017.1": Validity(until=IN_QUARTER.end.replace(month=7, day=15))},
        }
    )
    put(folders[0], "in time.xlsx", GOOD, "received-2021-07-14")
    put(folders[0], "too late.xlsx", as_bytes(filled(synthetic="Yes")), "received-2021-07-15")
    assert len(admit.receive(warehouse.connection, newer, IN_QUARTER, *folders)) == 1
    statuses = query(warehouse, "SELECT status FROM intake.submission ORDER BY received_at")
    assert statuses == [("received",), ("refused",)]


def test_a_receipt_a_landed_copy_and_the_same_bytes_only_once(warehouse: Warehouse, folders: tuple[Path, Path]) -> None:
    inbox, landed = folders
    put(inbox, "Sanctuary Q1 (final).xlsx", GOOD)
    (number,) = receive(warehouse, folders)
    assert receive(warehouse, folders) == [number]
    put(inbox, "the same again.xlsx", GOOD, "received-2021-07-20")
    assert receive(warehouse, folders) == [number]
    ((receipt, name, landed_as, digest, size, synthetic),) = query(
        warehouse, "SELECT receipt, file_name, landed_as, content_hash, size_bytes, synthetic FROM intake.submission"
    )
    assert receipt == f"SAN-2021-22Q1-{number:06d}"
    assert name == "sanctuary.xlsx"
    assert landed_as == f"sanctuary/{digest}.xlsx"
    assert (size, synthetic) == (len(GOOD), False)
    assert (landed / landed_as).read_bytes() == GOOD
    assert [path.name for path in (landed / "sanctuary").iterdir()] == [f"{digest}.xlsx"]


def test_what_was_sent_last_counts_also_if_it_was_sent_before(warehouse: Warehouse, folders: tuple[Path, Path]) -> None:
    first, second = GOOD, as_bytes(filled(synthetic="Yes"))
    for name, content in (("a.xlsx", first), ("b.xlsx", second), ("a again.xlsx", first), ("once more.xlsx", first)):
        put(folders[0], name, content)
        receive(warehouse, folders)
        receive(warehouse, folders)
    hashes = query(warehouse, "SELECT content_hash FROM intake.submission ORDER BY submission_id")
    assert len(hashes) == 3
    assert hashes[0] == hashes[2] != hashes[1]


def test_a_folder_that_is_mounted_again_sends_nothing_again(warehouse: Warehouse, folders: tuple[Path, Path]) -> None:
    for name, content in (("z.xlsx", GOOD), ("a.xlsx", as_bytes(filled(synthetic="Yes")))):
        put(folders[0], name, content)
        receive(warehouse, folders)
    query(warehouse, "DELETE FROM intake.inbox_file RETURNING 1")
    receive(warehouse, folders)
    assert query(warehouse, "SELECT count(*) FROM intake.submission") == [(2,)]


def test_a_refused_file_that_is_sent_again_is_checked_again(warehouse: Warehouse, folders: tuple[Path, Path]) -> None:
    """A rule may have been corrected since, or a waiver recorded."""
    later = SANCTUARY.model_copy(update={"sender_dates": {"sanctuary_contractor": Validity(starts=date(2030, 1, 1))}})
    put(folders[0], "return.xlsx", GOOD)
    assert admit.receive(warehouse.connection, later, IN_QUARTER, *folders) == []
    assert receive(warehouse, folders) == []
    put(folders[0], "sent again.xlsx", GOOD)
    assert len(receive(warehouse, folders)) == 1
    statuses = query(warehouse, "SELECT status FROM intake.submission ORDER BY submission_id")
    assert statuses == [("refused",), ("received",)]


def test_a_decided_submission_is_not_received_again(warehouse: Warehouse, folders: tuple[Path, Path]) -> None:
    put(folders[0], "return.xlsx", GOOD)
    receive(warehouse, folders)
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute("UPDATE intake.submission SET status = 'accepted', decided_at = clock_timestamp()")
    assert receive(warehouse, folders) == []


def test_files_are_received_in_the_order_of_their_arrival(warehouse: Warehouse, folders: tuple[Path, Path]) -> None:
    inbox, _ = folders
    versions = [
        as_bytes(filled(rows={"cameras": []}, source=s))
        for s in ("sanctuary_contractor", "Sanctuary scheme contractor")
    ]
    paths = {
        "now.xlsx": put(inbox, "now.xlsx", GOOD),
        "b.xlsx": put(inbox, "b.xlsx", versions[0], "received-2020-09-01"),
        "a.xlsx": put(inbox, "a.xlsx", versions[1], "received-2020-09-01"),
        "z.xlsx": put(
            inbox, "z.xlsx", as_bytes(filled(synthetic="Yes")), "sanctuary_contractor", "received-2019-06-14"
        ),
    }
    numbers = receive(warehouse, folders)
    received = query(
        warehouse,
        "SELECT submission_id, content_hash, received_at, synthetic FROM intake.submission ORDER BY received_at",
    )
    assert [row[0] for row in received] == numbers == sorted(numbers)
    sent = (paths["z.xlsx"], paths["a.xlsx"], paths["b.xlsx"], paths["now.xlsx"])
    assert [row[1] for row in received] == [landing.fingerprint(path)[0] for path in sent]
    assert [row[2] for row in received[:3]] == [
        datetime(2019, 6, 14, 9, tzinfo=LONDON),
        datetime(2020, 9, 1, 9, tzinfo=LONDON),
        datetime(2020, 9, 1, 9, 0, 1, tzinfo=LONDON),
    ]
    assert [row[3] for row in received] == [True, False, False, False]


@pytest.mark.parametrize("name", ["~$return.xlsx", ".hidden.xlsx", "return.xlsx.part", "return.tmp", "Thumbs.db"])
def test_unfinished_and_hidden_files_are_left_alone(
    warehouse: Warehouse, folders: tuple[Path, Path], name: str
) -> None:
    put(folders[0], name, GOOD)
    assert receive(warehouse, folders) == []
    assert query(warehouse, "SELECT * FROM intake.submission") == []


def test_a_file_that_is_still_being_written_waits_for_the_next_run(
    warehouse: Warehouse, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folders[0], "return.xlsx", GOOD)
    with monkeypatch.context() as patch:
        patch.setattr(admit, "fingerprint", lambda path, most: ("0" * 64, 1))
        assert receive(warehouse, folders) == []
    assert list((folders[1] / "sanctuary").iterdir()) == []
    assert len(receive(warehouse, folders)) == 1


def test_the_folder_or_the_cover_names_the_sender_if_there_are_several(
    warehouse: Warehouse, folders: tuple[Path, Path]
) -> None:
    for n, (source, folder) in enumerate([("daat", ["daat"]), ("csps", []), ("odasg", ["daat"])]):
        put(folders[0], f"{n}.xlsx", as_bytes(filled("indicators", source=source)), *folder, return_name="indicators")
    put(folders[0], "3.csv", b"Indicator,Area,Number,Out of\n", return_name="indicators")
    receive(warehouse, folders, "indicators")
    received = query(warehouse, "SELECT source, status FROM intake.submission ORDER BY received_at")
    assert received == [("daat", "received"), ("csps", "received"), ("daat", "refused")]
    assert query(warehouse, "SELECT rule_id FROM quality.finding") == [("INT-SOURCE-01",)]
    noted = query(warehouse, "SELECT problem, count(*) FROM intake.inbox_file GROUP BY problem ORDER BY problem")
    assert noted == [("no_sender", 1), (None, 3)]


def test_an_empty_inbox_is_not_an_error(warehouse: Warehouse, folders: tuple[Path, Path]) -> None:
    assert receive(warehouse, folders) == []


def test_addresses_become_airflow_paths_and_paths_stay_paths(tmp_path: Path) -> None:
    assert folder_at(str(tmp_path)) == folder_at(tmp_path) == folder_at(f"file://{tmp_path}") == tmp_path
