"""Texts that people write on the pages: tidied, and kept only if we may keep them."""

from __future__ import annotations

from sia.personal_data import personal_data_in_prose
from sia.web.visits import RequestRefused

MAX_TEXT = 2000
"""How many characters a text may have: a page."""


def one_line(text: str) -> str:
    """A text in one line, with a space where it has other characters that are not printed."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def checked_text(text: str, what: str) -> str:
    """A text that a person wrote, if we may keep it.

    Raises:
        RequestRefused: it is empty, too long, or looks as if it has personal data.
    """
    tidy = "\n".join(map(one_line, text.splitlines())).strip()
    if not tidy:
        raise RequestRefused(422, f"Enter {what}.")
    if len(tidy) > MAX_TEXT:
        raise RequestRefused(422, f"Make {what} shorter: at most {MAX_TEXT:,} characters.")
    if kind := personal_data_in_prose(tidy):
        raise RequestRefused(422, f"Take personal data out of {what}: it looks as if it has a {kind.value}.")
    return tidy
