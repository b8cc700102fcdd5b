"""Runs rules on staged tables with Great Expectations.

Great Expectations queries the typed views in the database. Its results may contain values of a return, and its error
messages a whole row. So this module passes on only the id of each rule, whether it passed, and a query for its failing
rows. Importing this module imports Great Expectations, which takes seconds.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import great_expectations as gx
import sqlalchemy as sa
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.datasource.fluent import PostgresDatasource
from great_expectations.datasource.fluent.interfaces import Batch
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.registry import get_metric_kwargs
from great_expectations.validator.metric_configuration import MetricConfiguration

from sia.calendar import Quarter
from sia.contract.rules import CompiledRule
from sia.errors import PermanentError
from sia.quality.expectation_suite import expectation_suite


@dataclass(frozen=True, slots=True)
class RuleResult:
    """Whether a rule passed on a table.

    ``failing_rows_query`` is a SELECT of the failing rows' ``row_number``. It is ``None`` if the rule passed, or is
    about the table as a whole.
    """

    rule_id: str
    passed: bool
    failing_rows_query: str | None = None


class GxRunner:
    """A Great Expectations context with the warehouse at ``url`` as its data source. Close it after use."""

    def __init__(self, url: str) -> None:
        self._context = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
        self._source: PostgresDatasource = self._context.data_sources.add_postgres(
            "warehouse", connection_string=url, create_temp_table=False
        )
        self._batches: dict[str, Batch] = {}

    def run(self, view: str, rules: Sequence[CompiledRule], quarter: Quarter) -> list[RuleResult]:
        """Run rules on the rows of ``staging.<view>``.

        Raises:
            PermanentError: a rule could not be run; the message names it and holds no value.
            ConnectionError: the database failed while the rules ran. Trying again may help.
        """
        if not rules:
            return []
        batch = self._batch(view)
        results = {_rule_id(result): result for result in self._validate(batch, rules, quarter)}
        if any(_failed_to_run(result) for result in results.values()):
            # Rules that share a query fail together: run alone, each shows whether it is the broken one.
            broken = [rule.id for rule in rules if _failed_to_run(self._validate(batch, [rule], quarter)[0])]
            if not broken:
                raise ConnectionError(f"the database failed while the rules of {view} ran")
            raise PermanentError(f"these rules cannot be run on {view}: {', '.join(broken)}")
        failed = [result for result in results.values() if not result.success]
        queries = self._failing_rows_queries(batch, view, failed)
        return [RuleResult(rule.id, bool(results[rule.id].success), queries.get(rule.id)) for rule in rules]

    def close(self) -> None:
        """Close every connection, so that the staging tables can be dropped."""
        self._source.get_execution_engine().close()
        self._source.get_engine().dispose()

    def _batch(self, view: str) -> Batch:
        if view not in self._batches:
            with warnings.catch_warnings():
                # The warning recommends a setting that data sources of PostgreSQL do not have.
                warnings.filterwarnings("ignore", message=".*schema_name", category=DeprecationWarning)
                asset = self._source.add_table_asset(view, table_name=view, schema_name="staging")
            self._batches[view] = asset.add_batch_definition_whole_table("all").get_batch()
        return self._batches[view]

    def _validate(
        self, batch: Batch, rules: Sequence[CompiledRule], quarter: Quarter
    ) -> list[ExpectationValidationResult]:
        suite = expectation_suite("rules", rules, quarter)
        # This format fetches no values, and counts the failing rows of all column rules in one query.
        return batch.validate(suite, result_format="BOOLEAN_ONLY").results

    def _failing_rows_queries(
        self, batch: Batch, view: str, failed: Sequence[ExpectationValidationResult]
    ) -> dict[str, str]:
        """The SELECT of the failing rows by rule: from Great Expectations' own condition, or the rule's own query.

        Great Expectations also offers such a query (``unexpected_index_query``). But it quotes texts as Python does:
        a text with an apostrophe gets double quotes, which PostgreSQL reads as the name of a column.
        """
        table = sa.table(view, schema="staging")
        queries: dict[str, str] = {}
        conditions: dict[str, MetricConfiguration] = {}
        for result in failed:
            configuration = _configuration(result)
            if query := configuration.kwargs.get("unexpected_rows_query"):
                queries[_rule_id(result)] = query.format(batch=f"staging.{view}")
            elif map_metric := getattr(configuration.to_domain_obj(), "map_metric", None):
                name = f"{map_metric}.condition"
                kwargs = get_metric_kwargs(name, configuration=configuration)
                conditions[_rule_id(result)] = MetricConfiguration(
                    name, kwargs["metric_domain_kwargs"], kwargs["metric_value_kwargs"]
                )
        if conditions:
            validator = self._context.get_validator(batch_request=batch.batch_request)
            metrics, _ = validator.compute_metrics(list(conditions.values()))
            for rule_id, metric in conditions.items():
                condition, *_ = metrics[metric.id]
                select: sa.Select[Any] = sa.select(sa.column("row_number")).select_from(table).where(condition)
                text = str(select.compile(self._source.get_engine(), compile_kwargs={"literal_binds": True}))
                # SQLAlchemy doubles every percent sign for the driver's parameters, and this query has none.
                queries[rule_id] = text.replace("%%", "%")
        return queries


def _failed_to_run(result: ExpectationValidationResult) -> bool:
    # Great Expectations reports a rule whose SQL fails as not met: only this distinguishes the two.
    info = result.exception_info or {}
    parts = [info, *(part for part in info.values() if isinstance(part, dict))]
    return any(part.get("raised_exception") for part in parts)


def _configuration(result: ExpectationValidationResult) -> ExpectationConfiguration:
    # The type allows None, but the result of a run always has a configuration.
    return cast("ExpectationConfiguration", result.expectation_config)


def _rule_id(result: ExpectationValidationResult) -> str:
    return str(_configuration(result).meta["rule_id"])
