"""The questions of ``docs/analysts.md``, with their SQL and their answers: shown in the dictionary, run by a test."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sia.paths import PROJECT

_QUESTION = re.compile(
    r"^### (?P<number>\d+)\. (?P<title>.+?)\n(?P<note>.*?)```sql\n(?P<sql>.+?)\n```\n(?P<answer>(?:\n\|[^\n]+)*)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question: the SQL that answers it, and what it answers on the sample returns, as text."""

    number: int
    title: str
    note: str
    sql: str
    headings: tuple[str, ...]
    answer: tuple[tuple[str, ...], ...]


def questions(path: Path = PROJECT / "docs" / "analysts.md") -> tuple[Question, ...]:
    """Every numbered question of the document, in its order."""
    return tuple(_question(found) for found in _QUESTION.finditer(path.read_text(encoding="utf-8")))


def _question(found: re.Match[str]) -> Question:
    lines = found["answer"].split("\n")[1:]
    table = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    headings, answer = (table[0], tuple(table[2:])) if table else ((), ())
    return Question(int(found["number"]), found["title"], found["note"].strip(), found["sql"], headings, answer)
