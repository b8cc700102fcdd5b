"""Great Expectations' verdicts on staged tables, reduced to rule ids and SQL.

Great Expectations runs in the database, over the typed views. What it gives back may hold values (in the
message of an error even a whole row), so nothing of it leaves this module but ids of rules, whether each
passed, and a query of the failing rows. Importing this module imports Great
Expectations, which takes seconds.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, cast

import great_expectations as gx
import sqlalchemy as sa
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.datasource.fluent import PostgresDatasource
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.registry import get_metric_kwargs
from great_expectations.validator.metric_configuration import MetricConfiguration

from sia.calendar import Quarter
from sia.contract.rules import CompiledRule
from sia.errors import PermanentError
from sia.quality.suite import suite_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule passed; ``failing`` is a SELECT of the failing rows' ``row_number``.

    ``failing`` is ``None`` where the rule passed, and where it is about the table and no row of it.
    """

    rule_id: str
    passed: bool
    failing: str | None = None


class Examiner:
    """Great Expectations with a data source of its own; get one from ``examiner``."""

    def __init__(self, url: str) -> None:
        self._context = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
        self._source: PostgresDatasource = self._context.data_sources.add_postgres(
            "warehouse", connection_string=url, create_temp_table=False
        )
        self._batches: dict[str, BatchDefinition[Any]] = {}
        self._runs = count(1)

    def judge(self, view: str, rules: Sequence[CompiledRule], quarter: Quarter) -> list[Verdict]:
        """Judge the rows of ``staging.<view>`` by some rules.

        Raises:
            PermanentError: a rule could not be run; the message names it and holds no value.
            ConnectionError: the database failed while the rules ran; trying again may help.
        """
        if not rules:
            return []
        batch = self._batch(view)
        results = {_rule_id(one): one for one in self._run(batch, rules, quarter)}
        if any(_failed_to_run(one) for one in results.values()):
            # Rules that share a query fail together: only by themselves do they show which one it is.
            broken = [rule.id for rule in rules if _failed_to_run(self._run(batch, [rule], quarter)[0])]
            if not broken:
                raise ConnectionError(f"the database failed while the rules of {view} ran")
            raise PermanentError(f"these rules cannot be run on {view}: {', '.join(broken)}")
        failing = self._failing(batch, view, [one for one in results.values() if not one.success])
        return [Verdict(rule.id, bool(results[rule.id].success), failing.get(rule.id)) for rule in rules]

    def close(self) -> None:
        """Close every connection, so that the staging tables can be dropped."""
        self._source.get_execution_engine().close()
        self._source.get_engine().dispose()

    def _batch(self, view: str) -> BatchDefinition[Any]:
        if view not in self._batches:
            with warnings.catch_warnings():
                # Deprecated in favour of a setting of the data source that PostgreSQL's does not have.
                warnings.filterwarnings("ignore", message=".*schema_name", category=DeprecationWarning)
                asset = self._source.add_table_asset(view, table_name=view, schema_name="staging")
            self._batches[view] = asset.add_batch_definition_whole_table("all")
        return self._batches[view]

    def _run(
        self, batch: BatchDefinition[Any], rules: Sequence[CompiledRule], quarter: Quarter
    ) -> list[ExpectationValidationResult]:
        name = f"run {next(self._runs)}"
        suite = self._context.suites.add(suite_of(name, rules, quarter))
        definition = self._context.validation_definitions.add(
            gx.ValidationDefinition(name=name, data=batch, suite=suite)
        )
        # This format fetches no values, and counts the failures of all column rules in one query.
        return definition.run(result_format="BOOLEAN_ONLY").results

    def _failing(
        self, batch: BatchDefinition[Any], view: str, failed: Sequence[ExpectationValidationResult]
    ) -> dict[str, str]:
        """By rule, the SELECT of its failing rows: Great Expectations' own condition, or the rule's own query.

        Great Expectations also writes such a query itself (``unexpected_index_query``), but puts the
        rule's texts into it in Python's quotes, so that an apostrophe makes it a column's name.
        """
        table = sa.table(view, schema="staging")
        queries: dict[str, str] = {}
        conditions: dict[str, MetricConfiguration] = {}
        for one in failed:
            configuration = _configuration(one)
            if query := configuration.kwargs.get("unexpected_rows_query"):
                queries[_rule_id(one)] = query.format(batch=f"staging.{view}")
            elif map_metric := getattr(configuration.to_domain_obj(), "map_metric", None):
                name = f"{map_metric}.condition"
                kwargs = get_metric_kwargs(name, configuration=configuration)
                conditions[_rule_id(one)] = MetricConfiguration(
                    name, kwargs["metric_domain_kwargs"], kwargs["metric_value_kwargs"]
                )
        if conditions:
            validator = self._context.get_validator(batch_request=batch.build_batch_request())
            metrics, _ = validator.compute_metrics(list(conditions.values()))
            for rule_id, metric in conditions.items():
                condition, *_ = metrics[metric.id]
                select: sa.Select[Any] = sa.select(sa.column("row_number")).select_from(table).where(condition)
                text = str(select.compile(self._source.get_engine(), compile_kwargs={"literal_binds": True}))
                # The driver's dialect doubles every percent sign, for parameters that there are none of.
                queries[rule_id] = text.replace("%%", "%")
        return queries


@contextmanager
def examiner(url: str) -> Iterator[Examiner]:
    """An examiner of the warehouse at ``url``, which leaves no connection behind."""
    made = Examiner(url)
    try:
        yield made
    finally:
        made.close()


def _failed_to_run(result: ExpectationValidationResult) -> bool:
    # A rule whose SQL fails is for Great Expectations a rule that was not met; only this tells them apart.
    info = result.exception_info or {}
    parts = [info, *(part for part in info.values() if isinstance(part, dict))]
    return any(part.get("raised_exception") for part in parts)


def _configuration(result: ExpectationValidationResult) -> ExpectationConfiguration:
    # The type allows none; the result of a run always has one.
    return cast("ExpectationConfiguration", result.expectation_config)


def _rule_id(result: ExpectationValidationResult) -> str:
    return str(_configuration(result).meta["rule_id"])
