"""The archive of data.police.uk is downloaded and loaded: only our force's new months, and only once."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sia.data_police_uk import delivery
from sia.data_police_uk.delivery import Delivery
from sia.errors import PermanentError
from sia.settings import settings
from tests.broken_files import packed
from tests.conftest import Warehouse
from tests.http_server import Site, serving
from tests.published_archive import archive, monthly_file
from tests.steps import take
from tests.submissions import query
from tests.workbooks import put

RETURNS = ("tvp_crime", "tvp_outcomes")
AUTUMN = ("2021-10", "2021-11", "2021-12")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with serving(archive(("2017-03", *AUTUMN))) as address:
        monkeypatch.setenv("SIA_STATE", str(tmp_path))
        monkeypatch.setenv("SIA_POLICE_ARCHIVE", address.address)
        yield address


def ours() -> bytes:
    """The autumn's files of our force alone, as somebody downloads them."""
    return archive(AUTUMN, forces=("thames-valley",))


def deliver(warehouse: Warehouse, state: Path) -> list[Delivery]:
    return delivery.deliver(warehouse.connection, state / "inbox", state / "fetched")


def ingest(quarter: str) -> dict[str, list[dict[str, Any]]]:
    return {name: take(name, quarter) for name in RETURNS}


def months_loaded(warehouse: Warehouse, return_name: str) -> list[str]:
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_char(lower(period), 'YYYY-MM') FROM warehouse.return_version WHERE return_name = %s ORDER BY 1",
            (return_name,),
        )
        return [month for (month,) in cursor.fetchall()]


def test_published_months_are_loaded_once(warehouse: Warehouse, site: Site, tmp_path: Path) -> None:
    assert deliver(warehouse, tmp_path) == [
        Delivery("tvp_crime", "2021-22Q3", 3),
        Delivery("tvp_outcomes", "2021-22Q3", 3),
    ]
    outcomes = ingest("2021-22Q3")
    assert [(outcome["status"], outcome["rows_loaded"], outcome["warnings"]) for outcome in outcomes["tvp_crime"]] == [
        ("accepted", 6, 0)
    ]
    assert [
        (outcome["status"], outcome["rows_loaded"], outcome["warnings"]) for outcome in outcomes["tvp_outcomes"]
    ] == [("accepted", 3, 0)]
    # No return was due for March 2017, and we load no other force's crimes.
    assert months_loaded(warehouse, "tvp_crime") == months_loaded(warehouse, "tvp_outcomes") == list(AUTUMN)

    assert deliver(warehouse, tmp_path) == []
    assert site.statuses == [200, 304]

    site.publish(archive((*AUTUMN, "2022-01")))
    assert deliver(warehouse, tmp_path) == [
        Delivery("tvp_crime", "2021-22Q4", 1),
        Delivery("tvp_outcomes", "2021-22Q4", 1),
    ]
    with zipfile.ZipFile(tmp_path / "inbox/tvp_crime/2021-22Q4/data-police-uk-2022-01.zip") as chosen:
        assert chosen.namelist() == ["2022-01/2022-01-thames-valley-street.csv"]
    ingest("2021-22Q4")
    assert months_loaded(warehouse, "tvp_crime") == [*AUTUMN, "2022-01"]
    assert not list((tmp_path / "fetched").glob("archive*"))


def test_one_archive_of_several_quarters_fills_them_all(warehouse: Warehouse, site: Site, tmp_path: Path) -> None:
    months = ["2021-02", "2021-03", "2021-04", "2021-08", *AUTUMN]
    site.publish(archive(months))
    assert [delivered.quarter_key for delivered in deliver(warehouse, tmp_path)] == ["2021-22Q3", "2021-22Q3"]
    (outcome,) = ingest("2021-22Q3")["tvp_crime"]
    assert outcome["quarters_loaded"] == ["2020-21Q4", "2021-22Q1", "2021-22Q2", "2021-22Q3"]
    assert months_loaded(warehouse, "tvp_crime") == months


def test_a_month_that_was_delivered_and_not_loaded_is_delivered_again(
    warehouse: Warehouse, site: Site, tmp_path: Path
) -> None:
    first = deliver(warehouse, tmp_path)
    delivered = {path: path.read_bytes() for path in (tmp_path / "inbox").rglob("*.zip")}
    assert deliver(warehouse, tmp_path) == first
    assert {path: path.read_bytes() for path in (tmp_path / "inbox").rglob("*.zip")} == delivered


