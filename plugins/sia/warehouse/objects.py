"""Keeps views, functions, triggers and comments in step with the files in ``include/sql/objects``.

Objects that are made from the contracts (``sia.warehouse.version_views``) are applied in the same way. The database
stores a hash of each text. If no text has changed, nothing is touched. Otherwise every view and trigger is dropped and
created, in the order in which they read one another, and functions are replaced, all in the caller's transaction.
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
    """An SQL text that creates views, functions or triggers that belong together, with their comments."""

    name: str
    text: str

    @property
    def creates(self) -> tuple[tuple[str, str], ...]:
        """Kind and name of each object that the text creates: views, then functions, then triggers.

        A text of comments alone counts as one object with the text's own name.
        """
        created = [("view", name) for name in _VIEW.findall(self.text)]
        created += [("function", name) for name in _FUNCTION.findall(self.text)]
        created += [("trigger", f"{name} ON {table}") for name, table in _TRIGGER.findall(self.text)]
        return tuple(created) or (("comments", self.name),)

    @property
    def needs(self) -> frozenset[str]:
        """The tables of facts that the object needs."""
        return needed_facts(self.text)

    @property
    def content_hash(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def written_objects(facts: Collection[str]) -> list[DatabaseObject]:
    """The objects of ``include/sql/objects`` that need no other facts, with their functions ``<name>_known_on``."""
    objects = []
    for path in sorted((SQL / "objects").rglob("*.sql")):
        written = DatabaseObject(
            path.relative_to(SQL / "objects").with_suffix("").as_posix(), path.read_text(encoding="utf-8")
        )
        if written.needs <= set(facts):
            objects += [written, *day_functions(written)]
    return objects


def day_functions(written: DatabaseObject) -> Iterator[DatabaseObject]:
    """A function ``<name>_known_on(date)``, by the end of a day, for each function ``<name>_known_at(timestamptz)``."""
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
    """Make these the only objects in the database. The caller commits.

    Returns:
        Whether anything had changed.

    Raises:
        PermanentError: another object, not in this list, reads one of these and blocks its replacement.
    """
    ordered = in_order(objects)
    wanted = {name: (kind, obj.content_hash) for obj in ordered for kind, name in obj.creates}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT object_name, kind, content_hash FROM public.applied_object WHERE kind = ANY(%s)"
            " ORDER BY position DESC",
            (list(KINDS),),
        )
        existing = {name: (kind, content_hash) for name, kind, content_hash in cursor.fetchall()}
        if existing == wanted:
            return False
        drop_views(cursor)
        for obj in ordered:
            _create(cursor, obj)
        obsolete = existing.keys() - wanted.keys()
        _drop(cursor, (f"FUNCTION IF EXISTS {name}" for name in obsolete if existing[name][0] == "function"))
        cursor.execute("DELETE FROM public.applied_object WHERE kind = ANY(%s)", (list(KINDS),))
        execute_values(
            cursor,
            "INSERT INTO public.applied_object (object_name, kind, content_hash, position) VALUES %s",
            [(name, *kind_and_hash, position) for position, (name, kind_and_hash) in enumerate(wanted.items())],
        )
    return True


def drop_views(cursor: Cursor) -> None:
    """Drop every view and trigger, so that tables can be changed. :func:`apply` creates them again."""
    cursor.execute(
        "DELETE FROM public.applied_object WHERE kind IN ('view', 'trigger') RETURNING object_name, kind, position"
    )
    for name, kind, _ in sorted(cursor.fetchall(), key=lambda row: (row[1] == "view", -row[2])):
        _drop(cursor, [f"{kind.upper()} IF EXISTS {name}"])


def in_order(objects: Iterable[DatabaseObject]) -> list[DatabaseObject]:
    """The objects in order: each comes after the objects that its statements mention.

    Raises:
        graphlib.CycleError: two objects read each other.
    """
    by_name = {obj.name: obj for obj in sorted(objects, key=lambda obj: obj.name)}
    creator = {name: obj.name for obj in by_name.values() for _, name in obj.creates}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for obj in by_name.values():
        mentioned = set(re.findall(r"\b[a-z]+\.\w+", _COMMENT.sub("", obj.text)))
        sorter.add(obj.name, *sorted({creator[name] for name in mentioned & creator.keys()} - {obj.name}))
    return [by_name[name] for name in sorter.static_order()]


def _create(cursor: Cursor, obj: DatabaseObject) -> None:
    cursor.execute("SAVEPOINT before_object")
    try:
        cursor.execute(obj.text)
    except errors.InvalidFunctionDefinition:
        # PostgreSQL cannot replace a function whose parameters or columns have changed.
        cursor.execute("ROLLBACK TO SAVEPOINT before_object")
        _drop(cursor, (f"FUNCTION IF EXISTS {name}" for kind, name in obj.creates if kind == "function"))
        cursor.execute(obj.text)
    cursor.execute("RELEASE SAVEPOINT before_object")


def _drop(cursor: Cursor, objects: Iterable[str]) -> None:
    """Drop objects, each given as ``<kind> IF EXISTS <name>``."""
    for obj in objects:
        try:
            cursor.execute(sql.SQL("DROP {}").format(sql.SQL(obj)))
        except errors.DependentObjectsStillExist as error:
            raise PermanentError(
                f"{obj.removeprefix('VIEW IF EXISTS ').removeprefix('FUNCTION IF EXISTS ')} must be created again,"
                f" but {error.diag.message_detail}: drop what depends on it, run migrate, and create it again"
            ) from None
