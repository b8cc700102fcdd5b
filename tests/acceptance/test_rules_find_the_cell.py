"""A bad cell gets one finding: the right rule at the right cell. There is one case for each kind of rule."""

from __future__ import annotations

import pytest

from sia.quality.validate import validate
from tests.conftest import Warehouse
from tests.staged import Row, StoredFinding, findings, good_rows, stage_rows, status

TOO_LONG = "On or near " + "x" * 200

# return, table, what is wrong with a second good row; the rule, its column, and the column's letter
ONE_CELL = [
    pytest.param("sanctuary", "jobs", {"district": None}, "SAN-JOBS-DISTRICT-REQUIRED", "B", id="missing"),
    pytest.param("sanctuary", "jobs", {"referred_on": "31st May"}, "SAN-JOBS-REFERRED-ON-TYPE", "C", id="not a date"),
    pytest.param(
        "sanctuary", "jobs", {"referred_on": "31/02/2021"}, "SAN-JOBS-REFERRED-ON-TYPE", "C", id="no such day"
    ),
    pytest.param("sanctuary", "jobs", {"lighting": "perhaps"}, "SAN-JOBS-LIGHTING-TYPE", "I", id="neither yes nor no"),
    pytest.param("sanctuary", "jobs", {"works_cost": "£86.50"}, "SAN-JOBS-WORKS-COST-TYPE", "J", id="not an amount"),
    pytest.param("sanctuary", "jobs", {"district": "Swindon"}, "SAN-JOBS-DISTRICT-CHOICE", "B", id="not listed"),
    pytest.param("sanctuary", "jobs", {"job_reference": "Mrs X"}, "SAN-JOBS-JOB-REFERENCE-PATTERN", "A", id="pattern"),
    pytest.param("sanctuary", "jobs", {"works_cost": "5000.01"}, "SAN-COST-01", "J", id="between, written out"),
    pytest.param("sanctuary", "jobs", {"works_cost": "-0.01"}, "SAN-COST-01", "J", id="below"),
    pytest.param("sanctuary", "jobs", {"completed_on": "2021-05-30"}, "SAN-DATE-01", "F", id="two dates"),
    pytest.param("sanctuary", "jobs", {"works_cost": None}, "SAN-COST-02", "J", id="needed with another"),
    pytest.param("sanctuary", "cameras", {"event_on": "2021-07-01"}, "SAN-CAMDATE-01", "D", id="outside the quarter"),
    pytest.param("mediation", "cases", {"fee": "2000.01"}, "MED-CASES-FEE-RANGE", "I", id="range of the column"),
    pytest.param("mediation", "cases", {"mediator_input": "No", "agreement": "Yes"}, "MED-STEP-02", "G", id="steps"),
    pytest.param("tvp_counts", "counts", {"oxford": "1e3"}, "TVC-COUNTS-OXFORD-TYPE", "D", id="not a whole number"),
    pytest.param("tvp_counts", "counts", {"oxfordshire": "61"}, "TVC-TOTAL-01", "H", id="total"),
    pytest.param("odas", "services", {"service_total": "95"}, "ODA-TOTAL-02", "J", id="service total"),
    pytest.param("indicators", "indicators", {"numerator": "41"}, "IND-SHARE-01", "C", id="more than the whole"),
]


def another(row: Row) -> Row:
    """A second row like a good one, under keys of its own."""
    keys: Row = {
        "job_reference": "SAN-2021-0043",
        "camera_reference": "CAM-2021-0108",
        "case_reference": "MED-2021-0008",
        "service": "Outreach assessments",
        "measure": "Custodial remands, ages 10 to 17" if "area" in row else "Rural crime",
    }
    return {**row, **{name: value for name, value in keys.items() if name in row}}


@pytest.mark.parametrize(("return_name", "table", "wrong", "rule_id", "letter"), ONE_CELL)
def test_a_wrong_cell_is_found_at_its_address(
    warehouse: Warehouse, return_name: str, table: str, wrong: Row, rule_id: str, letter: str
) -> None:
    good = good_rows(return_name, table)
    submission = stage_rows(warehouse.connection, return_name, {table: [*good, {**another(good[0]), **wrong}]})

    assert validate(warehouse.connection, submission)

    row = 5 + len(good)
    (finding,) = findings(warehouse.connection, submission)
    assert (finding.rule_id, finding.row, finding.cell) == (rule_id, row, f"{letter}{row}")
    assert status(warehouse.connection, submission) == "refused"


