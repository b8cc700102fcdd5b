"""The templates of the web pages, and their one style sheet with the hash by which a page's own policy allows it."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sia.paths import TEMPLATES


class Style(NamedTuple):
    """The style sheet and the base64 of its SHA-256."""

    text: str
    digest: str


@cache
def environment() -> Environment:
    """Templates that escape what they are given and fail on what they are not."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def style(*more: str) -> Style:
    """The style sheet of every page, and what some pages add to it, by the names of their files."""
    text = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("scorecard.css", *more))
    return Style(text, b64encode(sha256(text.encode()).digest()).decode())
