"""The mart with one column for the county and one for each partnership in the register of areas."""

from __future__ import annotations

from sia import geography
from sia.warehouse.objects import DatabaseObject
from sia.warehouse.version_views import quoted

_NAME = "marts.areas_side_by_side"
_COMMENT = "County and partnerships side by side: one row for each measure and quarter, as known today"
_COMMENTS = {
    "quarter_key": "Financial quarter",
    "measure_id": "Measure",
    "measure_title": "Title of the measure",
    "compared_as": "Unit of the figures: per 1,000 residents, per cent, pounds, number, or the measure's unit",
    "complete": "Whether we have every month of the quarter",
    "synthetic": "Whether any of the figures is synthetic",
    "small_number": "Whether any of the figures has too few cases to be published; NULL for money",
}


def areas_side_by_side() -> DatabaseObject:
    """The view, with its comments."""
    areas = {area.column: area for area in (geography.county(), *geography.csps())}
    columns = "".join(
        "    max(CASE WHEN complete THEN coalesce(rate_per_1000, value) END)"
        f" FILTER (WHERE area_code = {quoted(area.code)}) AS {column},\n"
        for column, area in areas.items()
    )
    comments = _COMMENTS | {
        column: f"{area.name}; NULL if we have no figure, or not the whole quarter" for column, area in areas.items()
    }
    statements = [
        f"CREATE VIEW {_NAME} AS\n"
        "SELECT\n"
        "    quarter_key,\n"
        "    measure_id,\n"
        "    measure_title,\n"
        "    CASE kind\n"
        "        WHEN 'proportion' THEN 'per cent'\n"
        "        WHEN 'mean' THEN unit\n"
        "        WHEN 'money' THEN 'pounds'\n"
        "        ELSE CASE WHEN bool_or(rate_per_1000 IS NOT NULL) THEN 'per 1,000 residents' ELSE 'number' END\n"
        "    END AS compared_as,\n"
        f"{columns}"
        "    bool_and(complete) AS complete,\n"
        "    bool_or(synthetic) AS synthetic,\n"
        "    bool_or(small_number) AS small_number\n"
        "FROM marts.scorecard_wide\n"
        "WHERE area_type IN ('county', 'csp')\n"
        "GROUP BY quarter_key, measure_id, measure_title, kind, unit",
        f"COMMENT ON VIEW {_NAME} IS {quoted(_COMMENT)}",
        *(f"COMMENT ON COLUMN {_NAME}.{name} IS {quoted(words)}" for name, words in comments.items()),
    ]
    return DatabaseObject(_NAME, "".join(f"{statement};\n" for statement in statements))
