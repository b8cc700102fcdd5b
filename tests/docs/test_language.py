"""One voice in all that the project says: phrases that must not come back, and names that name nothing.

A failure says where the phrase is and what to write instead. ``docs/style.md`` has the rules.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]

# Names of variables that say nothing about what they name.
EMPTY_NAMES = frozenset({"one", "each", "found", "said", "told", "held", "made"})

_TEXTS = (".py", ".md", ".sql", ".yml", ".j2", ".css", ".toml", ".sh", ".in", "Makefile", "Dockerfile", ".ci/run")
# The list of phrases itself; and dumps of a database as it was, whose texts are copies.
_NOT_READ = re.compile(r"tests/docs/(phrases\.yml|test_language\.py)|tests/golden/[^/]*\.sql")
_LINE_BREAK = re.compile(r"\s*\n\s*(?:#+|--|\*|//)?:?\s*")


@dataclass(frozen=True)
class Phrase:
    pattern: re.Pattern[str]
    write: str


@cache
def phrases() -> list[Phrase]:
    listed = yaml.safe_load((ROOT / "tests" / "docs" / "phrases.yml").read_text(encoding="utf-8"))
    return [Phrase(re.compile(entry["phrase"], re.IGNORECASE), entry["write"]) for entry in listed]


@cache
def tracked() -> list[str]:
    """Every tracked text that the language test reads, by its path from the root."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [path for path in listed.stdout.split("\0") if path.endswith(_TEXTS) and not _NOT_READ.fullmatch(path)]
    return [path for path in paths if (ROOT / path).exists()]


def problems_of_text(text: str) -> Iterator[str]:
    """What is to be rewritten in a text: the phrase in its place, and what to write."""
    words = _LINE_BREAK.sub(" ", text)
    for phrase in phrases():
        for match in phrase.pattern.finditer(words):
            place = words[max(0, match.start() - 40) : match.end() + 40]
            yield f"“…{place}…”: not “{match.group()}”; write {phrase.write}"


def names_of_functions(tree: ast.AST) -> str:
    names = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return ". ".join(name.replace("_", " ") for name in names)


def empty_names(tree: ast.AST) -> Iterator[str]:
    """The targets of assignments and loops, and the parameters, whose name names nothing."""
    for node in ast.walk(tree):
        name = node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else None
        name = node.arg if isinstance(node, ast.arg) else name
        if name in EMPTY_NAMES:
            yield f"line {node.lineno}: “{name}” says nothing about what it names"  # type: ignore[attr-defined]


def test_no_phrase_of_the_list_comes_back() -> None:
    problems = []
    for path in tracked():
        text = (ROOT / path).read_text(encoding="utf-8")
        names = names_of_functions(ast.parse(text)) if path.endswith(".py") else ""
        problems += [f"{path}: {problem}" for source in (text, names) for problem in problems_of_text(source)]
    assert not problems, "\n".join(problems)


def test_variables_are_named_for_what_they_are() -> None:
    problems = [
        f"{path}: {problem}"
        for path in tracked()
        if path.endswith(".py")
        for problem in empty_names(ast.parse((ROOT / path).read_text(encoding="utf-8")))
    ]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    "text",
    [
        "This job reference stands more than once.",
        "Correct it;\n# whoever sent it is told.",
        "The file\n-- lies in the inbox.",
        "Questions? Answer this mail.",
        "measures that do not travel the good way",
    ],
)
def test_the_list_finds_what_it_is_for(text: str) -> None:
    assert list(problems_of_text(text))


def test_plain_sentences_pass() -> None:
    text = "This job reference appears more than once. Reply to this email. There is no agreement. [c] stands for 5."
    assert not list(problems_of_text(text))


def test_every_kind_of_variable_is_looked_at() -> None:
    code = "def f(one):\n    for each in one:\n        found = each\n    return [said for said in (made := one)]\n"
    assert [problem.split("“")[1].split("”")[0] for problem in empty_names(ast.parse(code))] != []
    assert {problem.split("“")[1].split("”")[0] for problem in empty_names(ast.parse(code))} == {
        "one", "each", "found", "said", "made",
    }  # fmt: skip
