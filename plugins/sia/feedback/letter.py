"""Letters: each is written once, in Markdown (``include/templates/letters``), and sent as plain text and as HTML."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

from sia.feedback.wording import number_of
from sia.paths import TEMPLATES
from sia.registers.partners import partners
from sia.settings import settings

_WIDTH = 78
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it is sent."""

    kind: str
    subject: str
    plain: str
    html: str


def render(kind: str, template: str, subject: str, words: Mapping[str, Any]) -> Letter:
    """Write a letter.

    Args:
        kind: the kind of letter, as the outbox records it.
        template: the name of its Markdown template, without ``.md.j2``.
        subject: the subject of the email.
        words: the values for the template; text in them is never read as Markdown or HTML.
    """
    desk = Markup((settings().desk_address or "").rstrip("/"))  # noqa: S704 - our own address
    values = {**words, "subject": subject, "unit": partners().unit, "desk": desk}
    tree = _tree(_markdown_templates().get_template(f"{template}.md.j2").render(values))
    html = _html_template().render(subject=subject, kind=kind, content=Markup(_html(tree)))  # noqa: S704 - Markdown's own
    return Letter(kind, subject, _plain(tree) + "\n", html.strip() + "\n")


def sample_subject(subject: str, synthetic: bool) -> str:
    """A subject that says so when the return is made up."""
    return f"[Made-up sample] {subject}" if synthetic else subject


def _tree(markdown: str) -> SyntaxTreeNode:
    tree = SyntaxTreeNode(_parser().parse(markdown))
    for table in tree.walk():
        if table.type == "tr":
            _set_scopes(table)
    return tree


def _set_scopes(row: SyntaxTreeNode) -> None:
    """Make headings of the cells of a table's first row and first column, for screen readers."""
    for number, cell in enumerate(row.children):
        opening, closing = cell.nester_tokens or (None, None)
        if opening is None or closing is None:
            continue
        if cell.type == "th":
            opening.attrSet("scope", "col")
        elif number == 0:
            opening.tag = closing.tag = "th"
            opening.attrSet("scope", "row")


def _html(tree: SyntaxTreeNode) -> str:
    return str(_parser().renderer.render(tree.to_tokens(), _parser().options, {}))


def _plain(tree: SyntaxTreeNode) -> str:
    """The blocks with a blank line between them, but none after a rule or a heading of the third level."""
    text = ""
    for block in tree.children:
        if previous := block.previous_sibling:
            text += "\n" if previous.type == "hr" or previous.tag == "h3" else "\n\n"
        text += _plain_block(block)
    return text


def _plain_block(block: SyntaxTreeNode) -> str:
    match block.type:
        case "heading":
            text = _plain_text(block)
            return _wrap(text.upper() if block.tag == "h2" else text)
        case "bullet_list" | "ordered_list":
            return _plain_list(block)
        case "table":
            return "\n".join(_plain_rows(block))
        case "hr":
            return "--"
        case "blockquote":
            return _plain(block)
        case _:
            return _wrap(_plain_text(block))


def _plain_list(block: SyntaxTreeNode) -> str:
    items = []
    for number, item in enumerate(block.children, start=1):
        marker = f"{number}. " if block.type == "ordered_list" else "- "
        items.append(_wrap("\n".join(_plain_text(paragraph) for paragraph in item.children), marker))
    is_loose = any(not paragraph.hidden for item in block.children for paragraph in item.children)
    return ("\n\n" if is_loose else "\n").join(items)


def _plain_rows(table: SyntaxTreeNode) -> list[str]:
    """The rows of a table: ``Works cost: £186.50 (before: £426.01; change: £239.51 less)``."""
    (head,), *bodies = (section.children for section in table.children)
    labels = [_plain_text(cell).lower() for cell in head.children]
    lines = []
    for row in (row for body in bodies for row in body):
        title, value, *others = (_plain_text(cell) for cell in row.children)
        more = "; ".join(f"{label}: {other}" for label, other in zip(labels[2:], others, strict=True))
        lines.append(_wrap(f"{title}: {value}{f' ({more})' if more else ''}", "  "))
    return lines


def _plain_text(block: SyntaxTreeNode) -> str:
    parts = []
    for node in block.children:
        if node.type in ("text", "code_inline"):
            parts.append(node.content)
        elif node.type in ("softbreak", "hardbreak"):
            parts.append("\n" if node.type == "hardbreak" else " ")
        elif node.type == "link":
            parts.append(f"{_plain_text(node)}: {node.attrs['href']}")
        else:
            parts.append(_plain_text(node))
    return "".join(parts)


def _wrap(text: str, marker: str = "") -> str:
    indent = " " * len(marker)
    return "\n".join(
        textwrap.fill(
            line,
            _WIDTH,
            initial_indent=indent if number else marker,
            subsequent_indent=indent,
            break_on_hyphens=False,
            break_long_words=False,
        )
        for number, line in enumerate(text.split("\n"))
    )


def _escape_markdown(value: object) -> str:
    """A value that goes into Markdown, as text and nothing else; Markup is Markdown already."""
    return value if isinstance(value, Markup) else _PUNCTUATION.sub(r"\\\1", " ".join(str(value).split()))


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


@cache
def _markdown_templates() -> Environment:
    environment = Environment(  # noqa: S701 - what goes into Markdown is escaped by `finalize`
        loader=FileSystemLoader(TEMPLATES / "letters"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_escape_markdown,
    )
    environment.filters["number_of"] = number_of
    return environment


@cache
def _html_template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES / "letters"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=select_autoescape(["html.j2"]),
    )
    return environment.get_template("_letter.html.j2")
