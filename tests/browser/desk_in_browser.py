"""The desk in a real browser: a place that tabs can open, and what people do on its pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from email.message import EmailMessage

from tests import chromium
from tests.desk import ADDRESS
from tests.waiting import wait_until

_READY = "document.readyState === 'complete'"


class Place:
    """A desk that a browser can reach.

    Args:
        address: where it serves its pages.
        letters: the letters that were sent so far, oldest first.
        named: the address that letters name.
    """

    def __init__(self, address: str, letters: Callable[[], Sequence[EmailMessage]], named: str = ADDRESS) -> None:
        self.address, self._letters, self._named = address.rstrip("/"), letters, named

    def open(self, tab: chromium.Tab, path: str) -> None:
        """Open a page."""
        tab.open(self.address + path)

    def letter(self, mailbox: str, subject: str) -> EmailMessage:
        """The newest letter to a mailbox whose subject has some words, once it is sent."""

        def newest() -> EmailMessage | None:
            letters = reversed(self._letters())
            return next(
                (letter for letter in letters if letter["To"] == mailbox and subject in letter["Subject"]), None
            )

        return wait_until(newest, f"the letter “{subject}” to {mailbox}")

    def follow(self, tab: chromium.Tab, letter: EmailMessage, path: str) -> None:
        """Open the link of a letter whose path begins like this."""
        body = letter.get_body(("plain",))
        assert body is not None
        (link, *_) = re.findall(rf"{re.escape(self._named)}({re.escape(path)}\S*?)[.)]*\s", body.get_content())
        self.open(tab, link)

    def sign_in(self, tab: chromium.Tab, mailbox: str, path: str = "/sign-in") -> None:
        """Sign in as a person does, on the way to a page."""
        self.open(tab, path)
        subject = "link to sign in"
        before = self._count(mailbox, subject)
        enter(tab, "mailbox", mailbox)
        press(tab, "Send me a link")
        shows(tab, "Check your email")
        wait_until(lambda: self._count(mailbox, subject) > before, "the link")
        self.follow(tab, self.letter(mailbox, subject), "/sign-in/")
        press(tab, "Sign in")
        # The page that the person wanted: the paper of the Board has no bar.
        tab.wait_for("!location.pathname.startsWith('/sign-in')")

    def _count(self, mailbox: str, subject: str) -> int:
        return sum(letter["To"] == mailbox and subject in letter["Subject"] for letter in self._letters())


def enter(tab: chromium.Tab, field: str, text: str) -> None:
    """Write into a field, by its id."""
    tab.wait_for(f"{_READY} && !!document.getElementById({field!r})")
    tab.evaluate(f"document.getElementById({field!r}).value = {text!r}")


def tick(tab: chromium.Tab, name: str, value: str) -> None:
    """Tick a box or choose an answer."""
    tab.evaluate(f"document.querySelector('input[name={name}][value={value}]').click()")


def press(tab: chromium.Tab, words: str) -> None:
    """Press a button, or follow a link, by its words."""
    parts = "main button, main a, nav a"
    script = f"[...document.querySelectorAll({parts!r})].find(e => e.textContent.trim() === {words!r})"
    tab.wait_for(f"{_READY} && !!{script}")
    tab.evaluate(f"{script}.click()")


def shows(tab: chromium.Tab, words: str) -> None:
    """Wait until the page shows some words."""
    tab.wait_for(f"document.body !== null && document.body.innerText.includes({words!r})")
