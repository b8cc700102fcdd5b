"""How easy a text is to read: Anderson's RIX, the number of long words (over six letters) for each sentence.

``docs/decisions`` says why RIX, and why these limits. Names that a reader has to match exactly (the headings of a
sheet, the answers of a list, the name of a partner) do not count, nor do numbers and references.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

import lxml.html
import textstat

from sia import geography
from sia.contract.model import Contract, contracts
from sia.registers.measures import measures
from sia.registers.partners import partners

# A text stays below Anderson's grade 7, which children reach at 12; the average of many short ones below grade 5 (10).
GRADE_7 = 2.4
GRADE_5 = 1.3
MAX_WORDS = 25

_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+")
_NOT_WORDS = re.compile(r"\{[^}]*\}|\S+@\S+|[A-Z]{3}-[\w-]+|https?://\S+|[£$]?\d(?:[\w,./:-]*\w)?%?")
_NAMES_OF_THE_FIELD = (
    "data-sharing agreement",
    "data dictionary",
    "National Insurance",
    "Cover sheet",
    "Nil return",
    "scorecard",
)


def rix(text: str) -> float:
    """Long words for each sentence."""
    return float(textstat.rix(text))


def long_sentences(text: str) -> list[str]:
    """The sentences with more than 25 words."""
    return [sentence for sentence in _SENTENCE_END.split(text) if len(sentence.split()) > MAX_WORDS]


def masked(text: str, names: Iterable[str]) -> str:
    """A text with a short word in place of every name, number and reference, and one for a list of names."""
    for name in sorted({*names, *_NAMES_OF_THE_FIELD}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "Name", text)
    text = re.sub(r"Name(?:[;,] (?:and )?Name)+", "Name", text)
    return _NOT_WORDS.sub("5", text)


def names_of(contract: Contract) -> Iterator[str]:
    """The names that a contract gives: of the return, its senders, sheets, headings, answers and examples."""
    yield contract.title
    yield from contract.senders.values()
    for table in contract.tables:
        yield from (table.title, table.sheet)
        for column in table.columns:
            yield from (name for name in (column.label, column.example) if name)
            yield from (choice.label for choice in column.code_list())


@cache
def all_names() -> frozenset[str]:
    """The names of all contracts, measures, partners and areas."""
    register = partners()
    organisations = [register.unit.organisation, register.unit.signed_by]
    for partner in register.partners.values():
        organisations += [partner.organisation, partner.due_contact]
    names = {name for contract in contracts().values() for name in names_of(contract)}
    names |= {measure.title for measure in measures()}
    return frozenset(names | set(organisations) | {area.name for area in geography.areas().values()})


def prose(html: str | bytes) -> str:
    """The sentences of a page: its paragraphs and list items, without tables, charts and headings."""
    page = lxml.html.fromstring(html)
    for hidden in page.xpath("//table | //svg | //style | //script | //form//option"):
        hidden.drop_tree()
    blocks = []
    for block in page.xpath("//p | //li[not(.//p)] | //figcaption | //dd"):
        text = " ".join(block.text_content().split())
        if len(text.split()) > 2:
            blocks.append(text if text.endswith((".", "!", "?")) else f"{text.rstrip(':')}.")
    return " ".join(blocks)
