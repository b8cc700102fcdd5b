"""The templates of the web pages, and their one style sheet with the hash by which a page's own policy allows it."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sia.paths import TEMPLATES
from sia.presentation.symbols import SYMBOLS


@cache
def environment() -> Environment:
    """Templates that escape what they are given and fail on what they are not given."""
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # A page asks for its templates thousands of times, and each time would look whether the file has changed.
        auto_reload=False,
    )
    templates.globals["symbols"] = SYMBOLS
    return templates


def render_page(template: str, *style_sheets: str, running: str, script: str = "", **values: Any) -> bytes:
    """A page as UTF-8 HTML that needs nothing from elsewhere.

    Args:
        template: the name of its file.
        style_sheets: the names of the style sheets that it adds to the common one.
        running: what the bar on screen and the head of every printed sheet say.
        script: the name of the one script that the page runs; without it, it runs none.
        values: what the template is given.
    """
    code = (TEMPLATES / script).read_text(encoding="utf-8") if script else ""
    style = f"{_style(*style_sheets)}:root {{ --running: {_css_text(running)}; }}\n"
    page = (
        environment()
        .get_template(template)
        .render(
            **values,
            running=running,
            style=Markup(style),  # noqa: S704 - our own file
            style_hash=_digest(style),
            script=Markup(code),  # noqa: S704 - our own file
            script_hash=_digest(code),
        )
    )
    return page.encode()


def _digest(text: str) -> str:
    """The base64 of the SHA-256 of a text, by which a page's policy allows it."""
    return b64encode(sha256(text.encode()).digest()).decode()


@cache
def _style(*more: str) -> str:
    """The style sheet of every page with those that some pages add."""
    return "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("charts.css", "scorecard.css", *more))


def _css_text(text: str) -> str:
    """A text as CSS writes it; what could end it, or the style sheet, is written as its number."""
    letters = (letter if letter.isalnum() or letter in " .,:;()/-" else f"\\{ord(letter):x} " for letter in text)
    return f'"{"".join(letters)}"'
