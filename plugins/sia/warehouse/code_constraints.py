"""Which codes a fact may hold: check constraints on its columns, made from the contracts."""

from __future__ import annotations

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from sia.contract.model import Contract, Table
from sia.warehouse.lineage import taken_as_it_is

_ENDING = "_agreed"


def constrain(connection: Connection, contract: Contract, table: Table) -> None:
    """Let a column of a fact that is a choice of the return hold the codes that the contract gives, and no others.

    Areas are not among them: they refer to ``warehouse.dim_area``. Nor are the archives' millions of rows, of which
    each would be compared with every code: their rules have done so. What was loaded under an earlier contract stays.
    """
    fact = sql.Identifier("warehouse", table.fact)
    wanted = {f"{name}{_ENDING}": (name, codes) for name, codes in _codes(contract, table).items()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, obj_description(oid, 'pg_constraint') FROM pg_constraint"
            " WHERE contype = 'c' AND conrelid = %s::regclass AND right(conname, %s) = %s",
            (f"warehouse.{table.fact}", len(_ENDING), _ENDING),
        )
        there = dict(cursor.fetchall())
        for constraint in [name for name, says in there.items() if name not in wanted or _says(*wanted[name]) != says]:
            cursor.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(fact, sql.Identifier(constraint)))
            del there[constraint]
        for constraint, (name, codes) in wanted.items():
            if constraint in there:
                continue
            cursor.execute(
                sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} CHECK ({} IN ({})) NOT VALID").format(
                    fact,
                    sql.Identifier(constraint),
                    sql.Identifier(name),
                    sql.SQL(", ").join(map(sql.Literal, codes)),
                )
            )
            cursor.execute(
                sql.SQL("COMMENT ON CONSTRAINT {} ON {} IS {}").format(
                    sql.Identifier(constraint), fact, sql.Literal(_says(name, codes))
                )
            )


def _codes(contract: Contract, table: Table) -> dict[str, tuple[str, ...]]:
    """By column of the fact that is a choice of the return, the codes of every time."""
    if contract.archive:
        return {}
    return {
        name: tuple(choice.code for choice in choices)
        for name, of in taken_as_it_is(contract, table).items()
        if of in table.names and (choices := table.column(of).choices)
    }


def _says(name: str, codes: tuple[str, ...]) -> str:
    return f"What the contract gives for {name}: {', '.join(codes)}"
