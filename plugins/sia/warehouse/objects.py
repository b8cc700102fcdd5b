"""Views, functions, triggers and comments: what the database has of them follows the files in ``include/sql/objects``.

What is made from the contracts (``sia.warehouse.version_views``) is applied in the same way. Each text is kept as a
hash. Where nothing differs nothing is touched; else every view and trigger is dropped and created again, in the order
in which they read one another, and functions are replaced, all in the caller's transaction.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter

from psycopg2 import errors, sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from sia.errors import PermanentError
from sia.paths import SQL
from sia.warehouse.sql_files import needed_facts

KINDS = ("view", "function", "trigger", "comments")
_VIEW = re.compile(r"^CREATE VIEW ([\w.]+)", re.MULTILINE)
_FUNCTION = re.compile(r"^CREATE OR REPLACE FUNCTION ([\w.]+)\(", re.MULTILINE)
_TRIGGER = re.compile(r"^CREATE (?:OR REPLACE|CONSTRAINT) TRIGGER (\w+)\s.*?\sON ([\w.]+)", re.MULTILINE | re.DOTALL)
_KNOWN_AT = re.compile(
    r"^CREATE OR REPLACE FUNCTION ([\w.]+)_known_at\(known_at timestamptz\)\s+RETURNS TABLE \((.*?)\)\s+LANGUAGE",
    re.MULTILINE | re.DOTALL,
)
_COMMENT = re.compile(r"^COMMENT ON .*?';$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class DatabaseObject:
    """One text of SQL that creates a view, function or trigger, or a close family of them, with their comments."""

    name: str
    text: str

    @property
    def creates(self) -> tuple[tuple[str, str], ...]:
        """Kind and name of what the text creates, in its order by kind; comments alone count by the text's own name."""
        found = [("view", name) for name in _VIEW.findall(self.text)]
        found += [("function", name) for name in _FUNCTION.findall(self.text)]
        found += [("trigger", f"{name} ON {table}") for name, table in _TRIGGER.findall(self.text)]
        return tuple(found) or (("comments", self.name),)

    @property
    def needs(self) -> frozenset[str]:
        """The facts without which it cannot be created."""
        return needed_facts(self.text)

    @property
    def content_hash(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def written_objects(facts: Collection[str]) -> list[DatabaseObject]:
    """The objects of ``include/sql/objects`` that these facts allow, with their functions ``<what>_known_on``."""
    found = []
    for path in sorted((SQL / "objects").rglob("*.sql")):
        written = DatabaseObject(
            path.relative_to(SQL / "objects").with_suffix("").as_posix(), path.read_text(encoding="utf-8")
        )
        if written.needs <= set(facts):
            found += [written, *day_functions(written)]
    return found


def day_functions(written: DatabaseObject) -> Iterator[DatabaseObject]:
    """For each function ``<what>_known_at(timestamptz)`` one ``<what>_known_on(date)``: by the end of a day."""
    for name, returned in _KNOWN_AT.findall(written.text):
        columns = ", ".join(f"k.{column.split()[0]}" for column in returned.split(","))
        comment = re.search(
            rf"^COMMENT ON FUNCTION {name}_known_at\(timestamptz\) IS\s+'(.*?)';$",
            written.text,
            re.MULTILINE | re.DOTALL,
        )
        if comment is None:
            raise ValueError(f"{written.name}: function {name}_known_at has no comment")
        yield DatabaseObject(
            f"{name}_known_on",
            f"CREATE OR REPLACE FUNCTION {name}_known_on(day date)\n"
            f"RETURNS TABLE ({returned}) LANGUAGE sql STABLE PARALLEL SAFE AS $$\n"
            f"SELECT {columns} FROM {name}_known_at(marts.end_of_day(day)) AS k\n$$;\n"
            f"COMMENT ON FUNCTION {name}_known_on(date) IS 'By the end of a day (Europe/London). {comment[1]}';\n",
        )


def apply(connection: Connection, objects: Iterable[DatabaseObject]) -> bool:
    """Make the database have exactly these objects. Nothing is committed.

    Returns:
        Whether anything differed.

    Raises:
        PermanentError: something that is none of these objects reads one of them, and would have to be dropped.
    """
    ordered = in_order(objects)
    wanted = {name: (kind, one.content_hash) for one in ordered for kind, name in one.creates}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT object_name, kind, content_hash FROM public.applied_object WHERE kind = ANY(%s)"
            " ORDER BY position DESC",
            (list(KINDS),),
        )
        there = {name: (kind, content_hash) for name, kind, content_hash in cursor.fetchall()}
        if there == wanted:
            return False
        drop_views(cursor)
        for one in ordered:
            _create(cursor, one)
        gone = there.keys() - wanted.keys()
        _drop(cursor, (f"FUNCTION IF EXISTS {name}" for name in gone if there[name][0] == "function"))
        cursor.execute("DELETE FROM public.applied_object WHERE kind = ANY(%s)", (list(KINDS),))
        execute_values(
            cursor,
            "INSERT INTO public.applied_object (object_name, kind, content_hash, position) VALUES %s",
            [(name, *known, position) for position, (name, known) in enumerate(wanted.items())],
        )
    return True


def drop_views(cursor: Cursor) -> None:
    """Drop every view and trigger, so that a table may be changed; :func:`apply` creates them again."""
    cursor.execute(
        "DELETE FROM public.applied_object WHERE kind IN ('view', 'trigger') RETURNING object_name, kind, position"
    )
    for name, kind, _ in sorted(cursor.fetchall(), key=lambda row: (row[1] == "view", -row[2])):
        _drop(cursor, [f"{kind.upper()} IF EXISTS {name}"])


def in_order(objects: Iterable[DatabaseObject]) -> list[DatabaseObject]:
    """The objects, each after those that its statements name.

    Raises:
        graphlib.CycleError: two objects read each other.
    """
    by_name = {one.name: one for one in sorted(objects, key=lambda one: one.name)}
    creator = {name: one.name for one in by_name.values() for _, name in one.creates}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for one in by_name.values():
        mentioned = set(re.findall(r"\b[a-z]+\.\w+", _COMMENT.sub("", one.text)))
        sorter.add(one.name, *sorted({creator[name] for name in mentioned & creator.keys()} - {one.name}))
    return [by_name[name] for name in sorter.static_order()]


def _create(cursor: Cursor, one: DatabaseObject) -> None:
    cursor.execute("SAVEPOINT before_object")
    try:
        cursor.execute(one.text)
    except errors.InvalidFunctionDefinition:
        # A function whose parameters or columns have changed cannot be replaced.
        cursor.execute("ROLLBACK TO SAVEPOINT before_object")
        _drop(cursor, (f"FUNCTION IF EXISTS {name}" for kind, name in one.creates if kind == "function"))
        cursor.execute(one.text)
    cursor.execute("RELEASE SAVEPOINT before_object")


def _drop(cursor: Cursor, what: Iterable[str]) -> None:
    """Drop objects by kind and name, as ``public.applied_object`` has them."""
    for one in what:
        try:
            cursor.execute(sql.SQL("DROP {}").format(sql.SQL(one)))
        except errors.DependentObjectsStillExist as error:
            raise PermanentError(
                f"{one.removeprefix('VIEW IF EXISTS ').removeprefix('FUNCTION IF EXISTS ')} has to be created again,"
                f" but {error.diag.message_detail}: drop what depends on it, migrate, and create it again"
            ) from None
