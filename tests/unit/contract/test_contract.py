"""Contracts: strict, and one changed line changes every product that is made from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from sia.calendar import Quarter
from sia.contract.model import ColumnType, Contract, Severity, contracts, returns
from sia.contract.rules import compile_rules
from sia.paths import CONTRACTS, SQL
from sia.registers.measures import measures

QUARTER = Quarter.parse("2021-22Q4")
TABLES = [(contract, table) for contract in contracts().values() for table in contract.tables]
IDS = [contract.staging_name(table) for contract, table in TABLES]


def written(name: str = "sanctuary") -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((CONTRACTS / f"{name}.yml").read_text(encoding="utf-8"))
    return read


def test_there_is_a_contract_for_each_return() -> None:
    assert set(returns()) == {
        "tvp_counts", "tvp_crime", "tvp_outcomes", "odas", "mediation", "sanctuary", "indicators", "csp_casework",
        "csp_grants", "residents_survey",
    }  # fmt: skip
    assert all(Path(CONTRACTS / f"{name}.yml").exists() for name in contracts())


def test_there_is_a_contract_for_each_published_table() -> None:
    assert set(contracts()) - set(returns()) == {
        "crime_severity", "csp_crime", "csp_lookup", "district_boundaries", "homelessness", "lsoa_lookup",
        "nearest_neighbours", "population_midyear", "similar_groups",
    }  # fmt: skip


def test_every_rule_of_every_contract_has_its_own_id_and_a_message() -> None:
    compiled = [rule for contract, table in TABLES for rule in compile_rules(contract, table)]
    assert len(compiled) > 150
    ids = [rule.id for rule in compiled]
    assert len(set(ids)) == len(ids)
    assert all(rule.message.endswith((".", "?")) and rule.message[0].isupper() for rule in compiled)


@pytest.mark.parametrize(("contract", "table"), TABLES, ids=IDS)
def test_a_table_that_counts_has_its_component_file(contract: Contract, table: Any) -> None:
    is_there = (SQL / "components" / f"{contract.staging_name(table)}.sql").is_file()
    assert is_there == bool(table.components) == (contract.published is None)


def test_every_query_that_looks_up_an_area_is_named_by_a_contract() -> None:
    named = {table.fact.load for _, table in TABLES if table.fact.load}
    assert named == {path.stem for path in (SQL / "load").glob("area_of_*.sql")}


@pytest.mark.parametrize(("contract", "table"), TABLES, ids=IDS)
def test_no_column_of_a_return_asks_for_personal_data(contract: Contract, table: Any) -> None:
    asked = " ".join(column.label.casefold() for column in table.columns)
    assert not {"name", "address", "postcode", "telephone", "e-mail", "email", "birth"} & (
        set(asked.split()) - {"name"} if contract.archive or contract.published else set(asked.split())
    )


def test_the_crime_level_files_have_the_publisher_s_twelve_columns_and_over_twenty_rules() -> None:
    street = contracts()["tvp_crime"].table("street")
    assert [column.label for column in street.columns] == [
        "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location", "LSOA code",
        "LSOA name", "Crime type", "Last outcome category", "Context",
    ]  # fmt: skip
    assert len(compile_rules(contracts()["tvp_crime"], street)) > 20
    assert street.key == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(expcted=True),
        lambda c: c["tables"][0].update(colums=[]),
        lambda c: c["tables"][0]["columns"][0].update(requird=True),
        lambda c: c["tables"][0]["rules"][0].update(min=1),
        lambda c: c["tables"][0]["rules"][0].update(expect="expect_something_else"),
        lambda c: c["tables"][0]["rules"][1].update(id="SAN-COST-01"),
        lambda c: c["tables"][0]["rules"][0].update(id="MED-COST-01"),
        lambda c: c["tables"][0]["rules"][0].update(id="cost"),
        lambda c: c["tables"][0]["rules"][0].update(column="no_such_column"),
        lambda c: c["tables"][0]["rules"][0].pop("fails"),
        lambda c: c["tables"][0]["rules"][0].update(fails=[]),
        lambda c: c["tables"][0]["rules"][0].update(fails={"no_such_column": "1"}),
        lambda c: c["tables"][0]["rules"][0].update(finds=[1]),
        lambda c: c["tables"][0]["rules"][0].update(where="works_cost > 5000"),
        lambda c: c["tables"][0]["rules"][0].pop("column"),
        lambda c: c["tables"][0]["columns"][0].update(fails={"too_long": {}}),
        lambda c: c["tables"][0]["columns"][0].update(fails={"pattern": {"no_such_column": "1"}}),
        lambda c: c["tables"][0].update(key=["no_such_column"]),
        lambda c: c["tables"][0].pop("components"),
        lambda c: c["tables"][0]["components"].append({"codes_of": "no_such_column", "description": "Jobs"}),
        lambda c: c["tables"][0]["components"].append({"name": "secured", "description": "Homes"}),
        lambda c: c["tables"][0]["components"].append({"name": "kept", "description": "Cameras, by another table"}),
        lambda c: c["tables"][0]["components"].append({"description": "Something"}),
        lambda c: c["tables"][0]["components"].append({"name": "all", "description": "All", "without": ["other"]}),
        lambda c: c["tables"][0]["components"].append({"name": "all", "description": "All", "sum_of": "reason"}),
        lambda c: c["tables"][0].update(zero_areas=["E99999999"]),
        lambda c: c["tables"][0].update(adds_up=["district"]),
        lambda c: c["tables"][0].update(adds_up=["no_such_column"]),
        lambda c: c["tables"][0].update(carried_over=["no_such_column"]),
        lambda c: c["tables"][0].update(carried_over=["district"], carried_until="completed_on"),
        lambda c: c["tables"][0].update(carried_over=["district"], prefill=["district"]),
        lambda c: c.update(headline_component="no_such_component"),
        lambda c: c["tables"][0]["columns"][1].update(label="Job reference"),
        lambda c: c["tables"][0]["columns"][0].update(name="job reference"),
        lambda c: c["tables"][0]["columns"][0].update(type="choice"),
        lambda c: c.update(formats=["xlsx", "csv"]),
        lambda c: c.update(senders={}),
        lambda c: c.update(version="2"),
    ],
)
def test_an_invalid_contract_is_refused(change: Any) -> None:
    changed = written()
    Contract.model_validate(changed)
    change(changed)
    with pytest.raises(ValidationError):
        Contract.model_validate(changed)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["archive"].pop("publisher"),
        lambda c: c["archive"].pop("sender_names"),
        lambda c: c["archive"].update(sender_names={"thames-valley": "nobody"}),
        lambda c: c["archive"].update(member=r"(?P<force>[a-z]+)-street\.csv"),
        lambda c: c["archive"].update(member=r"(?P<month>\d{4}-\d{2})-(?P<force>[a-z-]+)-street\.csv"),
        lambda c: c["archive"].update(member=r"(?P<month>\d{4}-\d{2})-street\.csv"),
        lambda c: c["archive"].update(example="street.csv"),
        lambda c: c["archive"].update(download="somewhere"),
        lambda c: c["archive"].pop("download"),
        lambda c: c["archive"].update(open_lists=["location"]),
        lambda c: c["archive"].update(noticed_by=["no_such_column"]),
    ],
)
def test_an_invalid_archive_is_refused(change: Any) -> None:
    changed = written("tvp_crime")
    Contract.model_validate(changed)
    change(changed)
    with pytest.raises(ValidationError):
        Contract.model_validate(changed)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.pop("published"),
        lambda c: c.update(expected=True),
        lambda c: c["published"].update(title_pattern="year ending"),
        lambda c: c["tables"][0].pop("layout"),
        lambda c: c["tables"][0]["layout"].update(sheet="Table C2"),
        lambda c: c["tables"][0]["layout"].update(rows={"no_such_column": ".+"}),
        lambda c: c["tables"][0]["layout"].update(message={"year_to": "year ending"}),
        lambda c: c["tables"][0]["layout"]["unpivot"].update(matches="year"),
        lambda c: c["tables"][0]["layout"]["sheets"].append({"name": "Table (C2"}),
    ],
)
def test_an_invalid_layout_of_a_publisher_is_refused(change: Any) -> None:
    changed = written("csp_crime")
    Contract.model_validate(changed)
    change(changed)
    with pytest.raises(ValidationError):
        Contract.model_validate(changed)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["published"].update(title_pattern="(?P<year>"),
        lambda c: c["tables"][0]["columns"][0].update(pattern="(?P<year>"),
        lambda c: c["tables"][0]["layout"]["unpivot"].update(matches="(?P<year>"),
        lambda c: c["tables"][0]["layout"].update(ignored_patterns=["(?P<year>"]),
    ],
)
def test_an_invalid_pattern_is_named(change: Any) -> None:
    changed = written("csp_crime")
    change(changed)
    with pytest.raises(ValidationError, match=r"\(\?P<year>: missing \)"):
        Contract.model_validate(changed)


def test_a_code_list_has_the_quarter_s_codes() -> None:
    service = contracts()["odas"].table("services").column("service")
    before, after = (
        {choice.code for choice in service.code_list(Quarter.parse(key))} for key in ("2020-21Q4", "2021-22Q1")
    )
    assert after - before == {"young_person_idva_clients"}


def test_the_rules_that_a_column_implies() -> None:
    changed = written()
    changed["tables"][0]["columns"].append(
        {"name": "visits", "label": "Visits", "help": "How many.", "type": "integer", "required": True, "min_value": 0}
    )
    contract = Contract.model_validate(changed)
    rules = {r.id: r for r in compile_rules(contract, contract.table("jobs"), QUARTER) if r.columns == ("visits",)}
    assert set(rules) == {"SAN-JOBS-VISITS-REQUIRED", "SAN-JOBS-VISITS-TYPE", "SAN-JOBS-VISITS-RANGE"}
    assert all(rule.severity is Severity.CRITICAL and rule.tier == 2 for rule in rules.values())
    assert rules["SAN-JOBS-VISITS-RANGE"].message == "Visits must be 0 or more."
    assert rules["SAN-JOBS-VISITS-TYPE"].where == "visits_text IS NOT NULL AND visits IS NULL"
    assert "or 0 if there were none" in rules["SAN-JOBS-VISITS-REQUIRED"].message


def test_no_allow_list_has_a_personal_column() -> None:
    changed = written()
    changed["tables"][0]["columns"].append(
        {"name": "victim", "label": "Victim", "help": "Not to be sent.", "personal": True}
    )
    contract = Contract.model_validate(changed)
    jobs = contract.table("jobs")
    assert "victim" not in jobs.names
    assert not [rule for rule in compile_rules(contract, jobs) if "victim" in rule.columns]


def test_every_measure_names_its_return_and_where_both_police_returns_answer_what_to_compare() -> None:
    # The outcomes of crimes are for analysts: no line of the scorecard.
    assert {m.return_name for m in measures()} == set(returns()) - {"tvp_outcomes"}
    compared = {m.id: m.compare_with for m in measures() if m.compare_with}
    assert compared == {
        "all_recorded_crime": "tvp_crime.all_crime",
        "vehicle_crime": "tvp_crime.vehicle_crime",
        "robbery": "tvp_crime.robbery",
        "criminal_damage": "tvp_crime.criminal_damage_and_arson",
        "asb_incidents": "tvp_crime.anti_social_behaviour",
    }


def test_every_type_that_a_partner_enters_has_words() -> None:
    from sia.contract.rules import TYPE_WORDS

    assert set(TYPE_WORDS) == set(ColumnType)
