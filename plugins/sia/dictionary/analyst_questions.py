"""The parts of ``docs/analysts.md`` that the dictionary shows: tested questions, and oddities of public sources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sia.paths import PROJECT

DOCUMENT = PROJECT / "docs" / "analysts.md"
_QUESTION = re.compile(
    r"^### (?P<number>\d+)\. (?P<title>.+?)\n(?P<note>.*?)```sql\n(?P<sql>.+?)\n```\n(?P<answer>(?:\n\|[^\n]+)*)",
    re.MULTILINE | re.DOTALL,
)


_ODD = re.compile(r"^### Peculiarities\n\n(?P<table>(?:\|[^\n]+\n)+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something unexpected about a public source, and what we do about it."""

    source: str
    odd: str
    done: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the SQL that answers it, and the answer from the sample returns as text."""

    number: int
    title: str
    note: str
    sql: str
    headings: tuple[str, ...]
    answer: tuple[tuple[str, ...], ...]


def questions(path: Path = DOCUMENT) -> tuple[Question, ...]:
    """Every numbered question of the document, in its order."""
    return tuple(_question(match) for match in _QUESTION.finditer(path.read_text(encoding="utf-8")))


def oddities(path: Path = DOCUMENT) -> tuple[Oddity, ...]:
    """The oddities of public sources that the document lists, without Markdown's marks."""
    match = _ODD.search(path.read_text(encoding="utf-8"))
    listed: list[Oddity] = []
    for source, odd, done in _table(re.sub("[`*]", "", match["table"]))[2:] if match else []:
        listed.append(Oddity(source or listed[-1].source, odd, done))
    return tuple(listed)


def _question(match: re.Match[str]) -> Question:
    table = _table(match["answer"])
    headings, answer = (table[0], tuple(table[2:])) if table else ((), ())
    return Question(int(match["number"]), match["title"], match["note"].strip(), match["sql"], headings, answer)


def _table(lines: str) -> list[tuple[str, ...]]:
    """The cells of a table, row by row."""
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines.strip("\n").splitlines()]
