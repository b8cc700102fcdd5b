"""The release of the sample returns: no file has a hidden count, and no hidden count can be worked out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO

import pandas as pd
import pytest
from lxml import html
from openpyxl import load_workbook

from sia import geography
from sia.calendar import Quarter
from sia.disclosure.additive import DisclosureCell, Span
from sia.papers import csp_page
from sia.papers.csp_report import csp_report
from sia.paths import PROJECT
from sia.presentation.tidy_csv import columns
from sia.registers.measures import measures
from sia.registers.report_sections import sections
from sia.release import building, draft, ledger, release_data, scorecard_inputs
from sia.release.building import BuiltRelease, build_release
from sia.scorecard.protection import sums_among
from tests.attacker.attack import narrowed, small_counts
from tests.attacker.reader import (
    HIDDEN_OR_ZERO,
    Cell,
    Knowledge,
    divisions,
    documents,
    limits,
    read_csv,
    read_decimals,
    read_history,
    read_page,
    read_workbook,
    shares,
    sums_of_areas,
    thresholds,
)
from tests.conftest import Warehouse
from tests.unit.disclosure.ranges import attack

QUARTER = Quarter(2021, 4)
KNOWN_AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
THRESHOLD = 5
REGISTERS = PROJECT / "include" / "registers"
SEED = b"the secret of a release"


@pytest.fixture(scope="module")
def released(demo_warehouse: Warehouse) -> BuiltRelease:
    return build_release(demo_warehouse.connection, QUARTER, KNOWN_AT, SEED)


@pytest.fixture(scope="module")
def data(released: BuiltRelease) -> pd.DataFrame:
    content = released.files[f"scorecard-{QUARTER.key}.csv"]
    return pd.read_csv(BytesIO(content), dtype="str", keep_default_na=False).set_index(["measure_id", "area_code"])


def test_the_files_of_a_release(released: BuiltRelease) -> None:
    assert sorted(released.files) == [
        "exceptions-2021-22Q4.csv",
        "exceptions-2021-22Q4.html",
        "release-data-2021-22Q4.json",
        "scorecard-2021-22Q4.csv",
        "scorecard-2021-22Q4.html",
        "scorecard-2021-22Q4.xlsx",
    ]
    assert released.data.suppressed == len(released.disclosed.hidden) > 500
    assert len(released.disclosed.published) > 4 * released.data.suppressed
    # Two years, of which the first is mostly lockdowns, tell little. Three dated targets are missed.
    assert {"no_clear_trend", "too_few", "not_enough_data", "hidden"} <= set(released.figures.directions.values())
    assert ("vehicle_crime", "E10000025") in released.figures.exceptions


def test_no_hidden_count_can_be_worked_out_from_published_counts(released: BuiltRelease) -> None:
    every, groups = sums_among(released.disclosed.counts, measures(), geography.areas())
    ranges = attack(
        released.disclosed.published, groups, released.disclosed.secret, not_zero=released.disclosed.hidden.keys()
    )
    assert set(released.disclosed.secret) <= set(ranges)
    assert len(released.disclosed.unprinted) > 500
    threshold = thresholds(documents(REGISTERS), REGISTERS)
    for cell, span in ranges.items():
        # By how much something is below its limit is protected by nothing; a rest as its whole is.
        wanted = 0 if " beyond " in cell.component else threshold[cell.component.split(" but ")[0]]
        if cell in released.disclosed.hidden or 0 < every[cell] < wanted:
            assert span.width >= wanted, str(cell)


def test_no_file_prints_what_the_data_file_hides(released: BuiltRelease) -> None:
    known = documents(REGISTERS)
    data = released.files[f"scorecard-{QUARTER.key}.csv"].decode()
    marked = read_csv(data, known) | read_decimals(data, known)
    for printed in (_of_page(released), _of_workbook(released)):
        counts = {cell: count for cell, count in printed.items() if count not in (None, HIDDEN_OR_ZERO)}
        assert len(counts) > 1000
        assert counts.items() <= marked.items()


def _of_page(released: BuiltRelease) -> dict[Cell, int | None]:
    page = released.files[f"scorecard-{QUARTER.key}.html"].decode()
    return read_page(page, documents(REGISTERS), (QUARTER.start.year, QUARTER.start.month))


def _of_workbook(released: BuiltRelease) -> dict[Cell, int | None]:
    book = released.files[f"scorecard-{QUARTER.key}.xlsx"]
    return read_workbook(book, documents(REGISTERS), (QUARTER.start.year, QUARTER.start.month))


def test_a_reader_of_all_files_finds_no_small_count(released: BuiltRelease) -> None:
    known = documents(REGISTERS)
    threshold = thresholds(known, REGISTERS).__getitem__
    true = {Cell(cell.component, cell.area, *cell.span): count for cell, count in released.disclosed.counts.items()}
    history = read_history(released.files[f"release-data-{QUARTER.key}.json"], known)
    marked = history | read_csv(released.files[f"scorecard-{QUARTER.key}.csv"].decode(), known)
    for read in (history, _of_page(released), _of_workbook(released)):
        marked |= {cell: count for cell, count in read.items() if count not in (None, HIDDEN_OR_ZERO)}
    # A quarter without one of its months has no count, and may be hidden.
    printed = {cell: count for cell, count in marked.items() if cell in true}
    assert all(marked[cell] in (None, HIDDEN_OR_ZERO) for cell in marked.keys() - true.keys())
    knowledge = Knowledge(
        sums=sums_of_areas([printed], known.made_of, [true]),
        whole_of=shares(known),
        at_most=limits(known),
        divisions=divisions(known),
    )
    assert set(released.left_out) == set()
    assert small_counts([printed], knowledge, [true], threshold) > 300
    assert narrowed([printed], knowledge, [true], threshold) == []


def test_the_data_shows_published_counts_and_no_hidden_one(released: BuiltRelease, data: pd.DataFrame) -> None:
    counts = [measure for measure in measures() if measure.kind == "count"]
    compared = 0
    for measure in counts:
        for area in data.loc[measure.id].index:
            for column, span in (
                ("quarter_number", Span.quarter(QUARTER)),
                ("last_year_number", Span.quarter(QUARTER.same_quarter_last_year())),
                ("year_number", Span.year_to(QUARTER)),
                ("year_before_number", Span.year_to(QUARTER.same_quarter_last_year())),
            ):
                cell = DisclosureCell(f"{measure.return_name}.{measure.numerator}", area, span)
                row = data.loc[(measure.id, area)]
                if cell in released.disclosed.hidden:
                    assert row[column] == "[c]"
                elif cell in released.disclosed.published:
                    assert float(row[column]) == released.disclosed.published[cell]
                    compared += 1
    assert compared > 1500


def test_figures_that_depend_on_a_hidden_count_are_hidden_too(released: BuiltRelease, data: pd.DataFrame) -> None:
    hidden = data[data["quarter_number"] == "[c]"]
    assert len(hidden) > 100
    for column in ("quarter_out_of", "quarter_figure", "rate", "lower", "upper", "change", "change_percent"):
        assert set(hidden[column]) == {"[c]"}, column
    directions = hidden["direction_of_travel"]
    assert set(directions) <= {"hidden", "too_few", "[z]"}
    # Two years that are shown may be too few to tell, whatever the quarters are.
    by_years = hidden[directions == "too_few"]
    assert set(by_years["year_status"]) | set(by_years["year_before_status"]) == {"reported"}
    assert set(hidden["compared_with_county"]) | set(hidden["funnel"]) | set(hidden["place_first"]) == {"[z]"}
    assert set(data["release"]) == {"release"}
    assert set(data.columns) | {"measure_id", "area_code"} == {
        column.name for column in columns(released.data.scorecard)
    }


def test_no_chart_or_text_shows_a_hidden_figure(released: BuiltRelease, data: pd.DataFrame) -> None:
    page = html.document_fromstring(released.files[f"scorecard-{QUARTER.key}.html"].decode())
    (banner, *_) = page.xpath("//p[contains(@class, 'banner')]/text()")
    assert banner.startswith("Small numbers are hidden and marked [c]")
    assert "Hidden of the quarter's figures: " in page.text_content()
    assert not page.xpath("//body[contains(., 'draft')] | //title[contains(., 'draft')]")
    hidden = 0
    for measure in ("robbery", "rural_crime", "robbery_detection_rate", "sanctuary_referrals", "cameras_installed"):
        (card,) = page.xpath(f"//article[@aria-labelledby='{measure}']")
        rows = {
            row.xpath("string(th)").split(" CSP")[0]: row.xpath("string(td[2])")
            for row in card.xpath("(.//table)[1]//tr[td]")
        }
        spoken = card.xpath("string(.//svg/desc)")
        names = ("Cherwell", "Oxford City", "South and Vale", "West Oxfordshire")
        if all(rows[name] == "[c]" for name in names):
            # There is nothing to compare: the chart shows the county by quarter.
            assert not any(name in spoken for name in names)
            hidden += len(names)
            continue
        for name in names:
            assert (f"{name} hidden" in spoken) is (rows[name] == "[c]")
            hidden += rows[name] == "[c]"
    assert hidden


def test_the_workbook_hides_the_same_figures(released: BuiltRelease, data: pd.DataFrame) -> None:
    book = load_workbook(BytesIO(released.files[f"scorecard-{QUARTER.key}.xlsx"]))
    sheet = book["Sanctuary scheme"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(number for number, row in enumerate(rows) if row[0] == "Measure")
    shown = [
        row for row in rows[start + 1 :] if str(row[0]).startswith("Properties secured") and row[1] == "Oxfordshire"
    ]
    assert len(shown) == 3
    quarter = next(number for number, heading in enumerate(rows[start]) if str(heading).startswith("Jan to Mar 2022"))
    ids = ("properties_secured", "properties_secured_burglary", "properties_secured_domestic_abuse")
    assert [str(row[quarter]) for row in shown] == [
        data.loc[(measure_id, "E10000025"), "quarter_figure"] for measure_id in ids
    ]


def test_the_figures_for_comparing_releases_have_no_hidden_value(released: BuiltRelease) -> None:
    figures = released.figures.figures.values()
    assert {figure.value for figure in figures if figure.status == "confidential"} == {None}
    statuses = {figure.status for figure in figures if figure.value is not None}
    assert statuses == {"reported"}


def test_no_hidden_amount_is_in_the_release_data(released: BuiltRelease) -> None:
    """It shows no count that the release hides, and can be read back unchanged."""
    content = released.files[f"release-data-{QUARTER.key}.json"]
    data = release_data.from_bytes(content)
    assert data == released.data
    assert release_data.to_bytes(data) == content
    assert len(content) < 6_000_000
    hidden = 0
    for line in data.scorecard.lines:
        measure = data.scorecard.measure(line.measure_id)
        if measure.kind == "count":
            for past in line.history:
                cell = DisclosureCell(
                    f"{measure.return_name}.{measure.numerator}", line.area_code, Span.quarter(past.quarter)
                )
                if cell in released.disclosed.secret:
                    status = "by_year" if cell in released.disclosed.unprinted else "confidential"
                    assert (past.figure, past.value, past.status) == (None, None, status)
                    hidden += 1
            for point in line.direction.points if line.direction else ():
                months = 1 if line.direction and line.direction.step == "month" else 3
                cell = DisclosureCell(
                    f"{measure.return_name}.{measure.numerator}", line.area_code, Span.months(point.starts, months)
                )
                if cell in released.disclosed.secret:
                    status = "by_year" if cell in released.disclosed.unprinted else "confidential"
                    assert (point.value, point.status) == (None, status)
                    hidden += 1
    assert hidden > 1000


def test_the_same_knowledge_and_earlier_releases_give_the_same_bytes(
    demo_warehouse: Warehouse, released: BuiltRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "disclosed_counts", lambda *_: [released.disclosed])
    again = building.build_release(demo_warehouse.connection, QUARTER, KNOWN_AT, SEED)
    assert again.files == released.files
    assert again.disclosed.hidden == released.disclosed.hidden


def test_draft_and_release_use_the_same_points_for_the_direction_of_travel(
    demo_warehouse: Warehouse, released: BuiltRelease
) -> None:
    drafted = {line.place: line.direction for line in draft.read(demo_warehouse.connection, QUARTER).lines}
    steps = set()
    for line in released.data.scorecard.lines:
        direction, of_draft = line.direction, drafted[line.place]
        if direction and of_draft:
            labels = [point.label for point in direction.points]
            assert (of_draft.step, [point.label for point in of_draft.points]) == (direction.step, labels)
            assert direction.step == "quarter" or of_draft.direction == direction.direction
            steps.add(direction.step)
    assert steps == {"month", "quarter"}


def test_a_scorecard_reads_only_what_we_knew_at_its_moment(demo_warehouse: Warehouse) -> None:
    amounts = scorecard_inputs.read(demo_warehouse.connection, QUARTER, datetime(2022, 4, 21, 12, tzinfo=UTC)).amounts
    quarter, month = Span.quarter(QUARTER), Span.months(date(2022, 3, 1), 1)
    # Sanctuary sent its return on 21 April, the police their counts on the 22nd.
    assert ("sanctuary_referrals", "E10000025", quarter) in amounts
    assert ("all_recorded_crime", "E10000025", quarter) not in amounts
    assert ("all_recorded_crime", "E10000025", month) not in amounts
    now = scorecard_inputs.read(demo_warehouse.connection, QUARTER).amounts
    months = [now["all_recorded_crime", "E10000025", Span(quarter.first + n, quarter.first + n + 1)] for n in range(3)]
    assert sum(month.number for month in months) == now["all_recorded_crime", "E10000025", quarter].number


def test_a_partnership_s_report_shows_published_figures_and_hides_hidden_ones(released: BuiltRelease) -> None:
    """97 referrals after 60, 341 of 1,535 contacts (22%), 90 of 249 outreach clients (36%): South and Vale, 2021/22."""
    csp = geography.areas()["CSP-SOUTH-VALE"]
    report = csp_report(csp, released.data, sections(), date(2022, 7, 1))
    hidden = shown = 0
    for entry in (entry for chapter in report.chapters for entry in chapter.measures if entry.measure.kind == "count"):
        for past in entry.line.history:
            cell = DisclosureCell(
                f"{entry.measure.return_name}.{entry.measure.numerator}", csp.code, Span.quarter(past.quarter)
            )
            if cell in released.disclosed.hidden:
                assert (past.figure, past.value) == (None, None)
                hidden += 1
            elif past.figure is not None:
                assert past.figure == released.disclosed.published[cell]
                shown += 1
    assert hidden > 10
    assert shown > 100
    document = html.document_fromstring(csp_page.page(report).decode())

    def row(title: str) -> list[str]:
        (element,) = document.xpath(f"//table[contains(caption, 'the quarter and the year')]//tr[th='{title}']")
        return [cell.text_content().strip() for cell in element.xpath("td")]

    assert row("Sanctuary scheme referrals")[4:6] == ["97", "60"]
    # 115 cameras after 72. Quarters cover each other, so that the years are shown.
    assert row("Cameras installed")[4:6] == ["115", "72"]
    assert row("New contacts with the domestic abuse service")[4:8:3] == ["341", "22% of the service"]
    assert row("Domestic abuse outreach clients")[4:8:3] == ["90", "36% of Oxfordshire"]


def test_an_award_that_was_not_spent_is_an_exception_of_its_partnership_alone(released: BuiltRelease) -> None:
    """In the samples one project in West Oxfordshire spent half of its award; all others spent nine tenths or more."""
    spent = {"csp_grant_spent_share", "award_spent_share"}
    assert [report.place for report in released.data.exceptions if report.measure_id in spent] == [
        ("award_spent_share", "CSP-WEST")
    ]
    line = released.data.scorecard.line("award_spent_share", "CSP-WEST")
    assert line.direction is not None
    assert line.direction.target is not None
    assert (line.direction.target.value, line.direction.target.assurance) == (90, "missed")


def test_a_registered_project_is_compared_by_what_the_release_shows(
    released: BuiltRelease, demo_warehouse: Warehouse
) -> None:
    (outcome,) = released.data.scorecard.projects
    with demo_warehouse.connection, demo_warehouse.connection.cursor() as cursor:
        cursor.execute(
            "SELECT area_code, left(quarter_key, 7), sum(value)::integer FROM marts.component_total_today"
            " WHERE component = 'asb_incidents' AND area_code IN ('E07000179', 'E07000181')"
            " AND left(quarter_key, 7) IN ('2020-21', '2021-22') GROUP BY 1, 2 ORDER BY 1, 2"
        )
        counted = [number for _, _, number in cursor.fetchall()]
        cursor.execute(
            "SELECT min(lower(known_during))::date FROM warehouse.return_version"
            " WHERE return_name = 'tvp_counts' AND lower(period) >= '2021-04-01'"
        )
        (first_known_on,) = cursor.fetchone() or (None,)
    assert outcome.project is not None
    assert outcome.comparison is not None
    assert [*outcome.project, *outcome.comparison] == counted
    assert outcome.first_known_on == first_known_on
