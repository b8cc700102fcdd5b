"""Grouping: what a partner reads first, and neighbouring cells as one location."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sia.contract.model import Severity
from sia.feedback import finding_groups
from sia.finding import Finding
from tests.unit.feedback.sample_findings import SANCTUARY, job, warning, wrong_quarter


def test_neighbouring_rows_are_one_place() -> None:
    (group,) = finding_groups.group_findings(job("SAN-COST-01", row, "works_cost") for row in (5, 9, 6, 7, 12))
    assert [location.address for location in group.locations] == ["J5:J7", "J9", "J12"]
    assert group.count == 5
    assert (
        finding_groups.describe_locations(SANCTUARY, group.locations, 3)
        == "Jobs, cells J5 to J7, cell J9, cell J12 (Works cost)"
    )
    assert (
        finding_groups.describe_locations(SANCTUARY, group.locations, 1)
        == "Jobs, cells J5 to J7 (Works cost); and 2 more"
    )


def test_locations_are_described_column_by_column() -> None:
    # One rule marks one column; a common rule may mark several.
    (group,) = finding_groups.group_findings([warning(5), warning(7), warning(5, "district")])
    assert finding_groups.describe_locations(SANCTUARY, group.locations, 3) == (
        "Jobs, cell J5, cell J7 (Works cost); Jobs, cell B5 (District)"
    )


def test_what_refuses_comes_first_then_the_file_then_what_is_wrong_most_often() -> None:
    findings = [
        warning(5), *(warning(row) for row in range(20, 40)), job("SAN-DATE-02", 5, "completed_on"),
        job("SAN-COST-01", 6, "works_cost"), job("SAN-COST-01", 8, "works_cost"), wrong_quarter(),
    ]  # fmt: skip
    order = [group.rule_id for group in finding_groups.group_findings(findings)]
    assert order == ["INT-QUARTER-01", "SAN-COST-01", "SAN-DATE-02", "INT-NUMBER-01"]


def test_one_rule_with_other_words_is_another_thing_to_do() -> None:
    findings = [
        Finding("INT-HEADING-01", Severity.CRITICAL, 1, f"The heading {name} was not found.", "jobs", "Jobs", 4)
        for name in ("District", "Reason")
    ]
    assert len(finding_groups.group_findings(findings)) == 2


def test_lines_of_a_file_rows_of_a_sheet_and_the_whole_file() -> None:
    def words(sheet: str | None, row: int | None) -> str:
        (group,) = finding_groups.group_findings(
            [Finding("INT-LINE-02", Severity.CRITICAL, 2, "Wrong.", None, sheet, row)]
        )
        return finding_groups.describe_locations(SANCTUARY, group.locations, 1)

    assert words("2022-01-street.csv", 7) == "2022-01-street.csv, line 7"
    assert words("Jobs", 7) == "Jobs, row 7"
    assert words("Jobs", None) == "Jobs"
    assert words(None, None) == "The whole file"


@given(st.sets(st.integers(5, 400), min_size=1))
def test_places_are_exactly_the_rows_that_failed(rows: set[int]) -> None:
    (group,) = finding_groups.group_findings(job("SAN-COST-01", row, "works_cost") for row in rows)
    covered = [n for location in group.locations for n in range(location.first or 0, (location.last or 0) + 1)]
    assert covered == sorted(rows)
    assert group.count == len(rows)
