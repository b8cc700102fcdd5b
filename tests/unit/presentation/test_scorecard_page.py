"""The page: whole in itself, marked up for everybody, and honest about what is missing."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise

import pytest
from lxml import html

from sia import geography
from sia.presentation.scorecard_page import page
from sia.scorecard.scorecard import Scorecard


@pytest.fixture(scope="module")
def content(synthetic_scorecard: Scorecard) -> bytes:
    return page(synthetic_scorecard)


@pytest.fixture(scope="module")
def document(content: bytes) -> html.HtmlElement:
    return html.document_fromstring(content.decode())


def test_the_page_needs_nothing_from_elsewhere_and_allows_nothing(content: bytes, document: html.HtmlElement) -> None:
    assert not document.xpath("//script | //link | //img | //iframe | //object | //embed | //form | //base")
    assert not document.xpath("//@style | //@src | //*[starts-with(name(@*), 'on')]")
    assert all(href.startswith("#") for href in document.xpath("//@href"))
    assert not re.search(rb"url\(|@import|javascript:", content)
    (style,) = document.xpath("//style/text()")
    policy = document.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)")
    assert policy.startswith("default-src 'none'")
    assert b64encode(sha256(style.encode()).digest()).decode() in policy


def test_landmarks_language_headings_and_skip_link(document: html.HtmlElement) -> None:
    assert document.get("lang") == "en-GB"
    for landmark in ("header", "main", "nav", "footer"):
        assert document.xpath(f"//body/{landmark} | //main//{landmark}[@aria-labelledby]")
    (first_link,) = document.xpath("(//a)[1]")
    assert first_link.get("href") == "#main"
    levels = [int(heading.tag[1]) for heading in document.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_every_reference_leads_somewhere(document: html.HtmlElement) -> None:
    ids = document.xpath("//@id")
    assert len(set(ids)) == len(ids)
    for reference in [*(href[1:] for href in document.xpath("//@href")), *document.xpath("//@aria-labelledby")]:
        assert set(reference.split()) <= set(ids)


def test_every_measure_with_figures_has_a_card_with_picture_text_and_table(
    synthetic_scorecard: Scorecard, document: html.HtmlElement
) -> None:
    cards = {card.get("aria-labelledby"): card for card in document.xpath("//article")}
    assert list(cards) == [measure.id for measure in synthetic_scorecard.reported]
    for measure in synthetic_scorecard.reported:
        card = cards[measure.id]
        for picture in card.xpath(".//svg"):
            assert picture.get("role") == "img"
            assert picture.xpath("title")
            assert len(picture.xpath("string(desc)")) > 40
        for region, label in zip(card.xpath(".//div[@role='region']"), ("Figures", "Explained"), strict=True):
            assert (region.get("tabindex"), region.get("aria-label")) == ("0", f"{label}: {measure.title}")
        assert card.xpath(".//table/caption")
        assert card.xpath(".//thead//th[@scope='col']")
        assert len(card.xpath(".//tbody//th[@scope='row']")) >= 1
        assert measure.lead in card.text_content()
    complete = cards["all_recorded_crime"]
    day = synthetic_scorecard.quarter.start
    assert len(complete.xpath(".//svg")) == 2
    names = complete.xpath("(.//table)[1]//th[@scope='row']/text()")
    of_several = [area for csp in geography.csps() if len(codes := csp.member_codes(day)) > 1 for area in codes]
    for area in (geography.county(), *geography.csps(), *(geography.areas()[code] for code in of_several)):
        assert names.count(area.name) == 1
    # A district that is a partnership on its own is that partnership's row, and is named once, in a note.
    assert len(of_several) == 2
    alone = [area.name for area in geography.districts() if area.code not in of_several]
    assert set(alone).isdisjoint(names)
    for name in alone:
        assert f" is the district {name}: its row is the figure of both." in document.text_content()


def test_banners_come_before_any_figure(content: bytes, document: html.HtmlElement) -> None:
    banners = [" ".join(banner.split()) for banner in document.xpath("//p[contains(@class, 'banner')]/text()")]
    assert banners[0] == "Draft, not for publication: small numbers are not hidden."
    assert banners[1].startswith("Made-up sample data")
    assert "Mediation return (Mediation Bucks): refused" in banners[2]
    assert "never counted as zero" in banners[2]
    assert content.index(b'class="banner') < content.index(b"<table")


def test_nothing_is_called_synthetic_where_nothing_is(synthetic_scorecard: Scorecard) -> None:
    real = replace(
        synthetic_scorecard, lines=tuple(replace(line, synthetic=False) for line in synthetic_scorecard.lines)
    )
    assert b"Made-up sample data" not in page(real)


def test_measures_without_figures_are_listed_and_have_no_card(
    synthetic_scorecard: Scorecard, document: html.HtmlElement
) -> None:
    listed = " ".join(document.xpath("//section[@aria-labelledby='no-figures']//li/text()"))
    for measure in synthetic_scorecard.unreported:
        assert measure.title in listed
    assert "Calls to the domestic abuse helpline (not defined in this quarter)" in listed
    assert synthetic_scorecard.unreported


def test_a_return_that_is_missing_says_what_is_missing_with_it(document: html.HtmlElement) -> None:
    (mediation,) = document.xpath("//li[contains(@class, 'return')][contains(., 'Mediation return')]")
    assert "Without it, 6 county figures are missing altogether, last known for 2021/22 Q3" in " ".join(
        mediation.text_content().split()
    )
    listed = [" ".join(item.text_content().split()) for item in document.xpath("//*[@class='absent']//li")]
    # Mediation is offered in South and Vale alone.
    assert (
        "Cases in which mediation was offered. Not received. Last known shares of the county's total, in 2021/22 Q3: "
        "South and Vale CSP 100%."
    ) in listed


def test_rows_without_a_location_are_reported(document: html.HtmlElement) -> None:
    (card,) = document.xpath("//article[@aria-labelledby='street_crime']")
    assert "have no recorded location (" in card.text_content()
    assert "incomplete" in card.xpath("string(.//th[@scope='row'][1])")


def test_words_of_partners_cannot_become_mark_up(synthetic_scorecard: Scorecard) -> None:
    returns = tuple(replace(state, reasons=("<script>alert(1)</script>",)) for state in synthetic_scorecard.returns)
    harmed = page(replace(synthetic_scorecard, returns=returns))
    assert b"<script" not in harmed
    assert b"&lt;script&gt;" in harmed


def _luminance(colour: str) -> float:
    """Relative luminance, by WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(text: str, other: str) -> float:
    lighter, darker = sorted((_luminance(text), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrasts_are_those_of_wcag_aa(document: html.HtmlElement) -> None:
    (style,) = document.xpath("//style/text()")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", style))
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    for text, ground in [
        *[(text, ground) for text in ("ink", "quiet", "link", "warn", "good") for ground in ("paper", "ground")],
        ("ink", "warn-ground"),
        ("ink", "note-ground"),
        ("paper", "deep"),
    ]:
        assert _contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for mark in ("dot", "interval"):
        assert _contrast(colours[mark], colours["paper"]) >= 3, mark
    assert _contrast("#cfe0ee", colours["deep"]) >= 4.5
    assert _contrast(colours["quiet"], "#eef2f5") >= 4.5


def test_the_same_scorecard_gives_the_same_bytes(synthetic_scorecard: Scorecard, content: bytes) -> None:
    assert page(synthetic_scorecard) == content


def test_a_draft_links_every_row_to_what_its_figure_is_made_from(synthetic_scorecard: Scorecard) -> None:
    address = "https://unit.example/trace-a-figure/"
    draft = html.document_fromstring(page(synthetic_scorecard, trace=address).decode())
    led = [
        href.partition(f"{address}?quarter={synthetic_scorecard.quarter.key}&")[2]
        for href in draft.xpath("//article//tbody/tr/th[@scope='row']/a/@href")
    ]
    expected = {
        f"measure={measure.id}&area={code}"
        for measure in synthetic_scorecard.reported
        for code in synthetic_scorecard.lines_of(measure)
    }
    assert len(led) == len(set(led))
    assert {link.partition("&")[0] for link in led} == {link.partition("&")[0] for link in expected}
    assert set(led) <= expected


def test_a_page_with_a_search_field_allows_its_one_script_by_hash(synthetic_scorecard: Scorecard) -> None:
    content = page(synthetic_scorecard, search=True)
    document = html.document_fromstring(content.decode())
    (script,) = document.xpath("//script")
    assert not script.attrib
    policy = document.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)")
    digest = b64encode(sha256(script.text.encode()).digest()).decode()
    assert "default-src 'none'; " in policy
    assert f"script-src 'sha256-{digest}';" in policy
    # Without the script, the field is not there to be tried.
    assert document.xpath("//search/@hidden") == [""]
    assert "fetch" not in script.text


def test_figures_come_before_the_receipts_of_returns(document: html.HtmlElement) -> None:
    headings = [" ".join(heading.text_content().split()) for heading in document.xpath("//h2")]
    assert (
        headings.index("At a glance")
        < headings.index("Returns for the quarter")
        < headings.index("About these figures")
    )
