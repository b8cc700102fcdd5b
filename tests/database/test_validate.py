"""Validating: the outcome for a submission and its staged rows, and for a rule that cannot be run."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
import sqlalchemy

from sia.contract.model import Contract, Severity, Table, contract, contracts, returns
from sia.contract.rules import CompiledRule, compile_rules
from sia.errors import PermanentError
from sia.quality import failing_rows, validate
from sia.warehouse import staging_tables
from tests.canaries import server_log
from tests.conftest import Warehouse
from tests.staged import Row, findings, good_rows, stage_rows, status

CANARY = "Canary Nightingale"


def staging_relations(warehouse: Warehouse, submission_id: int) -> int:
    with warehouse.connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class "
            "WHERE relnamespace = 'staging'::regnamespace AND relkind IN ('r', 'v') AND relname LIKE %s",
            (f"%\\_{submission_id}%",),
        )
        return int(cursor.fetchone()[0])  # type: ignore[index]


def jobs(count: int, **wrong: str | None) -> list[Row]:
    (job,) = good_rows("sanctuary", "jobs")
    return [{**job, "job_reference": f"SAN-2021-{number:05d}", **wrong} for number in range(count)]


@pytest.mark.parametrize("return_name", contracts())
def test_good_rows_of_every_return_are_validated_without_a_finding(warehouse: Warehouse, return_name: str) -> None:
    submission = stage_rows(warehouse.connection, return_name)

    assert validate.validate(warehouse.connection, submission)

    assert findings(warehouse.connection, submission) == []
    assert status(warehouse.connection, submission) == "validated"
    assert staging_relations(warehouse, submission) == 2 * len(contract(return_name).tables)


@pytest.mark.parametrize("return_name", contracts())
def test_no_rule_refuses_an_empty_return(warehouse: Warehouse, return_name: str) -> None:
    empty: dict[str, list[Row]] = {table.name: [] for table in contract(return_name).tables}
    submission = stage_rows(warehouse.connection, return_name, empty)

    validate.validate(warehouse.connection, submission)

    assert findings(warehouse.connection, submission) == []


@pytest.mark.parametrize("return_name", returns())
def test_an_empty_row_fails_the_required_columns_only(warehouse: Warehouse, return_name: str) -> None:
    agreed = contract(return_name)
    # Each row of an archive has the month in the name of its file.
    month = {"file_month": "2022-01"} if agreed.archive else {}
    empty: dict[str, list[Row]] = {t.name: [dict.fromkeys(t.names) | month] for t in agreed.tables}
    submission = stage_rows(warehouse.connection, return_name, empty)

    validate.validate(warehouse.connection, submission)

    required = {(t.name, c.name) for t in agreed.tables for c in t.stored if c.required}
    with warehouse.connection.cursor() as cursor:
        cursor.execute("SELECT table_name, column_name FROM quality.finding WHERE submission_id = %s", (submission,))
        assert sorted(cursor.fetchall()) == sorted(required)


def test_the_staged_tables_of_a_refused_submission_are_dropped_and_its_rows_reconciled(warehouse: Warehouse) -> None:
    submission = stage_rows(warehouse.connection, "sanctuary", {"jobs": jobs(3, district=None)})

    validate.validate(warehouse.connection, submission)

    assert status(warehouse.connection, submission) == "refused"
    assert staging_relations(warehouse, submission) == 0
    with warehouse.connection.cursor() as cursor:
        cursor.execute("SELECT decided_at IS NOT NULL FROM intake.submission WHERE submission_id = %s", (submission,))
        assert cursor.fetchone() == (True,)
        cursor.execute(
            "SELECT table_name, rows_read, rows_refused FROM quality.row_reconciliation WHERE submission_id ="
            " %s ORDER BY 1",
            (submission,),
        )
        assert cursor.fetchall() == [("cameras", 1, 1), ("jobs", 3, 3)]


def test_a_submission_that_is_not_staged_is_left_as_it_is(warehouse: Warehouse) -> None:
    submission = stage_rows(warehouse.connection, "sanctuary", {"jobs": jobs(1, district=None)})
    assert validate.validate(warehouse.connection, submission)
    before = findings(warehouse.connection, submission)

    assert not validate.validate(warehouse.connection, submission)
    assert not validate.validate(warehouse.connection, submission + 1)

    assert findings(warehouse.connection, submission) == before


def test_a_second_run_replaces_the_findings_of_the_first_and_keeps_those_of_the_intake(warehouse: Warehouse) -> None:
    submission = stage_rows(warehouse.connection, "sanctuary", {"jobs": jobs(2, works_cost="9999")})
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO quality.finding (submission_id, rule_id, message) "
            "SELECT %s, rule_id, message FROM quality.rule WHERE rule_id = 'SAN-COST-01' OR (rule_id LIKE 'INT-%%' "
            "AND severity = 'warning') ORDER BY rule_id LIMIT 1",
            (submission,),
        )
        cursor.execute(
            "INSERT INTO quality.finding (submission_id, rule_id, message) VALUES (%s, 'SAN-COST-01', 'of a"
            " killed run')",
            (submission,),
        )

    validate.validate(warehouse.connection, submission)

    ids = [finding.rule_id for finding in findings(warehouse.connection, submission)]
    assert ids.count("SAN-COST-01") == 2
    assert sum(rule_id.startswith("INT-") for rule_id in ids) == 1


def test_a_critical_finding_of_the_intake_refuses_a_return_that_passes_every_rule(warehouse: Warehouse) -> None:
    submission = stage_rows(warehouse.connection, "sanctuary")
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO quality.finding (submission_id, rule_id, message) SELECT %s, rule_id, message FROM"
            " quality.rule "
            "WHERE rule_id LIKE 'INT-%%' AND severity = 'critical' LIMIT 1",
            (submission,),
        )

    validate.validate(warehouse.connection, submission)

    assert status(warehouse.connection, submission) == "refused"


@pytest.mark.parametrize("count", [21, 201, 1_500])
def test_every_failing_row_has_a_finding(warehouse: Warehouse, count: int) -> None:
    good = jobs(10)
    bad = [{**row, "job_reference": f"BAD-2021-{n:05d}"} for n, row in enumerate(jobs(count, works_cost="5001"))]
    submission = stage_rows(warehouse.connection, "sanctuary", {"jobs": [*good, *bad]})

    validate.validate(warehouse.connection, submission)

    cells = [f.cell for f in findings(warehouse.connection, submission)]
    assert cells == [f"J{row}" for row in range(15, 15 + count)]


def test_every_row_that_a_query_returns_has_a_finding(warehouse: Warehouse) -> None:
    submission = stage_rows(warehouse.connection, "sanctuary", {"jobs": jobs(1)[:1] * 301})

    validate.validate(warehouse.connection, submission)

    assert [f.row for f in findings(warehouse.connection, submission)] == list(range(5, 306))


def test_beyond_the_limit_of_the_list_a_message_gives_the_number(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failing_rows, "MAX_ROWS_LISTED", 5)
    submission = stage_rows(warehouse.connection, "sanctuary", {"jobs": jobs(1_200, works_cost="5001")})

    validate.validate(warehouse.connection, submission)

    assert [f.row for f in findings(warehouse.connection, submission)] == [5, 6, 7, 8, 9, None]
    with warehouse.connection.cursor() as cursor:
        cursor.execute(
            "SELECT message FROM quality.finding WHERE submission_id = %s AND row_number IS NULL", (submission,)
        )
        assert cursor.fetchone()[0].endswith("This applies to 1,200 rows; we list the first 5.")  # type: ignore[index]


def with_rule(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """Give the sanctuary jobs one more rule than their contract has."""
    extra = replace(
        CompiledRule("SAN-EXTRA-01", Severity.CRITICAL, "Extra."),
        **changes,  # type: ignore[arg-type]
    )

    def rules(agreed: Contract, table: Table, quarter: object) -> list[CompiledRule]:
        compiled = compile_rules(agreed, table, quarter)  # type: ignore[arg-type]
        return [*compiled, extra] if table.name == "jobs" else compiled

    monkeypatch.setattr(validate, "compile_rules", rules)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"where": "no_such_column > 1"}, id="predicate on no column"),
        pytest.param({"where": "district_text::integer > 0"}, id="predicate that fails at a value"),
        pytest.param({"query": "SELECT row_number FROM {batch} WHERE district_text::integer > 0"}, id="query"),
        pytest.param(
            {"expect": "expect_column_values_to_match_regex", "arguments": {"column": "district", "regex": "("}},
            id="pattern",
        ),
    ],
)
def test_a_rule_that_cannot_be_run_is_our_error_and_not_bad_data(
    warehouse: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    broken: dict[str, object],
) -> None:
    caplog.set_level(logging.INFO)
    with_rule(monkeypatch, **broken)
    submission = stage_rows(warehouse.connection, "sanctuary", {"jobs": jobs(2, district=CANARY)})

    with pytest.raises(PermanentError, match=r"cannot be run.*: SAN-EXTRA-01$") as error:
        validate.validate(warehouse.connection, submission)

    assert status(warehouse.connection, submission) == "staged"
    assert findings(warehouse.connection, submission) == []
    texts = [str(error.getrepr(style="long")), caplog.text, *capfd.readouterr(), server_log(warehouse.connection)]
    assert not [text for text in texts if CANARY in text]


def test_no_value_reaches_a_finding_or_a_log(
    warehouse: Warehouse, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    (job,) = good_rows("sanctuary", "jobs")
    submission = stage_rows(warehouse.connection, "sanctuary", {"jobs": [dict.fromkeys(job, CANARY)] * 30})

    validate.validate(warehouse.connection, submission)

    assert "SAN-JOBS-DISTRICT-CHOICE fails in 30 places" in caplog.text
    with warehouse.connection.cursor() as cursor:
        cursor.execute("SELECT finding::text FROM quality.finding WHERE submission_id = %s", (submission,))
        stored = [text for (text,) in cursor.fetchall()]
    assert len(stored) > 200
    assert not [text for text in [*stored, caplog.text, *capfd.readouterr()] if CANARY in text]


@pytest.mark.parametrize(
    ("extra", "rows"),
    [
        pytest.param({"where": "district_text LIKE '100%' OR district_text = 'O''Neill {{1}}'"}, [6, 7], id="where"),
        pytest.param({"query": "SELECT row_number FROM {batch} WHERE district_text LIKE '%{{1}}'"}, [7], id="query"),
        pytest.param(
            {
                "expect": "expect_column_values_to_match_regex",
                "arguments": {"column": "district_text", "regex": "^[^%']{2,30}$"},
            },
            [6, 7],
            id="pattern",
        ),
        pytest.param(
            {
                "expect": "expect_column_values_to_match_regex",
                "arguments": {"column": "district_text", "regex": r"^\D+$"},
            },
            [6, 7],
            id="backslash",
        ),
        pytest.param(
            {
                "expect": "expect_column_values_to_be_in_set",
                "arguments": {"column": "district_text", "value_set": ["Oxford", "O'Neill {1}"]},
            },
            [6],
            id="set",
        ),
    ],
)
def test_special_characters_of_drivers_and_templates_are_plain_text_in_a_rule(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, extra: dict[str, object], rows: list[int | None]
) -> None:
    with_rule(monkeypatch, severity=Severity.WARNING, **extra)
    with warehouse.connection, warehouse.connection.cursor() as cursor:
        cursor.execute("INSERT INTO quality.rule VALUES ('SAN-EXTRA-01', 'sanctuary', 'jobs', 'warning', 2, 'Extra.')")
    districts = ["Oxford", "100% sure", "O'Neill {1}"]
    given = [{**row, "district": name} for row, name in zip(jobs(3), districts, strict=True)]
    submission = stage_rows(warehouse.connection, "sanctuary", {"jobs": given})

    validate.validate(warehouse.connection, submission)

    assert [f.row for f in findings(warehouse.connection, submission) if f.rule_id == "SAN-EXTRA-01"] == rows


def test_every_connection_is_closed(warehouse: Warehouse) -> None:
    submission = stage_rows(warehouse.connection, "sanctuary")

    validate.validate(warehouse.connection, submission)

    with warehouse.connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone() == (0,)


def test_all_row_rules_of_the_police_files_are_counted_in_one_pass(warehouse: Warehouse) -> None:
    """One query counts the failing rows of every rule. A separate count of all rows reads no column."""
    submission = stage_rows(warehouse.connection, "tvp_crime")
    view = staging_tables.typed_view(contract("tvp_crime"), contract("tvp_crime").table("street"), submission)
    statements: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", note)
    try:
        validate.validate(warehouse.connection, submission)
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", note)

    passes = [text for text in statements if "sum(CASE" in text and view in text]
    assert len(passes) == 1
