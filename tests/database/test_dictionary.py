"""The data dictionary describes everything in the warehouse, and its pages load nothing from elsewhere."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from textwrap import wrap

import openpyxl
import pytest

from sia.contract.model import contracts
from sia.dictionary.content import Dictionary, dictionary
from sia.dictionary.files import WORKBOOK, write
from sia.dictionary.workbook import workbook
from sia.registers.measures import measures
from sia.warehouse import roles
from sia.warehouse.facts import lineage
from tests.conftest import Warehouse

_VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """The links, ids, headings and text of a page; it checks that every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.levels: list[int] = []
        self.tags: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.links += [str(given["href"])] if tag == "a" else []
        self.ids += [str(given["id"])] if "id" in given else []
        if re.fullmatch(r"h\d", tag):
            self.levels.append(int(tag[1]))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def content(warehouse_of_module: Warehouse) -> Dictionary:
    roles.apply(warehouse_of_module.connection)
    warehouse_of_module.connection.commit()
    return dictionary(warehouse_of_module.connection)


@pytest.fixture(scope="module")
def folder(warehouse_of_module: Warehouse, content: Dictionary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("dictionary")
    assert all(write(warehouse_of_module.connection, written).values())
    assert not any(write(warehouse_of_module.connection, written).values())
    return written


@pytest.fixture(scope="module")
def pages(folder: Path) -> dict[str, Page]:
    return {path.name: Page(path.read_text(encoding="utf-8")) for path in folder.glob("*.html")}


def test_every_column_of_a_return_reaches_a_fact_or_is_only_checked() -> None:
    # A stated total is only compared with its parts. The other columns have one value in all rows of the files.
    only_checked = {
        "csp_crime": {"authority_name"},
        "odas": {"service_total"},
        "tvp_counts": {"oxfordshire"},
        "tvp_crime": {"reported_by", "falls_within", "context"},
        "tvp_outcomes": {"reported_by", "falls_within", "longitude", "latitude", "location"},
        "csp_casework_counts": {"oxfordshire"},
        "csp_casework_homicide_reviews": {"oxfordshire"},
        "csp_grants_grants": {"granted_in_year", "spent_in_year"},
    }
    for contract in contracts().values():
        for table in contract.tables:
            reached = {name for made_from in lineage(contract, table).values() for name in made_from} - {"row_number"}
            only = only_checked.get(contract.staging_name(table)) or only_checked.get(contract.name, set())
            assert {column.name for column in table.stored} - reached == only


@pytest.mark.parametrize(
    ("return_name", "table", "column", "made_from"),
    [
        ("sanctuary", "jobs", "works_cost_gbp", ("works_cost",)),
        ("sanctuary", "jobs", "area_code", ("district",)),
        ("tvp_counts", "counts", "records",
         ("cherwell", "oxford", "south_oxfordshire", "vale_of_white_horse", "west_oxfordshire")),
        ("tvp_crime", "street", "area_code", ("lsoa_name",)),
        ("mediation", "funding", "amount_gbp", ("amount",)),
    ],
)  # fmt: skip
def test_a_fact_s_column_knows_the_columns_of_the_return_that_it_is_made_from(
    return_name: str, table: str, column: str, made_from: tuple[str, ...]
) -> None:
    contract = contracts()[return_name]
    assert lineage(contract, contract.table(table))[column] == made_from


def test_the_dictionary_names_the_heading_and_sheet_of_a_fact_s_column(content: Dictionary) -> None:
    columns = {
        (relation.name, column.name): column.comes_from
        for schema in content.schemas
        for relation in schema.relations
        for column in relation.columns
    }
    assert columns["sanctuary_job", "completed_on"] == "Sanctuary scheme return, sheet Jobs: Date completed"
    assert columns["sanctuary_job_today", "completed_on"] == columns["sanctuary_job", "completed_on"]
    assert columns["return_version", "known_during"] == ""


@pytest.mark.parametrize(
    ("relation", "column", "comes_from"),
    [
        # Through a view _today, a common table expression, a list of values and a function.
        ("homelessness_domestic_abuse", "domestic_abuse_households",
         "Statutory homelessness by local authority (MHCLG), sheet A2, or A2P and A2R: Households"),
        ("peer_comparison", "offences",
         "Recorded crime by Community Safety Partnership (ONS), sheet Tables P1, P4, C2 and C5: Offences"),
        ("lsoa", "lsoa_code",
         "Lookup of LSOAs of 2011 and 2021 to districts (ONS), sheet lookup.csv: LSOA 2011 code; "
         "Lookup of LSOAs of 2011 and 2021 to districts (ONS), sheet lookup.csv: LSOA 2021 code"),
        ("crime_by_neighbourhood", "lsoa_name", "Police crime-level files, monthly files: LSOA name"),
        # A count of rows.
        ("crime_by_neighbourhood", "records", "Police crime-level files, monthly files: rows"),
        # From a register.
        ("scorecard_wide", "residents", "warehouse.population.persons"),
        ("scorecard_wide", "area_name", "warehouse.dim_area.area_name"),
    ],
)  # fmt: skip
def test_the_dictionary_names_the_columns_that_a_mart_is_made_from(
    content: Dictionary, relation: str, column: str, comes_from: str
) -> None:
    (marts,) = (schema for schema in content.schemas if schema.name == "marts")
    (mart,) = (described for described in marts.relations if described.name == relation)
    assert {described.name: described.comes_from for described in mart.columns}[column] == comes_from


def test_every_other_column_of_a_mart_has_a_source(content: Dictionary) -> None:
    (marts,) = (schema for schema in content.schemas if schema.name == "marts")
    without_source = {
        f"{mart.name}.{column.name}"
        for mart in marts.relations
        if mart.kind == "view"
        for column in mart.columns
        if not column.comes_from
    }
    assert without_source == {
        # Constants of the view, and counts of submissions.
        "lsoa.lsoa_vintage", "measure_component_value.part", "measure_component.part",
        "peer_comparison.comparison", "observation.missing_reason", "scorecard_wide.missing_reason",
        # A place among all scores.
        "crime_severity.lower_scores",
        "return_quality.attempts", "return_quality.accepted_at_attempt", "return_quality.newest_warnings",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "counted"),
    [
        ("sanctuary_referrals", "sheet Jobs: Date referred"),
        ("average_cost_burglary", "sheet Jobs: Reason, Property secured, Date completed, Works cost"),
        ("guard_cameras_installed", "sheet Cameras: Event, Camera type"),
        ("mediation_cost_per_referral", "sheet Cases: Referred, Fee"),
        ("mediation_offered", "sheet Cases: every row"),
        (
            "robbery",
            "sheet Counts: Measure, Cherwell, Oxford, South Oxfordshire, Vale of White Horse, West Oxfordshire",
        ),
        ("youth_reoffending", "sheet Indicators: Indicator, Number, Out of"),
    ],
)
def test_the_dictionary_names_the_headings_that_a_measure_counts(
    content: Dictionary, measure: str, counted: str
) -> None:
    assert content.counted[measure] == counted


