"""What facts and staged returns say of themselves: comments on their tables and columns, made from the contracts.

A column that is taken from the return as it is says what the partner reads of it there. Of one that is worked out,
unfolded or looked up, and where the partner's words would not do, the contract describes it (``fact_descriptions``).
These replace any comment that a migration wrote.
"""

from __future__ import annotations

from collections.abc import Mapping

from sia.contract.model import Choice, Column, ColumnType, Contract, Table
from sia.warehouse.lineage import lineage, taken_as_it_is


def of_staging(contract: Contract, table: Table) -> tuple[str, Mapping[str, str]]:
    """What a staged table is, and by name what each of its columns is."""
    says = f"{contract.title}: {table.title}. Text as received; empty, copied for each submission"
    columns = {"row_number": _row_number(contract, table)}
    if contract.archive:
        columns["file_month"] = "Month in the name of the file that the row came from"
    return says, columns | {column.name: _read(column) for column in table.stored}


def of_fact(contract: Contract, table: Table) -> tuple[str, Mapping[str, str]]:
    """What a table of facts is, and by name what each of its columns is.

    Raises:
        ValueError: nothing says what a column is, or the contract speaks of one that the fact has not; the message
            names contract, table and columns.
    """
    columns = tuple(lineage(contract, table))
    said = {
        "return_version_id": "What we held true, and when",
        "row_number": _row_number(contract, table),
        **{name: _taken(table.column(of)) for name, of in taken_as_it_is(contract, table).items() if of in table.names},
        **table.fact_descriptions,
    }
    here = f"contract {contract.name}, table {table.name}: fact_descriptions"
    if silent := set(columns) - said.keys():
        raise ValueError(f"{here} has to say what these are: {', '.join(sorted(silent))}")
    if unknown := table.fact_descriptions.keys() - set(columns):
        raise ValueError(f"{here} speaks of what {table.fact} has not: {', '.join(sorted(unknown))}")
    return table.fact_title or f"{contract.title}: {table.title}. {table.help}", {name: said[name] for name in columns}


def _row_number(contract: Contract, table: Table) -> str:
    if contract.archive:
        return "Running number within the archive"
    if table.layout:
        return "Row of the sheet plus 100,000 for each column and sheet of the table before it: so it leads to one cell"
    return "Row of the sheet, or line of the file"


def _read(column: Column) -> str:
    """What a partner reads of a column."""
    return f"{column.label}: {column.help}" + (f" Unit: {column.unit}." if column.unit else "")


def _taken(column: Column) -> str:
    """What a column is once its text was read as its type."""
    words = _read(column)
    if column.choices:
        words += f" One of: {', '.join(_dated(choice) for choice in column.choices)}."
    if column.type is ColumnType.MONTH:
        words += " Kept as the first day of the month."
    return words if column.required else f"{words} NULL where it was left empty."


def _dated(choice: Choice) -> str:
    dates = [f"from {choice.starts}"] if choice.starts else []
    if choice.until:
        dates.append(f"before {choice.until}")
    return f"{choice.code} ({' '.join(dates)})" if dates else choice.code
