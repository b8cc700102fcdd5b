"""A file in the inbox: a receipt, or one plain reason. Files are made here, one for each kind of fault."""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from sia.calendar import LONDON, Quarter
from sia.contract.model import Validity, contract
from sia.intake import admit
from sia.storage import landing
from tests.conftest import Warehouse
from tests.workbooks import QUARTER, as_bytes, filled, put, sheet_of

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


def repacked(content: bytes, *, without: str = "", plus: dict[str, bytes] | None = None) -> bytes:
    """The same package with a member left out or replaced, and members added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != without and name not in (plus or {}):
                new.writestr(name, old.read(name))
        for name, added in (plus or {}).items():
            new.writestr(name, added)
    return buffer.getvalue()


def changed(content: bytes, member: str, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        was = package.read(member)
    assert old in was
    return repacked(content, plus={member: was.replace(old, new)})


def _empty_zip() -> bytes:
    buffer = io.BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    return buffer.getvalue()


GOOD = as_bytes(filled())
NAMES_MACROS = (b"spreadsheetml.sheet.main", b"spreadsheetml.sheet.macroEnabled.main")
# Not opened but for a look at what is merged: as cells it would fill the memory.
MERGED = (b"</sheetData>", b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>')
NO_BLOCK = (b"</sheetData>", b'</sheetData><mergeCells count="1"><mergeCell ref="all"/></mergeCells>')
LINKED = (
    b"</Relationships>",
    b'<Relationship Id="r" Type="x/oleObject" Target="file:///c:/x.xlsx" TargetMode="External"/></Relationships>',
)


def ods(content: bytes = b"<x/>") -> bytes:
    mimetype = b"application/vnd.oasis.opendocument.spreadsheet"
    return repacked(_empty_zip(), plus={"mimetype": mimetype, "content.xml": content})


def plus(member: str, content: bytes = GOOD) -> bytes:
    return repacked(content, plus={member: b"<x/>"})


def cover(**said: str) -> bytes:
    return as_bytes(filled(**said))  # type: ignore[arg-type]


def without_tag() -> bytes:
    book = filled()
    sheet_of(book, "Cover")["A3"] = "Cover sheet"
    return as_bytes(book)


def foreign() -> bytes:
    book = Workbook()
    book.worksheets[0].append(["Agnes Canary", 4])
    return as_bytes(book)


BROKEN: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": ("return.xlsx", lambda: b"", "INT-SIZE-02"),
    "too large": ("return.xlsx", lambda: GOOD + b"\0" * 10_000_001, "INT-SIZE-01"),
    "macros by name": ("return.xlsm", lambda: GOOD, "INT-MACRO-01"),
    "macros inside": ("return.xlsx", lambda: plus("xl/vbaProject.bin"), "INT-MACRO-01"),
    "macros by type": (
        "return.xlsx",
        lambda: changed(GOOD, "[Content_Types].xml", *NAMES_MACROS),
        "INT-MACRO-01",
    ),
    "another format": ("return.pdf", lambda: b"%PDF-1.7 ...", "INT-FORMAT-01"),
    "a picture": ("return.xlsx", lambda: b"\x89PNG\r\n\x1a\n\0\0", "INT-FORMAT-02"),
    "a CSV named as workbook": ("return.xlsx", lambda: b"a,b\n1,2\n", "INT-FORMAT-02"),
    "a spreadsheet of the other kind": ("return.ods", lambda: GOOD, "INT-FORMAT-02"),
    "a CSV that is not taken": ("return.csv", lambda: b"a,b\n1,2\n", "INT-FORMAT-01"),
    "cut off": ("return.xlsx", lambda: GOOD[: len(GOOD) // 2], "INT-FORMAT-03"),
    "no workbook inside": ("return.xlsx", lambda: repacked(GOOD, without="xl/workbook.xml"), "INT-FORMAT-03"),
    "sheet not XML": (
        "return.xlsx",
        lambda: repacked(GOOD, plus={"xl/worksheets/sheet1.xml": b"<worksheet><sheetData>#cover<row"}),
        "INT-FORMAT-03",
    ),
    "old Excel": ("return.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "INT-FORMAT-04"),
    "binary Excel": ("return.xlsx", lambda: plus("xl/workbook.bin"), "INT-FORMAT-04"),
    "password": (
        "return.xlsx",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "INT-LOCKED-01",
    ),
    "password, ods": (
        "return.ods",
        lambda: repacked(ods(), plus={"META-INF/manifest.xml": b"<manifest:encryption-data/>"}),
        "INT-LOCKED-01",
    ),
    "bomb": ("return.xlsx", lambda: repacked(GOOD, plus={"xl/media/x.xml": b"0" * 30_000_000}), "INT-ZIP-01"),
    "path that leads outside": ("return.xlsx", lambda: plus("../../etc/x"), "INT-ZIP-02"),
    "external workbook": ("return.xlsx", lambda: plus("xl/externalLinks/externalLink1.xml"), "INT-LINK-01"),
    "data connection": ("return.xlsx", lambda: plus("xl/connections.xml"), "INT-LINK-01"),
    "outside relation": ("return.xlsx", lambda: changed(GOOD, "xl/_rels/workbook.xml.rels", *LINKED), "INT-LINK-01"),
    "linked ods": ("return.ods", lambda: ods(b"<x><table:table-source/></x>"), "INT-LINK-01"),
    "merged over all": ("return.xlsx", lambda: changed(GOOD, "xl/worksheets/sheet2.xml", *MERGED), "INT-MERGED-02"),
    "merged badly": ("return.xlsx", lambda: changed(GOOD, "xl/worksheets/sheet2.xml", *NO_BLOCK), "INT-FORMAT-03"),
    "embedded object": ("return.xlsx", lambda: plus("xl/embeddings/oleObject1.bin"), "INT-OBJECT-01"),
    "embedded object, ods": ("return.ods", lambda: plus("Object 1/content.xml", ods()), "INT-OBJECT-01"),
    "macros, ods": ("return.ods", lambda: plus("Basic/Standard/x.xml", ods()), "INT-MACRO-01"),
    "entities": (
        "return.xlsx",
        lambda: changed(GOOD, "xl/workbook.xml", b"<workbook", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><workbook'),
        "INT-XML-01",
    ),
    "entities, ods": ("return.ods", lambda: ods(b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'), "INT-XML-01"),
    "foreign workbook": ("return.xlsx", foreign, "INT-TEMPLATE-01"),
    "tag removed": ("return.xlsx", without_tag, "INT-TEMPLATE-01"),
    "another return": ("return.xlsx", lambda: cover(return_name="mediation"), "INT-TEMPLATE-02"),
    "wrong version": ("return.xlsx", lambda: cover(version="2016.2"), "INT-TEMPLATE-03"),
    "wrong source": ("return.xlsx", lambda: cover(source="odas"), "INT-SOURCE-01"),
    "wrong quarter": ("return.xlsx", lambda: cover(quarter="2021-22Q2"), "INT-QUARTER-01"),
    "no quarter": ("return.xlsx", lambda: cover(quarter="spring"), "INT-QUARTER-01"),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_a_file_that_is_not_safe_or_not_ours_is_refused_with_one_reason(
    warehouse: Warehouse, folders: tuple[Path, Path], fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    name, make, rule = BROKEN[fault]
    put(folders[0], name, make())
    with caplog.at_level(logging.DEBUG):
        assert receive(warehouse, folders) == []
    assert query(warehouse, "SELECT status, decided_at IS NOT NULL FROM intake.submission") == [("refused", True)]
    assert query(warehouse, "SELECT rule_id FROM quality.finding") == [(rule,)]
    (said,) = query(warehouse, "SELECT message FROM quality.finding")
    assert "{" not in said[0]
    assert "Canary" not in said[0] + caplog.text
    assert query(warehouse, "SELECT 1 FROM pg_tables WHERE schemaname = 'staging' AND tablename ~ '[0-9]+$'") == []


def test_a_return_that_is_not_owed_is_refused(warehouse: Warehouse, folders: tuple[Path, Path]) -> None:
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
    register = tmp_path / "agreements.yml"
    register.write_text(AGREEMENT.format("2021-07-10"), encoding="utf-8")
    monkeypatch.setenv("SIA_AGREEMENTS", str(register))
    put(folders[0], "Jane Canary.xlsx", GOOD, "received-2021-07-11")
    with monkeypatch.context() as patch:
        patch.delattr(admit, "open_file")  # whoever opens the file fails
        assert receive(warehouse, folders) == receive(warehouse, folders) == []
    ((status, landed_as, digest, message),) = query(
        warehouse,
        "SELECT status, landed_as, content_hash, message"
        " FROM intake.submission JOIN quality.finding USING (submission_id)",
    )
    assert (status, landed_as, digest) == ("refused", None, landing.fingerprint(folders[0] / SENT)[0])
    assert message.startswith("No data-sharing agreement with Sanctuary scheme contractor is in force")
    assert not folders[1].exists()

    # Signed: the same bytes, sent again, are taken.
    register.write_text(AGREEMENT.format("2024-07-10"), encoding="utf-8")
    assert len(receive(warehouse, folders)) == 1
    assert receive(warehouse, folders) != []
    statuses = query(warehouse, "SELECT status FROM intake.submission ORDER BY submission_id")
    assert statuses == [("refused",), ("received",)]


def test_an_older_template_is_taken_until_its_day(warehouse: Warehouse, folders: tuple[Path, Path]) -> None:
    newer = SANCTUARY.model_copy(
        update={
            "version": "2021.1",
            "accepted_versions": {"2017.1": Validity(until=IN_QUARTER.end.replace(month=7, day=15))},
        }
    )
    put(folders[0], "in time.xlsx", GOOD, "received-2021-07-14")
    put(folders[0], "too late.xlsx", as_bytes(filled(synthetic="Yes")), "received-2021-07-15")
    assert len(admit.receive(warehouse.connection, newer, IN_QUARTER, *folders)) == 1
    found = query(warehouse, "SELECT status FROM intake.submission ORDER BY received_at")
    assert found == [("received",), ("refused",)]


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


def test_a_decided_submission_is_not_given_again(warehouse: Warehouse, folders: tuple[Path, Path]) -> None:
    put(folders[0], "return.xlsx", GOOD)
    receive(warehouse, folders)
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute("UPDATE intake.submission SET status = 'accepted', decided_at = clock_timestamp()")
    assert receive(warehouse, folders) == []


def test_files_come_in_the_order_in_which_they_were_received(warehouse: Warehouse, folders: tuple[Path, Path]) -> None:
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
    found = query(
        warehouse,
        "SELECT submission_id, content_hash, received_at, synthetic FROM intake.submission ORDER BY received_at",
    )
    assert [row[0] for row in found] == numbers == sorted(numbers)
    sent = (paths["z.xlsx"], paths["a.xlsx"], paths["b.xlsx"], paths["now.xlsx"])
    assert [row[1] for row in found] == [landing.fingerprint(path)[0] for path in sent]
    assert [row[2] for row in found[:3]] == [
        datetime(2019, 6, 14, 9, tzinfo=LONDON),
        datetime(2020, 9, 1, 9, tzinfo=LONDON),
        datetime(2020, 9, 1, 9, 0, 1, tzinfo=LONDON),
    ]
    assert [row[3] for row in found] == [True, False, False, False]


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
        patch.setattr(admit, "fingerprint", lambda path: ("0" * 64, 1))
        assert receive(warehouse, folders) == []
    assert list((folders[1] / "sanctuary").iterdir()) == []
    assert len(receive(warehouse, folders)) == 1


def test_where_several_may_send_the_folder_or_the_cover_says_who(
    warehouse: Warehouse, folders: tuple[Path, Path]
) -> None:
    for n, (source, folder) in enumerate([("daat", ["daat"]), ("csps", []), ("odasg", ["daat"])]):
        put(folders[0], f"{n}.xlsx", as_bytes(filled("indicators", source=source)), *folder, return_name="indicators")
    put(folders[0], "3.csv", b"Indicator,Area,Number,Out of\n", return_name="indicators")
    receive(warehouse, folders, "indicators")
    found = query(warehouse, "SELECT source, status FROM intake.submission ORDER BY received_at")
    assert found == [("daat", "received"), ("csps", "received"), ("daat", "refused")]
    assert query(warehouse, "SELECT rule_id FROM quality.finding") == [("INT-SOURCE-01",)]
    noted = query(warehouse, "SELECT problem, count(*) FROM intake.inbox_file GROUP BY problem ORDER BY problem")
    assert noted == [("no sender", 1), (None, 3)]


def test_an_empty_inbox_is_no_fault(warehouse: Warehouse, folders: tuple[Path, Path]) -> None:
    assert receive(warehouse, folders) == []


def test_addresses_are_airflows_and_paths_are_paths(tmp_path: Path) -> None:
    assert landing.folder(str(tmp_path)) == landing.folder(tmp_path) == landing.folder(f"file://{tmp_path}") == tmp_path
