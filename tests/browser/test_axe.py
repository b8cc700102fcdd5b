"""axe-core checks every page in a real browser, wide and at 320 pixels: WCAG 2.2 to level AA, and good practice."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg2
import pytest

from sia import geography
from sia.dictionary.content import dictionary
from sia.dictionary.pages import pages
from sia.local.postgres import Server
from sia.pages import check
from sia.papers import assessment_page, board_page, csp_page
from sia.papers.assessment import assessment
from sia.papers.board_paper import board_paper
from sia.papers.csp_report import csp_report
from sia.presentation.scorecard_page import page
from sia.registers.assessment_sections import assessment_sections
from sia.registers.report_sections import sections
from sia.registers.tile_map import tiles
from sia.release.revision_note import note
from sia.scorecard.scorecard import Scorecard
from tests import axe, chromium
from tests.browser.test_release_pages import exceptions
from tests.staged import good_rows
from tests.unit.papers.synthetic_release import EXCEPTION, REVISION, release, scorecard
from tests.unit.presentation import synthetic
from tests.workbooks import as_bytes, filled

pytestmark = [chromium.needed, pytest.mark.timeout(600)]

JULY = date(2022, 7, 1)
KINDS = ("draft", "released", "exceptions", "board paper", "reports", "assessment", "revision note")
LETTERS = Path(__file__).parents[1] / "golden" / "letters"


def with_few_measures(full: Scorecard) -> Scorecard:
    """A scorecard with one measure of each kind and theme: the others have the same markup, and axe-core is slow."""
    kinds = {(measure.theme, measure.kind): measure.id for measure in reversed(full.measures)}
    # Those two are compared with peers, and are an exception; a project is judged by the third.
    few = {*kinds.values(), "robbery", "vehicle_crime", "asb_incidents"}
    return replace(
        full,
        measures=tuple(measure for measure in full.measures if measure.id in few),
        lines=tuple(line for line in full.lines if line.measure_id in few),
    )


def pages_of(kind: str) -> dict[str, bytes]:
    """The pages of a kind by file name."""
    released = scorecard()
    match kind:
        case "draft":
            lists = (("nearest_neighbours", None, None), ("most_similar_group", "Home Office", 2020))
            draft = page(with_few_measures(synthetic.scorecard(*lists)), "https://unit.example/trace-a-figure/")
            assert b'id="nearest"' in draft
            assert b'id="similar"' in draft
            return {"draft.html": draft}
        case "released":
            return {"released.html": page(with_few_measures(released))}
        case "exceptions":
            return {"exceptions.html": exceptions()}
        case "board paper":
            data = release(exceptions=[EXCEPTION], scorecard=with_few_measures(released))
            annex = page(data.scorecard, search=True)
            return {"board-paper.html": board_page.page(board_paper(data, data, JULY), tiles()), "annex.html": annex}
        case "reports":
            data = release(exceptions=[EXCEPTION], changes=[REVISION])
            return {
                f"{csp.column}.html": csp_page.page(csp_report(csp, data, sections(), JULY))
                for csp in geography.csps()[1:3]
            }
        case "assessment":
            data = release(exceptions=[EXCEPTION], changes=[REVISION], scorecard=with_few_measures(released))
            return {
                "assessment.html": assessment_page.page(
                    assessment(synthetic.QUARTER, {synthetic.QUARTER: [data]}, JULY), assessment_sections(), tiles()
                )
            }
        case "revision note":
            return {"note.html": note(release(changes=[REVISION], revises="2021-22Q4/1"))["revision-note.html"]}
    raise LookupError(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_has_no_violation(tab: chromium.Tab, engine: str, tmp_path: Path, kind: str) -> None:
    for file, content in pages_of(kind).items():
        (tmp_path / file).write_bytes(content)
        assert axe.violations_at_every_width(tab, engine, (tmp_path / file).as_uri()) == []


def test_the_dictionary_has_no_violation(
    tab: chromium.Tab, engine: str, tmp_path: Path, server: Server, migrated: str
) -> None:
    with closing(psycopg2.connect(server.database_url(migrated))) as connection:
        contents = dict(pages(dictionary(connection)))
    for name, content in contents.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert len(contents) > 3
    for name in contents:
        assert axe.violations_at_every_width(tab, engine, (tmp_path / name).as_uri()) == [], name


def test_the_check_page_has_no_violation(
    tab: chromium.Tab,
    engine: str,
    tmp_path: Path,
    server: Server,
    migrated: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SIA_WAREHOUSE_URL", server.database_url(migrated))
    job = good_rows("sanctuary", "jobs")[0]
    sent = tmp_path / "return.xlsx"
    sent.write_bytes(as_bytes(filled(rows={"jobs": [job, job]})))
    with chromium.serving(check.create(lambda: None)) as address:
        assert axe.violations_at_every_width(tab, engine, address) == []
        tab.choose_file("#file", sent)
        tab.evaluate("document.querySelector('button').click()")
        tab.wait_for("document.querySelector('#answer') !== null")
        assert axe.violations(tab, engine) == []


@pytest.mark.parametrize("letter", sorted(LETTERS.glob("*.html")), ids=lambda path: path.stem)
def test_a_letter_has_no_violation(tab: chromium.Tab, engine: str, letter: Path) -> None:
    assert axe.violations_at_every_width(tab, engine, letter.as_uri()) == []


def test_a_page_that_breaks_the_rules_has_violations(tab: chromium.Tab, engine: str, tmp_path: Path) -> None:
    (content,) = pages_of("released").values()
    broken = tmp_path / "broken.html"
    broken.write_bytes(
        content.replace(b'lang="en-GB"', b"", 1).replace(
            b'<h2 id="glance">At a glance</h2>', b'<h4 id="glance"></h4><img src="data:,x">', 1
        )
    )
    violations = " ".join(axe.violations_at_every_width(tab, engine, broken.as_uri()))
    for rule in ("html-has-lang", "image-alt", "empty-heading"):
        assert f"{rule}: " in violations
