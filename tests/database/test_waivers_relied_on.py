"""Waivers in the briefing of a release: a return goes through the pipeline, and the approver reads of its waivers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sia.calendar import Quarter
from sia.release.candidate import prepare
from sia.release.waivers_relied_on import waivers_relied_on
from sia.warehouse import roles
from tests import few_measures
from tests.acceptance.test_findings_of_files import archive, as_csv, decided, row
from tests.conftest import Warehouse
from tests.own_registers import replace_register
from tests.staged import good_rows
from tests.submissions import hand_in, query
from tests.workbooks import filled

QUARTER = Quarter(2021, 1)
DEAR = {**good_rows("sanctuary", "jobs")[0], "works_cost": "9000"}
USED = """
  - {id: WAI-2021-01, return: sanctuary, source: sanctuary_contractor, quarter: 2021-22Q1, rule: SAN-COST-01,
     expect: 1, allowed_by: Head of unit, why: The invoice was seen, starts: 2021-07-01, until: 2021-07-31}
"""
NOT_USED = """
  - {id: WAI-2021-02, return: mediation, source: mediation_bucks, quarter: 2020-21Q3, rule: MED-DATE-01,
     expect: 2, allowed_by: Data steward, why: Dates were lost, starts: 2020-07-01, until: 2090-07-31}
"""
OF_A_LINE = """
  - {{id: WAI-2022-01, return: tvp_crime, source: thames_valley_police, quarter: 2021-22Q4, rule: TVS-PLACE-02,
     rows: {rows}, expect: 1, allowed_by: Data steward, why: Lost by the force, starts: 2022-01-01, until: 2090-07-31}}
"""
LONG_AGO = NOT_USED.replace("WAI-2021-02", "WAI-2018-01").replace("2020-21Q3", "2018-19Q1")
OVER = NOT_USED.replace("WAI-2021-02", "WAI-2020-01").replace("2090-07-31", "2020-07-31")


def lines(*kept: str) -> str:
    return "waivers:\n" + "".join(kept) if kept else "waivers: []\n"


@pytest.fixture(scope="module")
def relied_on(
    warehouse_of_module: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Warehouse, Path]]:
    """A return that was accepted under a waiver that has now expired, and the path of the register."""
    state = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIA_STATE", str(state))
        path = replace_register(patch, state, "waivers.yml", lines(USED))
        hand_in(warehouse_of_module, state, filled(rows={"jobs": [DEAR]}), "2021-07-20")
        yield warehouse_of_module, path


@pytest.mark.parametrize(("rows", "status"), [("[3]", "accepted"), ("[2]", "refused")])
def test_a_line_of_an_archive_is_waived_and_no_other(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: str, status: str
) -> None:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    replace_register(monkeypatch, tmp_path, "waivers.yml", lines(OF_A_LINE.format(rows=rows)))
    content = archive({"2022-01": as_csv([row("2022-01"), row("2022-01", Latitude="")])})
    number = decided(warehouse, tmp_path, "thames-valley.zip", content)
    assert query(
        warehouse.connection,
        "SELECT s.status, f.row_number, f.waiver FROM intake.submission AS s"
        " JOIN quality.judged_finding AS f USING (submission_id)"
        " WHERE f.rule_id = 'TVS-PLACE-02' AND s.submission_id = %s",
        (number,),
    ) == [(status, 3, "WAI-2022-01" if status == "accepted" else None)]


def listed(warehouse: Warehouse, quarter: Quarter = QUARTER, known_at: datetime | None = None) -> list[str]:
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        return waivers_relied_on(cursor, quarter, known_at or datetime.now(UTC))


def test_a_waiver_that_figures_rely_on_is_listed_though_it_has_left_the_register(
    relied_on: tuple[Warehouse, Path],
) -> None:
    warehouse, path = relied_on
    path.write_text(lines(), encoding="utf-8")
    (line,) = listed(warehouse)
    assert line.startswith("WAI-2021-01: rule SAN-COST-01 of Sanctuary scheme return ")
    assert "(Sanctuary scheme contractor), 2021/22 Q1, in 1 place." in line
    assert line.endswith("Allowed by Head of unit until 31 July 2021, because: The invoice was seen.")
    assert "9000" not in line


def test_it_is_listed_for_the_quarters_that_are_compared_with_it_and_for_no_other(
    relied_on: tuple[Warehouse, Path],
) -> None:
    warehouse, _ = relied_on
    assert [bool(listed(warehouse, QUARTER.plus(later))) for later in (-1, 0, 7, 8)] == [False, True, True, False]


def test_a_waiver_of_a_later_return_is_not_listed(relied_on: tuple[Warehouse, Path]) -> None:
    warehouse, path = relied_on
    path.write_text(lines(), encoding="utf-8")
    assert listed(warehouse, known_at=datetime(2021, 7, 1, tzinfo=UTC)) == []


def test_an_unused_waiver_is_listed_while_it_is_in_force(
    relied_on: tuple[Warehouse, Path],
) -> None:
    warehouse, path = relied_on
    path.write_text(lines(USED, NOT_USED, LONG_AGO, OVER), encoding="utf-8")
    used, not_used = listed(warehouse)
    assert used.startswith("WAI-2021-01")
    assert not_used.startswith("WAI-2021-02: rule MED-DATE-01 of ")
    assert "(Mediation Bucks), 2020/21 Q3; no figure relies on it." in not_used
    assert not_used.endswith("Allowed by Data steward until 31 July 2090, because: Dates were lost.")


def test_the_approver_reads_it_and_the_publisher_may_ask(
    relied_on: tuple[Warehouse, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse, path = relied_on
    path.write_text(lines(), encoding="utf-8")
    few_measures.use(monkeypatch, few_measures.of_return("sanctuary"))
    prepare(warehouse.connection, QUARTER, tmp_path)
    difference = (tmp_path / "difference.md").read_text(encoding="utf-8")
    (line,) = listed(warehouse)
    assert f"## Waivers in force\n\n- {line}\n" in difference
    prepare(warehouse.connection, QUARTER.plus(-1), tmp_path)
    assert "## Waivers in force\n\nNone: no figure rests on one." in (tmp_path / "difference.md").read_text()
    roles.apply(warehouse.connection)
    warehouse.connection.commit()
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute("SET ROLE sia_publisher")
        assert waivers_relied_on(cursor, QUARTER, datetime.now(UTC)) == [line]
        cursor.execute("RESET ROLE")