def test_every_measure_counts_a_column(content: Dictionary) -> None:
    assert [measure for measure, counted in content.counted.items() if not counted] == []


def test_the_dictionary_lists_the_roles_that_may_read_a_table(content: Dictionary) -> None:
    read_by = {f"{s.name}.{r.name}": r.read_by for s in content.schemas for r in s.relations}
    assert read_by["marts.observation"] == ("analyst", "loader", "publisher", "steward")
    assert read_by["warehouse.sanctuary_job"] == ("loader",)
    assert read_by["intake.submission"] == ("loader", "steward")


def test_the_dictionary_lists_the_relations_that_a_view_reads(content: Dictionary) -> None:
    made_from = {f"{s.name}.{r.name}": r.made_from for s in content.schemas for r in s.relations}
    assert "marts.observation_known_at" in made_from["marts.observation"]
    assert {"marts.observation", "marts.dim_measure", "marts.residents"} <= set(made_from["marts.scorecard_wide"])


def test_the_dictionary_has_the_breaks_of_2016_and_2020(content: Dictionary) -> None:
    assert any("crime recording standards" in listed.meaning for listed in content.breaks)
    of_2020 = [listed for listed in content.breaks if "2020" in listed.when]
    assert {"until 31 March 2020", "from 1 April 2020"} <= {listed.when for listed in of_2020}


