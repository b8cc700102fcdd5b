"""The expectations behind the rules that a contract writes in SQL, made cheap for large tables.

Great Expectations' own ``UnexpectedRowsExpectation`` reads the table twice for every rule: once for the
number of failing rows, once to fetch some of them. A condition on a row becomes a map expectation
instead, and joins the one aggregate query in which Great Expectations counts the failures of all column rules:
thirty rules cost one pass. A whole query keeps its pass, but only the one that counts.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.core import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics import ColumnMapMetricProvider, column_condition_partial


class RowsWhere(ColumnMapMetricProvider):
    """Counts the rows for which an SQL predicate is true; where it is unknown, nothing fails."""

    condition_metric_name = "column_values.no_row_where"
    condition_value_keys = ("where",)
    filter_column_isnull = False

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, _: sa.ColumnElement[Any], where: str, **__: Any) -> sa.ColumnElement[bool]:  # noqa: N805
        return sa.literal_column(f"(({where}) IS NOT TRUE)", sa.Boolean)


class ExpectNoRowsWhere(ColumnMapExpectation):
    """Expect that an SQL predicate over a row's columns is true for no row.

    ``column`` is the row's key, because Great Expectations passes a map expectation unseen where all
    values of its column are NULL.
    """

    where: str
    column: str = "row_number"

    map_metric: ClassVar[str] = "column_values.no_row_where"
    success_keys: ClassVar[tuple[str, ...]] = ("where", "mostly")
    args_keys: ClassVar[tuple[str, ...]] = ("column", "where")


class ExpectNoRowsFrom(UnexpectedRowsExpectation):
    """Expect that a query gives no row, by counting and without fetching any."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, bool]:
        return {"success": metrics["unexpected_rows_query.row_count"] == 0}
