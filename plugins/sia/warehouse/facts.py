"""Makes everything about the facts of a return from its contract: columns, table, load, comments, history and rights.

The contract's ``fact`` (:class:`sia.contract.model.Fact`) decides all of it. Nothing here touches a database:
``sia.warehouse.fact_tables`` creates the tables, ``sia.warehouse.objects`` the views and comments, and
``sia.warehouse.load`` writes the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import sqlglot
from psycopg2 import sql
from sqlglot import exp

from sia.contract.model import WITHHELD, Choice, Column, ColumnType, Contract, Dimension, Table, WorkedOut
from sia.contract.rules import text_name
from sia.geography import ELSEWHERE, AreaType
from sia.warehouse.objects import DatabaseObject, day_functions
from sia.warehouse.sql_files import statement
from sia.warehouse.version_views import StoredColumn, quoted, version_views

RETURN = "s"
"""The alias of the return's typed view in every query of ``include/sql/load``."""

_TYPES = {
    ColumnType.TEXT: "text",
    ColumnType.INTEGER: "integer",
    ColumnType.DECIMAL: "numeric",
    ColumnType.MONEY: "numeric(12,2)",
    ColumnType.DATE: "date",
    ColumnType.MONTH: "date",
    ColumnType.YES_NO: "boolean",
    ColumnType.CHOICE: "text",
}
_WORKED_OUT_TYPES = {
    "text": "text",
    "integer": "integer",
    "decimal": "numeric",
    "date": "date",
    "yes_no": "boolean",
    "bytes": "bytea",
    "area": "text",
}
_AREAS = "warehouse.dim_area"
_VERSIONS = "warehouse.return_version"
_REASON = "Why there is no figure: withheld, if the sender may not give it to us; NULL if there is one"
# A publisher names places by their codes: those of these types are places in our county.
_OUR_AREAS = (AreaType.COUNTY, AreaType.DISTRICT)


@dataclass(frozen=True, slots=True)
class FactColumn:
    """A column of a table of facts, other than ``return_version_id`` and ``row_number``.

    ``type`` is its type in PostgreSQL. ``copied`` is the column of the return that it copies, if it copies one.
    ``made_from`` names every column of the return that it is made from. ``refers_to`` is the dimension of its codes.
    ``reason_for`` is the column of the facts of which it says why a value is missing.
    """

    name: str
    type: str
    required: bool
    made_from: tuple[str, ...]
    copied: Column | None = None
    refers_to: str | None = None
    codes: tuple[str, ...] = ()
    minimum: float | None = None
    is_month: bool = False
    reason_for: FactColumn | None = None