def test_the_dictionary_lists_oddities_of_every_public_source_and_our_treatment(content: Dictionary) -> None:
    assert {oddity.source.partition(",")[0] for oddity in content.oddities} == {"data.police.uk", "ONS", "MHCLG"}
    assert all(oddity.odd and oddity.done for oddity in content.oddities)
    named = {name for oddity in content.oddities for name in re.findall(r"\b(?:marts|warehouse)\.[a-z_]+", oddity.done)}
    relations = {f"{s.name}.{r.name}" for s in content.schemas for r in s.relations}
    functions = {f"{s.name}.{f.signature.partition('(')[0]}" for s in content.schemas for f in s.functions}
    assert named <= relations | functions


def test_the_dictionary_names_the_register_of_a_dimension(content: Dictionary) -> None:
    dimensions = [
        column for s in content.schemas for r in s.relations if r.name.startswith("dim_") for column in r.columns
    ]
    assert dimensions
    assert all(column.comes_from for column in dimensions)


def test_the_pages_have_the_whole_dictionary(content: Dictionary, pages: dict[str, Page]) -> None:
    for schema in content.schemas:
        text = pages[f"{schema.name}.html"].text
        for relation in schema.relations:
            assert relation.name in pages[f"{schema.name}.html"].ids
            assert all(column.description in text for column in relation.columns)
        assert all(function.signature in text for function in schema.functions)
    assert all(measure.title in pages["measures.html"].text for measure in measures())
    assert all(
        rule.id in pages["rules.html"].ids and rule.message in pages["rules.html"].text for rule in content.rules
    )
    assert all(listed.odd in pages["breaks.html"].text for listed in content.oddities)
    assert all(question.sql in pages["questions.html"].text for question in content.questions)
    assert all(
        c.label in pages["returns.html"].text
        for listed in contracts().values()
        for t in listed.tables
        for c in t.columns
    )
    components = [item for contract in contracts().values() for item in contract.component_descriptions.items()]
    assert all(name in pages["returns.html"].text for name, _ in components)
    assert all(description in pages["returns.html"].text for _, description in components)


def test_every_link_has_a_target(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        for link in page.links:
            file, _, anchor = link.partition("#")
            target = pages[file or name]
            assert not anchor or anchor in target.ids, f"{name}: {link}"


def test_a_page_is_accessible_and_loads_nothing_from_elsewhere(folder: Path, pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        html = (folder / name).read_text(encoding="utf-8")
        assert page.levels[0] == 1
        assert page.levels.count(1) == 1
        assert all(after - before <= 1 for before, after in zip(page.levels, page.levels[1:], strict=False)), name
        assert len(page.ids) == len(set(page.ids)), name
        assert '<html lang="en-GB">' in html
        assert page.tags.count("table") == page.tags.count("caption")
        assert not {"script", "img", "link", "iframe"} & set(page.tags)
        assert not re.search(r"https?://|url\(|@import", html)
        style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
        assert style
        assert f"sha256-{b64encode(sha256(style[1].encode()).digest()).decode()}" in html


def test_the_workbook_has_the_same_content_and_is_accessible(folder: Path, content: Dictionary) -> None:
    book = openpyxl.load_workbook(folder / WORKBOOK)
    assert book.sheetnames == [
        "Cover", "Contents", "Tables", "Columns", "Functions", "Measures", "Returns", "Components", "Rules",
        "Breaks", "Public sources", "Questions",
    ]  # fmt: skip
    rows = {
        "Columns": sum(len(r.columns) for s in content.schemas for r in s.relations),
        "Rules": len(content.rules),
        "Components": sum(len(contract.component_descriptions) for contract in content.returns),
        "Measures": len(content.measures),
        "Questions": 12,
    }
    for sheet in book.worksheets[2:]:
        (table,) = sheet.tables.values()
        cells = list(sheet[table.ref])
        assert not sheet.merged_cells.ranges
        assert all(cell.value not in (None, "") for row in cells for cell in row)
        assert len(cells) - 1 == rows.get(sheet.title, len(cells) - 1)
        assert sheet["A1"].value
        # Rows are high enough for their text, for programs that do not fit rows automatically.
        # The file stores neighbouring columns of one width as one entry.
        widths = [
            dimension.width
            for dimension in sheet.column_dimensions.values()
            for _ in range(dimension.min, dimension.max + 1)
        ]
        for row in cells:
            lines = max(len(wrap(str(cell.value), int(width))) for cell, width in zip(row, widths, strict=True))
            assert sheet.row_dimensions[row[0].row].height >= 15 * lines, row[0].coordinate


def test_the_same_dictionary_gives_the_same_workbook(content: Dictionary) -> None:
    assert workbook(content) == workbook(content)
