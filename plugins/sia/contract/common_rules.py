"""The rules common to every file, whatever its return (``expectations/_common.yml``)."""

from __future__ import annotations

import string
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator

from sia.contract.model import RuleId, Severity
from sia.paths import CONTRACTS
from sia.register_file import Strict, duplicates, read_strictly

# What a message may name. Each comes from the contract, the template or the layout of a file, so that no figure or name
# in a return can reach a message.
PLACEHOLDERS = frozenset(
    {
        "answer", "count", "example", "extension", "figures", "formats", "heading", "headings", "kind", "megabytes",
        "missing", "month", "other", "otherwise", "period", "place", "publisher", "quarter", "rows", "sender", "sheet",
        "tag", "title", "version",
    }
)  # fmt: skip


class CommonRule(Strict):
    """One rule. ``message`` tells a partner what to do, with placeholders that no value of a return fills.

    ``needs_new_workbook``: correcting the file is not enough: the sender must start again in a new blank workbook.
    ``is_question``: it asks about figures that may be right. The sender's answer becomes a note next to them.
    """

    id: RuleId
    severity: Severity
    tier: Literal[1, 2]
    message: str
    needs_new_workbook: bool = False
    is_question: bool = False

    @model_validator(mode="after")
    def _placeholders_are_known(self) -> Self:
        if unknown := set(self.placeholders) - PLACEHOLDERS:
            raise ValueError(f"rule {self.id}: no such placeholder: {', '.join(sorted(unknown))}")
        return self

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names in braces, in order."""
        return tuple(name for _, name, _, _ in string.Formatter().parse(self.message) if name is not None)

    def message_with(self, **values: object) -> str:
        """The message with its placeholders filled.

        Raises:
            KeyError: a placeholder was not given.
        """
        return self.message.format(**values)


class CommonRules(Strict):
    """All common rules."""

    rules: tuple[CommonRule, ...]

    @model_validator(mode="after")
    def _ids_are_unique_and_begin_alike(self) -> Self:
        ids = [rule.id for rule in self.rules]
        if twice := duplicates(ids):
            raise ValueError(f"two rules have the id {', '.join(twice)}")
        if wrong := [i for i in ids if not i.startswith("INT-")]:
            raise ValueError(f"ids of common rules begin with INT-, not {', '.join(wrong)}")
        return self


@cache
def rules(path: Path = CONTRACTS / "_common.yml") -> dict[str, CommonRule]:
    """Every common rule by its id, in the order of the file.

    Raises:
        RegisterError: the file cannot be read.
    """
    return {rule.id: rule for rule in read_strictly(CommonRules, path).rules}