@dataclass(frozen=True, slots=True)
class TableShape:
    """The columns, keys and constraints that a table of the warehouse must have.

    ``columns`` are pairs of name and type; ``nullable`` names those that may be NULL. ``references`` maps a column to a
    table, ``checks`` a name to a condition, and ``indexes`` a name to its method and columns.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    nullable: frozenset[str] = frozenset()
    primary_key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    references: dict[str, str] = field(default_factory=dict)
    checks: dict[str, sql.Composable] = field(default_factory=dict)
    indexes: dict[str, sql.Composable] = field(default_factory=dict)


def fact_columns(contract: Contract, table: Table) -> tuple[FactColumn, ...]:
    """The columns of a table's facts, in order, without ``return_version_id`` and ``row_number``.

    Raises:
        ValueError: two columns have the same name, there is no ``area_code``, or a key or index names an unknown
            column. The message names the columns.
    """
    columns = tuple(_with_reasons(table, _columns(contract, table)))
    here = f"contract {contract.name}, table {table.name}, fact"
    if twice := [name for name, count in Counter(column.name for column in columns).items() if count > 1]:
        raise ValueError(f"{here}: two columns are called {', '.join(twice)}; give another name in 'names'")
    names = {column.name for column in columns}
    if "area_code" not in names:
        raise ValueError(
            f"{here}: no column is the area_code; the return needs a choice of areas, or the facts 'area_columns',"
            " 'area_lookup' or a column 'area_code' that is worked out"
        )
    used = {name for group in (*table.fact.unique, *table.fact.indexes) for name in group}
    if unknown := sorted(used - names):
        raise ValueError(f"{here}: no such column: {', '.join(unknown)}")
    return columns


def _with_reasons(table: Table, columns: Iterable[FactColumn]) -> Iterator[FactColumn]:
    """The columns, and after each whose value the sender may withhold one that says so."""
    for column in columns:
        is_figure = column.copied is not None or column.name == table.fact.area_columns
        if not (is_figure and any(table.column(name).may_be_withheld for name in column.made_from)):
            yield column
            continue
        yield replace(column, required=False)
        yield FactColumn(
            reason_name(column.name), "text", False, column.made_from, codes=(WITHHELD,), reason_for=column
        )


def _columns(contract: Contract, table: Table) -> Iterator[FactColumn]:
    fact, areas = table.fact, table.area_columns
    remaining = dict(fact.worked_out)
    for column in table.stored:
        name = table.fact_name(column)
        if column.name in fact.only_checked:
            continue
        if column.name in areas:
            if column.name == next(iter(areas)):
                yield FactColumn("area_code", "text", True, tuple(areas), refers_to=_AREAS)
                yield _figure(table)
        elif name in remaining:
            yield _worked_out(contract, table, name, remaining.pop(name))
        else:
            yield _copied(contract, name, column)
        if column.name == fact.area_lookup:
            yield FactColumn("area_code", "text", True, (column.name,), refers_to=_AREAS)
    for name, worked_out in remaining.items():
        yield _worked_out(contract, table, name, worked_out)


def _copied(contract: Contract, name: str, column: Column) -> FactColumn:
    dimension = _AREAS if column.choices_from else None
    if column.dimension:
        dimension = dimension_table(column.dimension)
    return FactColumn(
        name,
        _TYPES[column.type],
        column.required,
        (column.name,),
        copied=column,
        refers_to=dimension,
        # An archive has millions of rows, and its rules have already compared each with the codes.
        codes=() if dimension or contract.archive else tuple(choice.code for choice in column.choices),
        minimum=None if contract.archive else column.min_value,
        is_month=column.type is ColumnType.MONTH,
    )


def _figure(table: Table) -> FactColumn:
    """The fact's column for the figures of a table that has one column for each area."""
    columns = [table.column(name) for name in table.area_columns]
    if len({_TYPES[column.type] for column in columns}) > 1:
        raise ValueError(f"table {table.name}: the columns of the areas must have one type: {', '.join(table.names)}")
    minimums = [column.min_value for column in columns if column.min_value is not None]
    return FactColumn(
        table.fact.area_columns or "",
        _TYPES[columns[0].type],
        all(column.required for column in columns),
        tuple(table.area_columns),
        minimum=min(minimums) if len(minimums) == len(columns) else None,
    )


def _worked_out(contract: Contract, table: Table, name: str, worked_out: WorkedOut) -> FactColumn:
    if worked_out.sql is not None:
        made_from = _named(table, sqlglot.parse_one(worked_out.sql, dialect="postgres"))
    elif table.fact.load is not None:
        made_from = tuple(dict.fromkeys(_looked_up(table, name)))
    else:
        raise ValueError(
            f"contract {contract.name}, table {table.name}: give the fact's column {name} its 'sql', or the fact a"
            " 'load'"
        )
    return FactColumn(
        name,
        _WORKED_OUT_TYPES[worked_out.type],
        worked_out.required,
        made_from,
        refers_to=_AREAS if worked_out.type == "area" else None,
    )


def _named(table: Table, expression: exp.Expr) -> tuple[str, ...]:
    """The return's columns that an expression uses, as values or as text."""
    used = (column.name for column in expression.find_all(exp.Column))
    names = (name if name in table.names else name.removesuffix("_text") for name in used)
    return tuple(dict.fromkeys(name for name in names if name in table.names))


