"""The Board's paper, of made-up figures of which small ones are hidden. Expected figures are worked out here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html

from sia.calendar import Quarter
from sia.papers import board_page
from sia.papers.base_map import base_map
from sia.papers.board_paper import MAX_COMPARED, BoardPaper, Movement, board_paper
from sia.papers.comparison_table import comparison_table
from sia.papers.district_maps import MAX_MAPS, district_maps
from sia.papers.main_points import first_sentence, main_points, missing, opening_words
from sia.presentation.commentary_parts import commentary_parts, unanswered
from sia.register_file import RegisterError
from sia.registers.tile_map import tiles
from sia.release import release_data
from sia.release.release_data import ReleaseData
from sia.scorecard.amounts import Place, Status
from sia.scorecard.direction_of_travel import TargetOutlook
from sia.scorecard.exceptions import ExceptionReport, LeadCommentary
from sia.scorecard.scorecard import Scorecard
from sia.statistics.control_chart import Assurance
from sia.statistics.direction import Direction
from tests.own_registers import replace_register
from tests.unit.papers.synthetic_release import EXCEPTION, OXFORD, SOUTH_VALE, release, scorecard

COUNTY = "E10000025"
JULY = date(2022, 7, 1)
BEFORE = "2021-22Q3/1"
IN_PARTS = "Why: Vans were left open. Action: Free locks. Who: The police. By: 30 June. Ask: Agree the cost."


def concluding(directions: dict[Place, Direction]) -> Scorecard:
    """The made-up scorecard with other directions in some places, rising, and none elsewhere."""
    full = scorecard()
    return replace(
        full,
        lines=tuple(
            line
            if line.direction is None
            else replace(
                line,
                direction=replace(
                    line.direction, direction=directions.get(line.place, Direction.NO_CLEAR_TREND), moving="rising"
                ),
            )
            for line in full.lines
        ),
    )


def paper_of(data: ReleaseData | None = None, before: ReleaseData | None = None) -> BoardPaper:
    return board_paper(data or release(exceptions=[EXCEPTION]), before, JULY)


def text_of(paper: BoardPaper) -> str:
    document = html.document_fromstring(board_page.page(paper).decode())
    return " ".join(" ".join(document.xpath("//body//text()")).split())


def rounded(value: float, places: int) -> str:
    return f"{Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"


def changed(card: Scorecard, place: Place) -> str:
    """The change on the same quarter of last year from the two figures, with its sign; ± where it is 0."""
    history = card.line(*place).history
    now, then = history[-1].figure, history[-5].figure
    assert now is not None
    assert then is not None
    return f"{'+' if now > then else '−'}{rounded(abs(100 * (now - then) / then), 1)}%"


def test_every_figure_of_the_sentences_is_that_of_the_release() -> None:
    worse = [(measure, COUNTY) for measure in ("vehicle_crime", "robbery", "criminal_damage")]
    better = [(measure, COUNTY) for measure in ("rural_crime", "hate_crime")]
    card = concluding(dict.fromkeys(worse, Direction.DETERIORATING) | dict.fromkeys(better, Direction.IMPROVING))
    paper = paper_of(release(scorecard=card))
    headline, *others = main_points(paper)
    first = card.line("all_recorded_crime", COUNTY).history[-1].figure
    assert first is not None
    assert headline.startswith(f"All recorded crime: {rounded(first, 0)} crimes in Jan to Mar 2022, ")
    moved = changed(card, ("all_recorded_crime", COUNTY))
    assert f"{'up' if moved[0] == '+' else 'down'} {moved[1:]} on Jan to Mar 2021. It shows no clear trend." in headline
    named = {"worse": others[0], "better": others[1]}
    for places, sentence in ((worse, named["worse"]), (better, named["better"])):
        assert re.findall(r"[+−][\d.,]+%", sentence) == [changed(card, p) for p in sorted(places, key=order(card))]
    counts = html.document_fromstring(board_page.page(paper).decode()).xpath("//dl[@class='counts']/div/dd/text()")
    judged = [card.line(measure.id, COUNTY).direction for measure in card.reported]
    assert counts[:2] == ["2", "3"]
    assert sum(map(int, counts)) == len(judged)
    assert counts[2] == str(sum(travel is not None for travel in judged) - 5)


def test_directions_that_we_do_not_know_are_counted_by_their_reason() -> None:
    places = [(measure.id, COUNTY) for measure in scorecard().reported]
    few = dict.fromkeys(places[:3], Direction.TOO_FEW) | dict.fromkeys(places[3:5], Direction.HIDDEN)
    card = concluding(few | dict.fromkeys(places[5:9], Direction.NOT_ENOUGH_DATA))
    assert all(card.line(*place).direction for place in places)
    assert main_points(paper_of(release(scorecard=card)))[-1] == (
        f"We cannot tell for 9 of {len(places)} measures: 3 with too few cases, 2 with small numbers that we hide, "
        "4 without enough figures."
    )


def order(card: Scorecard) -> Callable[[Place], int]:
    ids = [measure.id for measure in card.measures]
    return lambda place: ids.index(place[0])


def test_many_measures_are_counted_and_not_all_named() -> None:
    ids = [measure.id for measure in scorecard().reported if scorecard().line(measure.id, COUNTY).direction][:7]
    paper = paper_of(release(scorecard=concluding({(i, COUNTY): Direction.DETERIORATING for i in ids})))
    assert main_points(paper)[1].endswith(" and 4 more.")
    assert len(paper.moving(Movement.WORSE)) == 7


def test_a_quarter_without_verdicts_says_so_and_never_that_nothing_changed() -> None:
    paper = paper_of(release(scorecard=concluding({})))
    assert main_points(paper)[1] == "No measure of the county changed by more than chance can explain."
    text = text_of(paper)
    assert "no change" not in text.lower()
    assert "no measure is reported as an exception" in text.lower()


def test_exceptions_are_new_or_continue_since_a_quarter_without_a_gap_and_close() -> None:
    def at(area: str, *earlier: Quarter) -> ExceptionReport:
        return replace(EXCEPTION, area_code=area, earlier=earlier)

    continuing = at(SOUTH_VALE, Quarter(2020, 4), Quarter(2021, 2), Quarter(2021, 3))
    again = at(OXFORD, Quarter(2021, 1))
    gone = replace(EXCEPTION, measure_id="robbery", area_code=COUNTY)
    before = release(BEFORE, exceptions=[continuing, gone])
    paper = paper_of(release(exceptions=[continuing, again]), before)
    assert [(e.report.area_code, e.since) for e in paper.exceptions] == [(OXFORD, None), (SOUTH_VALE, Quarter(2021, 2))]
    text = text_of(paper)
    assert "Since 2021/22 Q2" in text
    assert "Closed since 2021/22 Q3: Robbery, Oxfordshire (“Theft of <catalysts> from vans.”)." in text
    without = text_of(paper_of(release(exceptions=[continuing])))
    assert "2021/22 Q3 has no release, so we cannot say which exceptions are new and which have closed." in without
    assert "None has closed since 2021/22 Q3." in text_of(paper_of(None, release(BEFORE, exceptions=[EXCEPTION])))


@pytest.mark.parametrize(
    ("target", "point", "reason", "explained"),
    [
        (
            TargetOutlook(0.25, "The Board", Assurance.WILL_MISS),
            "A target will be missed if nothing changes: Vehicle crime (South and Vale CSP).",
            "Will miss its target of 0.25 per 1,000 residents",
            "Target of 0.25 (The Board): it will be missed if nothing changes.",
        ),
        (
            TargetOutlook(90, "The Board", Assurance.MISSED, 75.96),
            "A target for the twelve months was missed: Vehicle crime (South and Vale CSP).",
            "Missed its target of 90 per 1,000 residents",
            "Target of 90 (The Board): the twelve months came to 76.0, so it was missed.",
        ),
    ],
)
def test_a_target_that_is_missed_is_named_with_its_unit(
    target: TargetOutlook, point: str, reason: str, explained: str
) -> None:
    card = scorecard()
    line = card.line(EXCEPTION.measure_id, SOUTH_VALE)
    assert line.direction is not None
    missing_it = replace(line, direction=replace(line.direction, target=target))
    lines = tuple(missing_it if other.place == line.place else other for other in card.lines)
    text = text_of(paper_of(release(exceptions=[EXCEPTION], scorecard=replace(card, lines=lines))))
    assert point in text
    assert reason in text
    assert explained in text


def test_a_commentary_is_printed_in_its_parts_and_what_is_open_is_named() -> None:
    parts = commentary_parts(IN_PARTS)
    assert list(parts.items()) == [
        ("Why", "Vans were left open."),
        ("What is being done", "Free locks."),
        ("By whom", "The police."),
        ("By when", "30 June."),
        ("What the Board is asked", "Agree the cost."),
    ]
    assert unanswered(parts) == []
    whole = "The reason why: more was recorded. Ask: More time."
    assert commentary_parts(whole) == {
        "Commentary": "The reason why: more was recorded.",
        "What the Board is asked": "More time.",
    }
    assert unanswered(commentary_parts(whole)) == ["Why", "What is being done", "By whom", "By when"]
    assert commentary_parts("") == {}
    given = replace(EXCEPTION, commentary=LeadCommentary(JULY, IN_PARTS, JULY))
    text = text_of(paper_of(release(exceptions=[given])))
    assert "What is being done Free locks. By whom The police. By when 30 June." in text
    assert "Not answered yet" not in text
    assert "Not answered yet why; what is being done; by whom; by when" in text_of(paper_of())
    nothing = replace(EXCEPTION, commentary=LeadCommentary(date(2022, 7, 18)))
    assert "No lead has commented on an exception yet" in text_of(paper_of(release(exceptions=[nothing])))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Costs rose by 2.5%. More follows.", "Costs rose by 2.5%."),
        ("No full stop", "No full stop"),
        (f"{'word ' * 40}end.", f"{'word ' * 17}word …"),
    ],
)
def test_the_first_sentence_of_a_lead_is_quoted_and_a_long_one_is_cut_at_a_word(text: str, first: str) -> None:
    assert opening_words(text) == first


def test_our_own_sentences_are_whole_however_long() -> None:
    long = f"{'word ' * 40}end."
    assert first_sentence(f"{long} More follows.") == long
    lines = tuple(
        replace(line, direction=replace(line.direction, explanation=long)) if line.direction else line
        for line in scorecard().lines
    )
    text = text_of(paper_of(release(scorecard=replace(scorecard(), lines=lines))))
    assert long in text


def test_what_is_hidden_is_hidden_in_every_cell_and_picture_of_the_comparison() -> None:
    card = scorecard()
    rows = comparison_table(card, card.reported)
    hidden = gaps = 0
    for row, measure in zip(rows, card.reported, strict=True):
        for csp, cell in zip(card.areas.csps, row.cells, strict=True):
            line = card.line(measure.id, csp.code)
            figure = line.figures["rate" if measure.has_rate else "quarter_figure"]
            if figure.status is Status.CONFIDENTIAL:
                assert (cell.value, cell.icon, cell.words) == ("[c]", "", "")
                hidden += 1
        line = card.line(measure.id, COUNTY)
        if row.spark:
            assert row.spark.description.count(" hidden") == sum(
                past.status is Status.CONFIDENTIAL for past in line.history
            )
            known = [past.value is not None for past in line.history]
            assert len(row.spark.segments) == sum(a and b for a, b in pairwise(known))
            assert len(row.spark.dots) == known[-1]
            gaps += not all(known)
    assert hidden > 30
    assert gaps


def test_a_partnership_is_better_or_worse_in_sign_word_and_colour_as_the_release_compares_it() -> None:
    paper, card = paper_of(), scorecard()
    document = html.document_fromstring(board_page.page(paper).decode())
    signs = {"better": ("✓", "good"), "worse": ("✗", "bad"), "similar": ("≈", "plain"), "higher": ("▴", "plain"), "lower": ("▾", "plain")}  # fmt: skip # noqa: E501
    seen = set()
    for row, measure in zip(document.xpath("//table[@class='compared']//tr[td]"), paper.compared, strict=True):
        assert row.xpath("string(th)") == measure.title
        for csp, cell in zip(card.areas.csps, row.xpath("td")[-4:], strict=True):
            compared = card.line(measure.id, csp.code).comparison.with_county
            assert ("local priority" in cell.text_content()) is (csp.code in measure.priority_of)
            if compared is None:
                assert not cell.xpath("span[@class='icon']")
                continue
            icon, tone = signs[compared.value]
            assert cell.xpath("string(span[@class='icon'])") == icon
            assert cell.xpath("string(span[@class='unseen'])") == f"{compared.value}: "
            assert cell.get("class") == f"compared-{tone}"
            seen.add(compared.value)
    assert seen == set(signs)


def test_the_page_of_comparison_has_what_moves_then_priorities_and_no_more_than_fit() -> None:
    moving = ("sanctuary_referrals", OXFORD)
    compared = [m.id for m in paper_of(release(scorecard=concluding({moving: Direction.DETERIORATING}))).compared]
    assert compared[0] == "all_recorded_crime"
    assert "sanctuary_referrals" in compared
    assert "cameras_kept" not in compared
    everything = {line.place: Direction.IMPROVING for line in scorecard().lines}
    assert len(paper_of(release(scorecard=concluding(everything))).compared) == MAX_COMPARED


def test_what_is_missing_is_a_line_with_the_names_of_returns() -> None:
    line = missing(paper_of())
    assert "Not complete: Crime-level police files (Thames Valley Police); Mediation return (Mediation Bucks)." in line
    assert "Hidden of the quarter's figures: " in line


def test_the_paper_is_made_from_the_release_file_alone() -> None:
    """What is read from the file gives the same bytes, at every run."""
    data = release(exceptions=[EXCEPTION])
    read = release_data.from_bytes(release_data.to_bytes(data))
    assert board_page.page(paper_of(read, read)) == board_page.page(paper_of(data, data))


def test_every_printed_sheet_names_the_paper_and_the_release() -> None:
    page = board_page.page(paper_of()).decode()
    running = (
        "Release 2021-22Q4/2. Safer communities: paper for the Board, 2021/22 Q4. Figures as known on 29 April 2022"
    )
    assert f':root {{ --running: "{running}"; }}' in page


def test_a_map_says_what_the_release_says_of_each_district_and_hides_what_it_hides() -> None:
    card = scorecard()
    names, *maps = district_maps(card, card.reported, base_map(None, tiles()))
    assert [" ".join(line.text for line in district.lines) for district in names.districts] == [
        "Cherwell", "West Oxfordshire", "Oxford", "Vale of White Horse", "South Oxfordshire",
    ]  # fmt: skip
    assert len(maps) == MAX_MAPS
    titles = {measure.title: measure for measure in card.reported}
    hidden = 0
    for drawn in maps:
        measure = titles[drawn.caption]
        spoken = drawn.description.split(": ", 1)[1].removesuffix(".").split("; ")
        for district, place, words in zip(drawn.districts, tiles(), spoken, strict=True):
            line = card.line(measure.id, place.area)
            figure, compared = line.figures["rate" if measure.has_rate else "quarter_figure"], line.comparison
            written = " ".join(text.text for text in district.lines)
            if figure.status is Status.CONFIDENTIAL:
                assert (written, district.tone) == ("[c]", "plain")
                assert words == f"{card.areas[place.area].name} hidden"
                hidden += 1
            elif figure.value is not None:
                assert rounded(figure.value, 2 if measure.has_rate else 1) in written
                assert compared.with_county is not None
                assert words.endswith(f", {compared.with_county.value}")
    assert hidden > 3


def test_without_places_there_is_no_map(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert district_maps(scorecard(), scorecard().reported, base_map(None, ())) == ()
    assert "on a map" not in text_of(paper_of())
    replace_register(monkeypatch, tmp_path, "tile_map.yml", "tiles: [{area: NOWHERE, column: 1, row: 1}]")
    with pytest.raises(RegisterError, match=r"areas\.yml has no area NOWHERE"):
        tiles()
    twice = "tiles: [{area: E07000177, column: 1, row: 1}, {area: E07000178, column: 1, row: 1}]"
    replace_register(monkeypatch, tmp_path, "tile_map.yml", twice)
    with pytest.raises(RegisterError, match="more than one tile has 1, 1"):
        tiles()