def test_a_revised_month_is_noticed_loaded_and_told(warehouse: Warehouse, site: Site, tmp_path: Path) -> None:
    deliver(warehouse, tmp_path)
    ingest("2021-22Q3")
    first, *rest = AUTUMN
    lines = {month: monthly_file("street", month).splitlines(keepends=True) for month in AUTUMN}
    lines[first].append(lines[first][-1])
    # The latest outcome is another: that is not a reason to load the month again.
    lines[rest[0]][1] = lines[rest[0]][1].replace("Under investigation", "Suspect charged")
    revised = {f"{month}/{month}-thames-valley-street.csv": "".join(text).encode() for month, text in lines.items()}
    outcomes = {
        f"{month}/{month}-thames-valley-outcomes.csv": monthly_file("outcomes", month).encode() for month in AUTUMN
    }
    site.publish(packed(revised | outcomes))
    assert deliver(warehouse, tmp_path) == [Delivery("tvp_crime", "2021-22Q3", 1)]
    take("tvp_crime", "2021-22Q3")
    assert query(
        warehouse.connection, "SELECT message FROM quality.finding WHERE rule_id = 'INT-REVISED-01' ORDER BY message"
    ) == [
        (
            "The publisher has revised October 2021. It now has 3 records, 1 more than before. We use the new figures."
            " Check them before you publish anything for that month.",
        )
    ]
    assert months_loaded(warehouse, "tvp_crime") == sorted([*AUTUMN, first])
    site.publish(packed(revised | outcomes), tag='"the same months again"')
    assert deliver(warehouse, tmp_path) == []


def test_months_received_during_the_download_are_not_delivered_again(
    warehouse: Warehouse, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = delivery.fetch

    def slowly(*given: Any, **named: Any) -> Any:
        for name in RETURNS:
            put(tmp_path / "inbox", "another-way.zip", ours(), return_name=name, quarter="2021-22Q3")
        ingest("2021-22Q3")
        return fetch(*given, **named)

    monkeypatch.setattr(delivery, "fetch", slowly)
    assert deliver(warehouse, tmp_path) == []
    assert not list((tmp_path / "inbox").rglob("data-police-uk*"))


def test_synthetic_months_are_replaced_by_real_ones(warehouse: Warehouse, site: Site, tmp_path: Path) -> None:
    put(tmp_path / "inbox", "synthetic-crimes.zip", ours(), return_name="tvp_crime", quarter="2021-22Q3")
    ingest("2021-22Q3")
    assert months_loaded(warehouse, "tvp_crime") == list(AUTUMN)
    assert [(delivered.return_name, delivered.months) for delivered in deliver(warehouse, tmp_path)] == [
        ("tvp_crime", 3),
        ("tvp_outcomes", 3),
    ]
    ingest("2021-22Q3")
    assert deliver(warehouse, tmp_path) == []


def test_an_archive_without_our_force_gives_nothing(warehouse: Warehouse, site: Site, tmp_path: Path) -> None:
    site.publish(archive(AUTUMN, forces=("gloucestershire",)))
    assert deliver(warehouse, tmp_path) == []
    assert not (tmp_path / "inbox").exists()


def test_after_a_broken_connection_the_inbox_is_unchanged_and_the_download_continues(
    warehouse: Warehouse, site: Site, tmp_path: Path
) -> None:
    site.close_after_bytes = len(site.content) // 2
    with pytest.raises(ConnectionError):
        deliver(warehouse, tmp_path)
    assert not (tmp_path / "inbox").exists()
    assert len(deliver(warehouse, tmp_path)) == 2
    assert site.statuses == [200, 206]
    assert site.bytes_sent == len(site.content)


def test_a_truncated_note_is_ignored(warehouse: Warehouse, site: Site, tmp_path: Path) -> None:
    deliver(warehouse, tmp_path)
    ingest("2021-22Q3")
    note = tmp_path / "fetched" / "taken.json"
    note.write_bytes(note.read_bytes()[:20])
    assert deliver(warehouse, tmp_path) == []
    assert deliver(warehouse, tmp_path) == []
    assert site.statuses == [200, 200, 304]


def test_a_damaged_archive_leaves_no_partial_files(warehouse: Warehouse, site: Site, tmp_path: Path) -> None:
    content = bytearray(site.content)
    middle = content.index(b"2021-12-thames-valley-street.csv") + 60
    content[middle : middle + 40] = bytes(40)
    site.publish(bytes(content))
    with pytest.raises(PermanentError, match="was published damaged"):
        deliver(warehouse, tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_without_a_setting_the_newest_archive_is_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIA_POLICE_ARCHIVE", raising=False)
    assert settings().police_archive == "https://data.police.uk/data/archive/latest.zip"