def _looked_up(table: Table, name: str) -> Iterator[str]:
    """The return's columns that a column of the query ``load`` is made from, directly or through a join."""
    select = sqlglot.parse_one(statement(f"load/{table.fact.load}"), dialect="postgres")
    expression = next((item for item in select.expressions if item.alias_or_name == name), None)
    if expression is None:
        raise ValueError(f"include/sql/load/{table.fact.load}.sql gives no column {name}")
    for column in expression.find_all(exp.Column):
        if column.table == RETURN:
            yield column.name
        for join in select.args.get("joins", ()):
            if join.this.alias == column.table:
                yield from (other.name for other in join.find_all(exp.Column) if other.table == RETURN)


def lineage(contract: Contract, table: Table) -> dict[str, tuple[str, ...]]:
    """The columns of the return that each column of a fact is made from; empty for a column that the warehouse adds."""
    made_from = {column.name: column.made_from for column in fact_columns(contract, table)}
    return {"return_version_id": (), "row_number": ("row_number",), **made_from}


# The table.


def fact_shape(contract: Contract, table: Table) -> TableShape:
    """The table for a return's facts. Facts with ``bulk`` have no key, reference or check."""
    fact, columns = table.fact, fact_columns(contract, table)
    types = (
        ("return_version_id", "bigint"),
        ("row_number", "bigint"),
        *((column.name, column.type) for column in columns),
    )
    nullable = frozenset(column.name for column in columns if not column.required)
    indexes = {
        f"{fact.name}_by_{group[0]}": sql.SQL("USING btree ({})").format(_names(("return_version_id", *group)))
        for group in fact.indexes
    }
    if fact.bulk:
        months = [column.name for column in columns if column.is_month][:1]
        operators = [sql.SQL("return_version_id int8_minmax_multi_ops")]
        operators += [sql.SQL("{} date_minmax_multi_ops").format(sql.Identifier(name)) for name in months]
        indexes[f"{fact.name}_by_return_version"] = sql.SQL("USING brin ({}) WITH (autosummarize = TRUE)").format(
            sql.SQL(", ").join(operators)
        )
        return TableShape(f"warehouse.{fact.name}", types, nullable, indexes=indexes)
    primary_key, unique = _keys(table, columns)
    return TableShape(
        f"warehouse.{fact.name}",
        types,
        nullable,
        primary_key,
        unique,
        {
            "return_version_id": _VERSIONS,
            **{column.name: column.refers_to for column in columns if column.refers_to},
        },
        dict(_checks(columns)) | {f"{fact.name}_{name}": sql.SQL(condition) for name, condition in fact.checks.items()},
        indexes,
    )


