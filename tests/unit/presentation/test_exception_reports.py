"""The exception reports of a made-up scorecard with one measure that goes the wrong way."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import date
from io import StringIO
from itertools import pairwise

import pytest
from lxml import html

from sia.presentation.exception_reports import COLUMNS, exception_text, exceptions_csv, exceptions_page, revision_text
from sia.scorecard.exceptions import ExceptionReport, LeadCommentary, exception_reports
from sia.scorecard.revisions import TypicalRevision
from sia.scorecard.scorecard import Scorecard, build
from tests.unit.presentation import synthetic
from tests.unit.scorecard.synthetic import QUARTER, measure, of_quarters, registers

COUNTY, OXFORD = "E10000025", "CSP-OXFORD"
MADE, DUE = date(2022, 5, 3), date(2022, 5, 17)
# By hand: the mean of 16 tens and 4 thirties is 14. Limits are never tighter than those of a Poisson variable:
# 14 ± 3 x √14 = 2.8 and 25.2. 30 is 4.8 above: 5 fewer. The year is three times the years before.
NUMBERS = [10.0] * 16 + [30.0] * 4


@pytest.fixture(scope="module")
def scorecard() -> Scorecard:
    amounts = of_quarters(NUMBERS, COUNTY) | of_quarters(NUMBERS, OXFORD) | of_quarters(NUMBERS, "E07000178")
    current = registers(measure(priority_of=(OXFORD,)))
    return build(amounts, current, synthetic.population(), QUARTER, synthetic.returns(), share_published=0.75)


@pytest.fixture(scope="module")
def reports(scorecard: Scorecard) -> tuple[ExceptionReport, ...]:
    return exception_reports(
        scorecard,
        {"synthetic": TypicalRevision(8, 2, 1.5, -1, 4)},
        MADE,
        DUE,
        {("synthetic", OXFORD): [QUARTER.plus(-2), QUARTER.plus(-1)]},
        {("synthetic", OXFORD): LeadCommentary(DUE, "More was <recorded>.", date(2022, 5, 2))},
    )


def test_county_and_partnerships_are_reported_and_not_their_districts(
    scorecard: Scorecard, reports: tuple[ExceptionReport, ...]
) -> None:
    assert [report.area_code for report in reports] == [COUNTY, OXFORD]
    directions = [scorecard.line(*report.place).direction for report in reports]
    assert {direction and direction.direction for direction in directions} == {"deteriorating"}


def test_the_data_says_all_that_the_board_asks(scorecard: Scorecard, reports: tuple[ExceptionReport, ...]) -> None:
    county, oxford = csv.DictReader(StringIO(exceptions_csv(scorecard, reports).decode()))
    assert list(county) == list(COLUMNS)
    assert all(cell for row in (county, oxford) for cell in row.values())
    assert "2021/22 Q4 is above its usual range" in county["direction_explained"]
    assert county["distance_to_limit"] == "2021/22 Q4: 5 fewer crimes would bring it back inside its usual range."
    assert county["typical_revision"].startswith(
        "2 of the county's 8 quarters were revised after they were first known: by 1.5%"
    )
    assert (county["earlier_exceptions"], oxford["earlier_exceptions"]) == ("None", "2021/22 Q2; 2021/22 Q3")
    assert (county["lead"], county["commentary_due"]) == ("Nobody", "2022-05-17")
    assert county["local_priority_of"] == "Oxford City CSP"
    assert county["commentary"] == "We had received no commentary by 3 May 2022. It is due on 17 May 2022."
    assert (oxford["commentary"], oxford["commentary_given"]) == ("More was <recorded>.", "2022-05-02")
    assert county["commentary_given"] == "[z]"


def test_nobodys_priority_is_left_out(scorecard: Scorecard, reports: tuple[ExceptionReport, ...]) -> None:
    text = exception_text(scorecard, reports[0])
    assert ("Local priority of", "Oxford City CSP") in text.facts
    assert "Local priority of" not in dict(replace(text, priority_of="").facts)


def test_once_the_day_has_come_what_was_not_said_is_not_due_any_more(scorecard: Scorecard) -> None:
    asked = {("synthetic", COUNTY): LeadCommentary(MADE), ("synthetic", OXFORD): LeadCommentary(date(2022, 4, 29))}
    rows = csv.DictReader(
        StringIO(exceptions_csv(scorecard, exception_reports(scorecard, {}, MADE, DUE, {}, asked)).decode())
    )
    assert [row["commentary"] for row in rows] == [
        "We had received no commentary by 3 May 2022.", "We had received no commentary by 29 April 2022.",
    ]  # fmt: skip


def test_the_page_has_a_picture_with_text_and_figures_for_each(
    scorecard: Scorecard, reports: tuple[ExceptionReport, ...]
) -> None:
    content = exceptions_page(scorecard, reports)
    assert b"More was &lt;recorded&gt;." in content
    page = html.document_fromstring(content.decode())
    articles = page.xpath("//article")
    assert len(articles) == 2
    for article in articles:
        (picture,) = article.xpath(".//svg")
        # The four thirties: the last outside, and all near or beyond the limit.
        assert len(picture.xpath(".//*[@class='signal']")) == 4
        message = picture.xpath("string(desc)")
        assert "2021/22 Q4 30" in message
        assert "Top of the usual range 25, average 14, bottom of the usual range 3" in message
        assert len(article.xpath(".//tbody/tr")) == 20
    ids = page.xpath("//@id")
    assert len(set(ids)) == len(ids)
    assert {reference for attribute in page.xpath("//@aria-labelledby") for reference in attribute.split()} <= set(ids)
    levels = [int(heading.tag[1]) for heading in page.xpath("//h1 | //h2 | //h3")]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert not page.xpath("//script | //link | //img | //@style | //@src")


def test_a_commentary_with_marked_parts_is_shown_in_its_parts(
    scorecard: Scorecard, reports: tuple[ExceptionReport, ...]
) -> None:
    words = "Why: Vans were left open. Ask: Agree the cost."
    marked = replace(reports[0], commentary=LeadCommentary(DUE, words, MADE))
    page = html.document_fromstring(exceptions_page(scorecard, [marked, reports[1]]).decode())
    first, second = page.xpath("//div[@class='commentary']")
    assert [part.text_content() for part in first.xpath(".//dt | .//dd")] == [
        "Why", "Vans were left open.", "What the Board is asked", "Agree the cost.",
    ]  # fmt: skip
    assert second.xpath("string(p)") == "More was <recorded>."


def test_the_page_says_how_many_exceptions_chance_alone_gives(
    scorecard: Scorecard, reports: tuple[ExceptionReport, ...]
) -> None:
    """By hand: two of the five places of county and partnerships are judged, at 1 in 100, and half go the wrong way."""
    assert scorecard.verdict_limit == 0.01
    assert scorecard.false_exceptions == pytest.approx(2 * 0.01 / 2)
    content = exceptions_page(scorecard, reports).decode()
    assert "If nothing had changed anywhere, chance alone would give fewer than 0.1." in content


def test_the_distance_of_a_share_is_in_cases() -> None:
    """Crimes detected are counted in cases, not in per cent."""
    share = measure(kind="proportion", denominator="whole", unit="crimes detected", within=False)

    def distance(numbers: list[float]) -> str:
        amounts = {
            key: replace(amount, out_of=309.0) for key, amount in of_quarters([*numbers, 40, 44, 40, 3], COUNTY).items()
        }
        card = build(amounts, registers(share), synthetic.population(), QUARTER, synthetic.returns())
        report = ExceptionReport("synthetic", COUNTY, None, (), MADE, LeadCommentary(DUE))
        return exception_text(card, report).distance

    pattern = r"2021/22 Q4: \d+ (more|fewer) cases? would bring it back inside its usual range\."
    assert re.fullmatch(pattern, distance([40.0, 46, 38, 44] * 2 + [44.0, 41, 47, 39] * 2))
    # The season explains every figure of before, so that the range is a point between 41 and 42.
    assert distance([40.0, 44] * 8) == "Its usual range has no whole number in it."


def test_without_exceptions_the_page_says_so(scorecard: Scorecard) -> None:
    assert b"No measure is reported as an exception" in exceptions_page(scorecard, [])


def test_directions_that_small_numbers_hide_are_counted_and_not_named() -> None:
    amounts = of_quarters([10.0] * 19 + [None], COUNTY) | of_quarters([10.0] * 19 + [None], OXFORD)
    amounts |= of_quarters([10.0] * 19 + [None], "E07000178") | of_quarters(NUMBERS, "CSP-WEST")
    card = build(amounts, registers(measure()), synthetic.population(), QUARTER, synthetic.returns(), share_published=1)
    page = exceptions_page(card, exception_reports(card, {}, MADE, DUE, {}, {})).decode()
    assert "Small numbers hide 2 more directions, which may be exceptions." in page
    assert "Oxford City" not in page


def test_the_words_of_a_history() -> None:
    assert revision_text(None) == "No earlier figures."
    assert (
        revision_text(TypicalRevision(8, 0)) == "None of the county's 8 quarters was revised after it was first known."
    )


def test_what_is_hidden_is_nowhere(scorecard: Scorecard) -> None:
    amounts = of_quarters([10.0] * 17 + [30.0, None, 30.0], COUNTY)
    card = build(amounts, registers(), synthetic.population(), QUARTER, synthetic.returns(), share_published=0.5)
    page = html.document_fromstring(exceptions_page(card, exception_reports(card, {}, MADE, DUE, {}, {})).decode())
    (article,) = page.xpath("//article")
    assert "2021/22 Q3 hidden" in article.xpath("string(.//desc)")
    assert article.xpath("string(//tr[th='2021/22 Q3']/td)") == "[c]"
