"""Custom expectations for the rules that a contract writes in SQL, fast on large tables.

Great Expectations' own ``UnexpectedRowsExpectation`` reads the table twice for every rule: once to count the failing
rows, once to fetch some of them. A condition on a row becomes a map expectation instead. Great Expectations counts the
failing rows of all map expectations in one aggregate query, so that thirty rules read the table once. A rule with a
whole query reads the table once, to count.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.core import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics import ColumnMapMetricProvider, column_condition_partial


class RowsWhere(ColumnMapMetricProvider):
    """Counts the rows for which an SQL predicate is true. A row for which it is NULL passes."""

    condition_metric_name = "column_values.no_row_where"
    condition_value_keys = ("where",)
    filter_column_isnull = False

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, _: sa.ColumnElement[Any], where: str, **__: Any) -> sa.ColumnElement[bool]:  # noqa: N805
        return sa.literal_column(f"(({where}) IS NOT TRUE)", sa.Boolean)


class ExpectNoRowsWhere(ColumnMapExpectation):
    """Expect that an SQL predicate on a row's columns is true for no row.

    ``column`` is the row's key, because Great Expectations passes a map expectation unchecked if all values of its
    column are NULL.
    """

    where: str
    column: str = "row_number"

    map_metric: ClassVar[str] = "column_values.no_row_where"
    success_keys: ClassVar[tuple[str, ...]] = ("where", "mostly")
    args_keys: ClassVar[tuple[str, ...]] = ("column", "where")


class ExpectNoRowsFrom(UnexpectedRowsExpectation):
    """Expect that a query returns no row. It counts the rows and fetches none."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, bool]:
        return {"success": metrics["unexpected_rows_query.row_count"] == 0}