def _keys(table: Table, columns: Iterable[FactColumn]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The primary key, and the other unique columns.

    If a column of the return's key may be NULL, that key is unique, and the row number is the primary key.
    """
    by_name = {column.name: column for column in columns}
    area = ("area_code",) if table.area_columns else ()
    key = tuple(table.fact_name(table.column(name)) for name in table.key)
    unique = tuple(("return_version_id", *names) for names in table.fact.unique)
    row = ("return_version_id", "row_number", *area)
    if not key or not set(key) <= by_name.keys():
        return row, unique
    key = ("return_version_id", *key, *area)
    if all(by_name[name].required for name in key[1:]):
        return key, unique
    return row, (key, *unique)


def _checks(columns: Iterable[FactColumn]) -> Iterator[tuple[str, sql.Composable]]:
    for column in columns:
        name = sql.Identifier(column.name)
        if value := column.reason_for:
            condition = "num_nonnulls({}, {}) = 1" if value.required else "num_nonnulls({}, {}) <= 1"
            yield f"{value.name}_or_reason", sql.SQL(condition).format(sql.Identifier(value.name), name)
        if column.codes:
            yield (
                f"{column.name}_agreed",
                sql.SQL("{} IN ({})").format(name, sql.SQL(", ").join(map(sql.Literal, column.codes))),
            )
        if column.minimum is not None:
            yield f"{column.name}_minimum", sql.SQL("{} >= {}").format(name, sql.SQL(f"{column.minimum:g}"))
        if column.is_month:
            yield f"{column.name}_first_day", sql.SQL("extract(DAY FROM {}) = 1").format(name)


# Dimensions.


def dimension_table(dimension: Dimension) -> str:
    """The name of a dimension's table, with its schema."""
    return f"warehouse.dim_{dimension.name}"


def dimensions(agreed: Iterable[Contract]) -> dict[str, tuple[Contract, Column, Dimension]]:
    """The dimensions of the contracts by table, each with its contract and column.

    Raises:
        ValueError: two columns have a dimension of the same name.
    """
    by_table: dict[str, tuple[Contract, Column, Dimension]] = {}
    for contract in agreed:
        for table in contract.tables:
            for column in table.stored:
                if column.dimension is None:
                    continue
                name = dimension_table(column.dimension)
                if name in by_table:
                    raise ValueError(f"contracts {by_table[name][0].name} and {contract.name} both make {name}")
                by_table[name] = contract, column, column.dimension
    return by_table


def dimension_shape(dimension: Dimension) -> TableShape:
    """The table of a dimension."""
    code_column, name_column = f"{dimension.name}_code", f"{dimension.name}_name"
    attributes = (
        (name, "boolean" if isinstance(attribute.default, bool) else "text")
        for name, attribute in dimension.attributes.items()
    )
    columns = ((code_column, "text"), (name_column, "text"), *attributes)
    return TableShape(dimension_table(dimension), columns, primary_key=(code_column,), unique=((name_column,),))


def dimension_rows(column: Column, dimension: Dimension) -> list[dict[str, object]]:
    """The rows of a dimension: one for each choice of its column."""
    defaults = {name: attribute.default for name, attribute in dimension.attributes.items()}
    return [
        {f"{dimension.name}_code": choice.code, f"{dimension.name}_name": choice.label, **defaults, **choice.attributes}
        for choice in column.choices
    ]


def dimension_object(dimension: Dimension) -> DatabaseObject:
    """The comments of a dimension."""
    name = dimension_table(dimension)
    comments = {f"{dimension.name}_code": "Code", f"{dimension.name}_name": "Name as published"}
    comments |= {attribute: definition.description for attribute, definition in dimension.attributes.items()}
    return DatabaseObject(name, _comments(name, dimension.title, comments))


# The load.


def load_statement(contract: Contract, table: Table) -> sql.Composed:
    """The INSERT of a submission's rows as facts.

    It reads the temporary view ``typed``, the return as typed values, and the temporary table ``new_return_version``,
    the versions that this load opens. :mod:`sia.warehouse.load` creates both.
    """
    columns = fact_columns(contract, table)
    areas = table.area_columns
    source = sql.SQL("typed")
    if table.fact.load:
        source = sql.SQL("({})").format(sql.SQL(statement(f"load/{table.fact.load}")))
    inner = [
        sql.SQL("s.row_number"),
        *(_inner(table, column) for column in columns if column.name not in _outer(table)),
    ]
    inner += [sql.SQL("s.{0}").format(sql.Identifier(name)) for name in areas]
    inner += [_missing_reason(name, reason_name(name)) for name in areas]
    joins = [_version_join(contract, columns)]
    if contract.archive:
        inner.append(sql.SQL("s.file_month"))
    if table.fact.area_lookup:
        lookup = table.fact_name(table.column(table.fact.area_lookup))
        joins.append(
            sql.SQL("LEFT JOIN warehouse.dim_area AS a ON w.{} = a.area_code AND a.area_type IN ({})").format(
                sql.Identifier(lookup), sql.SQL(", ").join(sql.Literal(kind.value) for kind in _OUR_AREAS)
            )
        )
    if areas:
        cells = (
            sql.SQL("({}, w.{}, w.{})").format(
                sql.Literal(area.code), sql.Identifier(name), sql.Identifier(reason_name(name))
            )
            for name, area in areas.items()
        )
        joins.append(
            sql.SQL("CROSS JOIN LATERAL (VALUES {}) AS c (area_code, figure, missing_reason)").format(
                sql.SQL(", ").join(cells)
            )
        )
    outer = _outer(table)
    selected = (outer.get(column.name, sql.SQL("w.{}").format(sql.Identifier(column.name))) for column in columns)
    return sql.SQL(
        "INSERT INTO {fact} (return_version_id, row_number, {names})\n"
        "SELECT h.return_version_id, w.row_number, {selected}\n"
        "FROM (SELECT {inner} FROM {source} AS s) AS w\n{joins}"
    ).format(
        fact=sql.Identifier("warehouse", table.fact.name),
        names=_names(column.name for column in columns),
        selected=sql.SQL(", ").join(selected),
        inner=sql.SQL(", ").join(inner),
        source=source,
        joins=sql.SQL("\n").join(joins),
    )


def _outer(table: Table) -> dict[str, sql.Composable]:
    """The fact's columns that come from a table joined to the return's rows."""
    if table.area_columns:
        figure = table.fact.area_columns or ""
        return {
            "area_code": sql.SQL("c.area_code"),
            figure: sql.SQL("c.figure"),
            reason_name(figure): sql.SQL("c.missing_reason"),
        }
    if table.fact.area_lookup:
        return {"area_code": sql.SQL("coalesce(a.area_code, {})").format(sql.Literal(ELSEWHERE))}
    return {}


def reason_name(name: str) -> str:
    """The column of the facts that says why a figure is missing."""
    return f"{name}_missing_reason"


def _missing_reason(column: str, name: str) -> sql.Composable:
    """Why a column of the return has no number: the sender withheld it, or NULL."""
    return sql.SQL("CASE WHEN s.{} = {} THEN {} END AS {}").format(
        sql.Identifier(text_name(column)), sql.Literal(WITHHELD), sql.Literal(WITHHELD), sql.Identifier(name)
    )


def _inner(table: Table, column: FactColumn) -> sql.Composable:
    if column.reason_for:
        return _missing_reason(column.made_from[0], column.name)
    worked_out = table.fact.worked_out.get(column.name)
    name = sql.Identifier(column.name)
    if worked_out and worked_out.sql:
        return sql.SQL("{} AS {}").format(sql.SQL(worked_out.sql), name)
    return sql.SQL("s.{} AS {}").format(sql.Identifier(column.copied.name if column.copied else column.name), name)


def _version_join(contract: Contract, columns: Iterable[FactColumn]) -> sql.Composable:
    """The join from a row to its return version, which covers a quarter or a month."""
    if contract.version_period == "quarter":
        return sql.SQL("CROSS JOIN new_return_version AS h")
    month = next((column.name for column in columns if column.is_month), None)
    if month:
        return sql.SQL("INNER JOIN new_return_version AS h ON w.{} = h.starts_on").format(sql.Identifier(month))
    if contract.archive:
        return sql.SQL("INNER JOIN new_return_version AS h ON staging.to_month(w.file_month) = h.starts_on")
    raise ValueError(f"contract {contract.name}: a return whose versions are months needs a column of type month")


# Comments, history and rights.


def fact_objects(contract: Contract, table: Table) -> Iterator[DatabaseObject]:
    """The comments and insert guard of a table of facts, and the views and functions of its history."""
    fact = f"warehouse.{table.fact.name}"
    title, comments = fact_comments(contract, table)
    guard = (
        f"CREATE OR REPLACE TRIGGER forbid_late_insert AFTER INSERT ON {fact} REFERENCING NEW TABLE AS added\n"
        "FOR EACH STATEMENT WHEN (NOT pg_has_role('sia_owner', 'MEMBER'))\n"
        "EXECUTE FUNCTION warehouse.forbid_late_insert();\n"
    )
    yield DatabaseObject(fact, guard + _comments(fact, title, comments))
    types = {name: of_type.partition("(")[0] for name, of_type in fact_shape(contract, table).columns}
    columns = {name: StoredColumn(of_type, comments[name]) for name, of_type in types.items()}
    versions = version_views(fact, columns, title, contract.name)
    yield from (versions, *day_functions(versions))


def fact_comments(contract: Contract, table: Table) -> tuple[str, dict[str, str]]:
    """The comment of a table of facts, and the comment of each of its columns by name.

    A column that is copied from the return has the heading and help that the partner reads, unless the contract
    describes it.

    Raises:
        ValueError: a column has no description, or the contract describes a column that the facts do not have. The
            message names contract, table and columns.
    """
    columns = fact_columns(contract, table)
    comments = {
        "return_version_id": "Return version that the row belongs to",
        "row_number": row_number_comment(contract, table),
        **{column.name: _copied_comment(column.copied) for column in columns if column.copied},
        **{column.name: _REASON for column in columns if column.reason_for},
        **table.fact.descriptions,
    }
    names = ("return_version_id", "row_number", *(column.name for column in columns))
    here = f"contract {contract.name}, table {table.name}: the fact's descriptions"
    if missing := [name for name in names if name not in comments]:
        raise ValueError(f"{here} must include {', '.join(missing)}")
    if unknown := sorted(table.fact.descriptions.keys() - set(names)):
        raise ValueError(f"{here} include columns that {table.fact.name} does not have: {', '.join(unknown)}")
    title = table.fact.title or f"{contract.title}: {table.title}. {table.help}"
    for column in columns:
        if value := column.reason_for:
            comments[value.name] = f"{comments[value.name].rstrip('.')}. NULL if the sender withheld it"
    return title, {name: comments[name] for name in names}


def row_number_comment(contract: Contract, table: Table) -> str:
    """The description of a return's row number."""
    if contract.archive:
        return "Running number within the archive"
    if table.layout:
        return (
            "Row of the sheet plus 100,000 for each earlier column and sheet of the table, so that it leads to one cell"
        )
    return "Row of the sheet, or line of the file"


def column_comment(column: Column) -> str:
    """The heading, help and unit of a column, as the partner reads them."""
    return f"{column.label}: {column.help}" + (f" Unit: {column.unit}." if column.unit else "")


def _copied_comment(column: Column) -> str:
    words = column_comment(column)
    if column.choices:
        words += f" One of: {', '.join(_dated(choice) for choice in column.choices)}."
    if column.type is ColumnType.MONTH:
        words += " Stored as the first day of the month."
    return words if column.required else f"{words} NULL if the sender left it empty."


def _dated(choice: Choice) -> str:
    dates = [f"from {choice.starts}"] if choice.starts else []
    if choice.until:
        dates.append(f"before {choice.until}")
    return f"{choice.code} ({' '.join(dates)})" if dates else choice.code


def fact_grants(contract: Contract, table: Table) -> sql.Composed | None:
    """The GRANT for the roles that may read the facts and their history, as well as the loader; ``None`` for no role.

    Analysts, stewards and publishers may read published tables. Analysts may read counts. None of them may read rows
    about a case.
    """
    readers = ["analyst"] if table.fact.counts else []
    if contract.published:
        readers = ["analyst", "steward", "publisher"]
    if not readers:
        return None
    names = {suffix: sql.Identifier("warehouse", f"{table.fact.name}{suffix}") for suffix in _HISTORY}
    return sql.SQL(
        "GRANT SELECT ON {}, {} TO {readers}; GRANT EXECUTE ON FUNCTION {}(timestamptz), {}(date) TO {readers}"
    ).format(*names.values(), readers=_names(f"sia_{role}" for role in readers))


_HISTORY = ("", "_today", "_known_at", "_known_on")


def _comments(name: str, title: str, columns: dict[str, str]) -> str:
    return f"COMMENT ON TABLE {name} IS {quoted(title)};\n" + "".join(
        f'COMMENT ON COLUMN {name}."{column}" IS {quoted(words)};\n' for column, words in columns.items()
    )


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
