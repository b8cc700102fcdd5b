"""The release of the sample returns: what it hides stands in no file and cannot be worked out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from math import isnan

import pandas as pd
import pytest
from lxml import html
from openpyxl import load_workbook

from sia import geography
from sia.calendar import Quarter
from sia.disclosure.additive import Cell, Span
from sia.papers import csp_page
from sia.papers.csp_report import report
from sia.presentation.tidy_csv import COLUMNS
from sia.registers.measures import measures
from sia.release import draft, scorecard_inputs
from sia.release.contents import Released, files
from sia.scorecard.protection import sums_among
from tests.conftest import Warehouse
from tests.unit.disclosure.ranges import attack

QUARTER = Quarter(2021, 4)
KNOWN_AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
THRESHOLD = 5


@pytest.fixture(scope="module")
def released(demo_warehouse: Warehouse) -> Released:
    return files(demo_warehouse.connection, QUARTER, KNOWN_AT, [])


@pytest.fixture(scope="module")
def data(released: Released) -> pd.DataFrame:
    content = released.files[f"scorecard-{QUARTER.key}.csv"]
    return pd.read_csv(BytesIO(content), dtype="str", keep_default_na=False).set_index(["measure_id", "area_code"])


def test_the_files_of_a_release(released: Released) -> None:
    assert sorted(released.files) == [
        "exceptions-2021-22Q4.csv",
        "exceptions-2021-22Q4.html",
        "scorecard-2021-22Q4.csv",
        "scorecard-2021-22Q4.html",
        "scorecard-2021-22Q4.xlsx",
    ]
    assert released.suppressed == len(released.published.hidden) > 500
    assert len(released.published.published) > 5 * released.suppressed
    assert {"improving", "deteriorating", "no change", "not enough data"} <= set(released.verdicts.values())
    assert ("vehicle_crime", "E10000025") in released.exceptions


def test_no_hidden_count_can_be_worked_out_of_what_is_published(released: Released) -> None:
    counts = {**released.published.published, **released.published.hidden}
    every, groups = sums_among(counts, measures())
    ranges = attack(released.published.published, groups, released.published.hidden)
    assert set(released.published.hidden) <= set(ranges)
    for cell, found in ranges.items():
        if cell in released.published.hidden or 0 < every[cell] < THRESHOLD:
            assert found.width >= THRESHOLD, str(cell)


def test_the_data_shows_published_counts_and_no_hidden_one(released: Released, data: pd.DataFrame) -> None:
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
                cell = Cell(f"{measure.return_name}.{measure.numerator}", area, span)
                row = data.loc[(measure.id, area)]
                if cell in released.published.hidden:
                    assert row[column] == "[c]"
                elif cell in released.published.published:
                    assert float(row[column]) == released.published.published[cell]
                    compared += 1
    assert compared > 1500


def test_what_rests_on_a_hidden_number_is_hidden_with_it(data: pd.DataFrame) -> None:
    hidden = data[data["quarter_number"] == "[c]"]
    assert len(hidden) > 100
    for column in ("quarter_out_of", "quarter_figure", "rate", "lower", "upper", "change", "change_percent"):
        assert set(hidden[column]) == {"[c]"}, column
    assert set(hidden["direction_of_travel"]) <= {"not enough data", "[z]"}
    assert set(hidden["beside_county"]) | set(hidden["funnel"]) | set(hidden["place_first"]) == {"[z]"}
    assert set(data["release"]) == {"released: small numbers are hidden as [c]"}
    assert set(data.columns) | {"measure_id", "area_code"} == set(COLUMNS)


def test_no_picture_or_text_says_what_the_data_hides(released: Released, data: pd.DataFrame) -> None:
    page = html.document_fromstring(released.files[f"scorecard-{QUARTER.key}.html"].decode())
    (banner, *_) = page.xpath("//p[contains(@class, 'banner')]/text()")
    assert banner.startswith("Small numbers are hidden and marked [c]")
    assert "% of the counts up for publication are shown" in page.text_content()
    assert not page.xpath("//body[contains(., 'draft')] | //title[contains(., 'draft')]")
    hidden = 0
    for measure in ("robbery", "rural_crime", "robbery_detection_rate", "sanctuary_referrals", "cameras_installed"):
        (card,) = page.xpath(f"//article[@aria-labelledby='{measure}']")
        rows = {
            row.xpath("string(th)").split(" CSP")[0]: row.xpath("string(td[2])")
            for row in card.xpath("(.//table)[1]//tr[td]")
        }
        message = card.xpath("string(.//svg/desc)")
        for name in ("Cherwell", "Oxford City", "South and Vale", "West Oxfordshire"):
            assert (f"{name} hidden" in message) is (rows[name] == "[c]")
            hidden += rows[name] == "[c]"
    assert hidden


def test_the_workbook_hides_the_same(released: Released, data: pd.DataFrame) -> None:
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
    assert [str(row[quarter]) for row in shown] == [data.loc[(each, "E10000025"), "quarter_figure"] for each in ids]


def test_the_figures_to_compare_releases_hold_no_hidden_value(released: Released) -> None:
    figures = released.figures
    assert not figures.duplicated(["measure_id", "area_code", "figure"]).any()
    assert figures.loc[figures["status"] == "[c]", "value"].isna().all()
    assert figures.loc[figures["status"] == "shown", "value"].notna().all()


def test_the_same_knowledge_and_account_give_the_same_bytes(demo_warehouse: Warehouse, released: Released) -> None:
    again = files(demo_warehouse.connection, QUARTER, KNOWN_AT, [released.published])
    assert again.files == released.files
    assert again.published.hidden == released.published.hidden


def test_draft_and_release_judge_by_the_same_points(demo_warehouse: Warehouse, released: Released) -> None:
    drafted = draft.read(demo_warehouse.connection, QUARTER).travel
    points = {
        place: (travel.by, [point.label for point in travel.points])
        for place, travel in released.scorecard.travel.items()
    }
    assert {by for by, _ in points.values()} == {"month", "quarter"}
    assert {place: (each.by, [point.label for point in each.points]) for place, each in drafted.items()} == points
    months = {place for place, (by, _) in points.items() if by == "month"}
    assert {place: drafted[place].word for place in months} == {place: released.verdicts[place] for place in months}


def test_what_was_not_known_then_is_not_read(demo_warehouse: Warehouse) -> None:
    held = scorecard_inputs.read(demo_warehouse.connection, QUARTER, datetime(2022, 4, 21, 12, tzinfo=UTC)).amounts
    quarter, month = Span.quarter(QUARTER), Span.months(date(2022, 3, 1), 1)
    # Sanctuary sent its return on 21 April, the police their counts on the 22nd.
    assert ("sanctuary_referrals", "E10000025", quarter) in held
    assert ("all_recorded_crime", "E10000025", quarter) not in held
    assert ("all_recorded_crime", "E10000025", month) not in held
    now = scorecard_inputs.read(demo_warehouse.connection, QUARTER).amounts
    months = [now["all_recorded_crime", "E10000025", Span(quarter.first + n, quarter.first + n + 1)] for n in range(3)]
    assert sum(each.number for each in months) == now["all_recorded_crime", "E10000025", quarter].number


def test_a_partnership_s_report_says_what_was_published_and_hides_what_is_hidden(released: Released) -> None:
    """97 referrals after 60, 341 of 1,535 contacts (22%), 90 of 249 outreach clients (36%): South and Vale, 2021/22."""
    csp = geography.areas()["CSP-SOUTH-VALE"]
    made = report(csp, released.scorecard, released.amounts, "2021-22Q4/1", [], [])
    hidden = shown = 0
    for each in (each for chapter in made.chapters for each in chapter.told if each.measure.kind == "count"):
        for one in each.quarters:
            cell = Cell(f"{each.measure.return_name}.{each.measure.numerator}", csp.code, Span.quarter(one.quarter))
            if cell in released.published.hidden:
                assert isnan(one.figure)
                assert isnan(one.value)
                hidden += 1
            elif not isnan(one.figure):
                assert one.figure == released.published.published[cell]
                shown += 1
    assert hidden > 10
    assert shown > 100
    document = html.document_fromstring(csp_page.page(made).decode())

    def row(title: str) -> list[str]:
        (found,) = document.xpath(f"//table[contains(caption, 'the quarter and the year')]//tr[th='{title}']")
        return [cell.text_content().strip() for cell in found.xpath("td")]

    assert row("Sanctuary scheme referrals")[4:6] == ["97", "60"]
    assert row("Cameras installed")[4:6] == ["115", "72"]
    assert row("New contacts with the domestic abuse service")[4:8:3] == ["341", "22% of the service"]
    assert row("Domestic abuse outreach clients")[4:8:3] == ["90", "36% of Oxfordshire"]
