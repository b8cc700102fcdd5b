"""What ``docs/analysts.md`` tells and the dictionary shows: questions, which a test runs, and oddities of sources."""

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
    """Something that a public source does which its reader would not expect, and what is done with it."""

    source: str
    odd: str
    done: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question: the SQL that answers it, and what it answers on the sample returns, as text."""

    number: int
    title: str
    note: str
    sql: str
    headings: tuple[str, ...]
    answer: tuple[tuple[str, ...], ...]


def questions(path: Path = DOCUMENT) -> tuple[Question, ...]:
    """Every numbered question of the document, in its order."""
    return tuple(_question(found) for found in _QUESTION.finditer(path.read_text(encoding="utf-8")))


def oddities(path: Path = DOCUMENT) -> tuple[Oddity, ...]:
    """What is odd in public sources, as the document lists it, without its marks."""
    found = _ODD.search(path.read_text(encoding="utf-8"))
    listed: list[Oddity] = []
    for source, odd, done in _table(re.sub("[`*]", "", found["table"]))[2:] if found else []:
        listed.append(Oddity(source or listed[-1].source, odd, done))
    return tuple(listed)


def _question(found: re.Match[str]) -> Question:
    table = _table(found["answer"])
    headings, answer = (table[0], tuple(table[2:])) if table else ((), ())
    return Question(int(found["number"]), found["title"], found["note"].strip(), found["sql"], headings, answer)


def _table(lines: str) -> list[tuple[str, ...]]:
    """The cells of a table, row by row."""
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines.strip("\n").splitlines()]