def test_a_repeated_key_is_marked_at_every_row_that_has_it(warehouse: Warehouse) -> None:
    (job,) = good_rows("sanctuary", "jobs")
    submission = stage_rows(warehouse.connection, "sanctuary", {"jobs": [job, another(job), job]})

    validate(warehouse.connection, submission)

    assert findings(warehouse.connection, submission) == [
        StoredFinding("SAN-JOBKEY-01", "Jobs", 5, "job_reference", "A5"),
        StoredFinding("SAN-JOBKEY-01", "Jobs", 7, "job_reference", "A7"),
    ]


def test_a_missing_month_is_a_finding_of_the_whole_return(warehouse: Warehouse) -> None:
    submission = stage_rows(warehouse.connection, "tvp_counts", {"counts": good_rows("tvp_counts", "counts")[:2]})

    validate(warehouse.connection, submission)

    assert findings(warehouse.connection, submission) == [
        StoredFinding("TVC-COMPLETE-01", "Counts", 5, "measure", "B5")
    ]


def test_a_comparison_of_two_rows_marks_the_larger_one_and_only_warns(warehouse: Warehouse) -> None:
    recorded = good_rows("tvp_counts", "counts")
    detected = [{**row, "measure": "Robbery: detected", "cherwell": "13", "oxfordshire": "61"} for row in recorded]
    recorded = [{**row, "measure": "Robbery"} for row in recorded]
    submission = stage_rows(warehouse.connection, "tvp_counts", {"counts": [*recorded, *detected]})

    validate(warehouse.connection, submission)

    assert [(f.rule_id, f.cell) for f in findings(warehouse.connection, submission)] == [
        ("TVC-DETECT-01", f"H{row}") for row in (8, 9, 10)
    ]
    assert status(warehouse.connection, submission) == "validated"


def test_the_whole_return_is_not_checked_while_its_cells_are_wrong(warehouse: Warehouse) -> None:
    rows = good_rows("tvp_counts", "counts")[:2]
    submission = stage_rows(warehouse.connection, "tvp_counts", {"counts": [rows[0], {**rows[1], "oxford": "many"}]})

    validate(warehouse.connection, submission)

    assert [f.rule_id for f in findings(warehouse.connection, submission)] == ["TVC-COUNTS-OXFORD-TYPE"]


@pytest.mark.parametrize(
    ("wrong", "rule_id", "column"),
    [
        ({"location": TOO_LONG}, "TVS-STREET-LOCATION-LENGTH", "location"),
        ({"crime_id": "0123456789abcdef" * 3}, "TVS-ID-01", "crime_id"),
        ({"crime_id": "G" * 64}, "TVS-STREET-CRIME-ID-PATTERN", "crime_id"),
        ({"crime_id": None}, "TVS-ASB-01", "crime_id"),
        ({"lsoa_code": None}, "TVS-PLACE-01", "lsoa_code"),
        ({"longitude": "2.6"}, "TVS-STREET-LONGITUDE-RANGE", "longitude"),
        ({"latitude": "north"}, "TVS-STREET-LATITUDE-TYPE", "latitude"),
        ({"file_month": "2022-02", "month": "2022-01"}, "TVS-MONTH-01", "month"),
        ({"reported_by": "Gloucestershire Constabulary"}, "TVS-STREET-REPORTED-BY-CHOICE", "reported_by"),
    ],
)
def test_a_row_of_an_archive_is_found_by_its_file_and_line(
    warehouse: Warehouse, wrong: Row, rule_id: str, column: str
) -> None:
    good = good_rows("tvp_crime", "street")
    february = [{**row, "month": "2022-02", "file_month": "2022-02"} for row in good]
    bad = {**february[0], **wrong}
    submission = stage_rows(warehouse.connection, "tvp_crime", {"street": [*good, *february, bad]}, quarter="2021-22Q4")

    validate(warehouse.connection, submission)

    of_rule = [f for f in findings(warehouse.connection, submission) if f.rule_id == rule_id]
    assert of_rule == [StoredFinding(rule_id, "2022-02-street.csv", 4, column, None)]
    assert {f.row for f in findings(warehouse.connection, submission)} == {4}
