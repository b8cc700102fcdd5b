"""Errors, by what can be done about them."""

from __future__ import annotations


class PermanentError(Exception):
    """Trying again will not help: something must be changed first. The message says what."""
