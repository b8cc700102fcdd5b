"""What a person means by a text in a cell: a number, a date, a month or an answer in another form than ours.

What can mean only one thing is read, with a warning. A word in place of a number is refused with what to do instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from sia.calendar import Quarter
from sia.contract.model import WITHHELD, Column, ColumnType
from sia.geography import OtherName
from sia.intake.readers.cells import heading_key, is_plain_number, plain_digits


@dataclass(frozen=True, slots=True)
class Meaning:
    """The text that we stage, and the common rule about how it was written, if any.

    ``answer`` is the label of the choice that is meant or perhaps meant.
    """

    text: str
    rule_id: str | None = None
    answer: str | None = None


_GROUPED = re.compile(r"([-+]?)(£?) ?([-+]?)([0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]+)(\.[0-9]+)?")
_PERCENTAGE = re.compile(r"-?[0-9]+(\.[0-9]+)? ?%")
_ZERO = {"nil", "none", "zero"}
_HIDDEN = re.compile(
    r"[<≤] ?=? ?[0-9]+|(fewer|less|under|below)( than)? (or equal to )?[0-9]+|[0-9]+ or (fewer|less)"
    r"|[0-4] ?(-|–|to) ?[0-9]|\*+|\[?[cs]\]?|suppressed|small numbers?"
)
_WITHHELD = re.compile(
    r"withheld|confidential|redacted|restricted|not (disclosed|shared|for sharing)|cannot (say|share|disclose)"
)
_NOT_GIVEN = re.compile(
    r"[-–—.?~/]+|\[?[xz]\]?|n ?[/.]? ?[ak]\.?|not (applicable|available|known|recorded|collected|provided)|unknown"
    r"|tb[ac]|to (be|follow).*|pending|awaited|missing|no (data|figures?|information)"
)

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_DAY = re.compile(
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?"
    r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?P<gap> ?[/.\- ] ?| of )(?P<month>[0-9]{1,2}|[a-z]{3,9})\.?,?"
    r"(?: ?[/.\- ] ?)(?P<year>[0-9]{4}|'?[0-9]{2})"
)
_MONTH_FIRST = re.compile(r"(?P<month>[a-z]{3,9})\.? (?P<day>[0-9]{1,2})(?:st|nd|rd|th)?,? (?P<year>[0-9]{4})")
_YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})")
_TIME = re.compile(r"[ t][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?( ?[ap]m)?z?$")
_MONTH = re.compile(r"(?P<month>[0-9]{1,2}|[a-z]{3,9})\.?[ /.\-]{1,3}(?P<year>[0-9]{4}|'?[0-9]{2})")
_YEAR_AND_MONTH = re.compile(r"(?P<year>[0-9]{4})[ /.\-](?P<month>[0-9]{1,2}|[a-z]{3,9})")
_AS_WE_ASK = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}")

# Words that a name of an area may have or not.
_OPTIONAL_WORDS = {"the", "csp", "council", "district", "borough"}
_MAX_ANSWER = 60
# A column with more different texts than this is not one of near misses, and comparing them all would take long.
_MAX_COMPARED = 200
_ALIKE = 0.75
_CLEARLY_BETTER = 0.08


def number(text: str, column: Column) -> Meaning:
    """What a text in a column of numbers means."""
    digits = plain_digits(text)
    if is_plain_number(digits):
        return Meaning(digits)
    match = _GROUPED.fullmatch(digits)
    if match and not (match[1] and match[3]) and (not match[2] or column.type is ColumnType.MONEY):
        sign = "-" if "-" in (match[1], match[3]) else ""
        return Meaning(sign + re.sub("[, ]", "", match[4]) + (match[5] or ""), "INT-NUMBER-03")
    words = text.casefold()
    if _PERCENTAGE.fullmatch(digits):
        return Meaning(text, "INT-PERCENT-01")
    if words == WITHHELD and column.may_be_withheld:
        return Meaning(WITHHELD, "INT-WITHHELD-01")
    if words in _ZERO and column.required:
        return Meaning("0", "INT-NUMBER-04")
    in_place = ((_HIDDEN, "INT-NUMBER-05"), (_WITHHELD, "INT-NUMBER-06"), (_NOT_GIVEN, "INT-NUMBER-07"))
    rule_id = next((rule_id for pattern, rule_id in in_place if pattern.fullmatch(words)), None)
    return Meaning(text, "INT-NUMBER-07" if words in _ZERO else rule_id)


def day(text: str) -> Meaning:
    """A day as people in Britain write it, as ``YYYY-MM-DD``; any other text as it is."""
    words = _TIME.sub("", plain_digits(text).casefold())
    for pattern in (_YEAR_FIRST, _DAY, _MONTH_FIRST):
        if match := pattern.fullmatch(words):
            month = _month_number(match["month"])
            if month is None:
                continue
            try:
                written = date(_year(match["year"]), month, int(match["day"])).isoformat()
            except ValueError:
                return Meaning(text, "INT-DATE-02")
            return Meaning(written, None if _AS_WE_ASK.fullmatch(words) else "INT-DATE-01")
    return Meaning(text)


def month(text: str) -> Meaning:
    """A month in numbers or words, or a day of it, as ``YYYY-MM``; any other text as it is."""
    words = plain_digits(text).casefold()
    if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", words):
        return Meaning(words)
    for pattern in (_YEAR_AND_MONTH, _MONTH):
        if match := pattern.fullmatch(words):
            number_of_month = _month_number(match["month"])
            if number_of_month and number_of_month <= len(_MONTHS):
                return Meaning(f"{_year(match['year']):04d}-{number_of_month:02d}", "INT-DATE-01")
    of_day = day(text)
    is_day = of_day.rule_id != "INT-DATE-02" and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", of_day.text)
    return Meaning(of_day.text[:7], "INT-DATE-01") if is_day else of_day


class Answers:
    """The choices of a column in a quarter, by the texts that mean them: as listed, loosely, and without *City*."""

    def __init__(self, column: Column, quarter: Quarter, other_names: Iterable[OtherName] = ()) -> None:
        choices = column.code_list(quarter)
        texts = [(text, choice.label) for choice in choices for text in (choice.label, *choice.synonyms)]
        self._listed = {heading_key(text) for text, _ in texts}
        if column.choices_from:
            labels = {choice.code: choice.label for choice in choices}
            texts += [(other.text, labels[other.area]) for other in other_names if other.area in labels]
        self._meanings: dict[str, Meaning] = {}
        self._loose = [_labels_by_key(texts), _labels_by_key(texts, drop="city")]

    def meaning(self, text: str) -> Meaning:
        """The choice that a text means. A near miss is named, and any other text stays as it is."""
        if text not in self._meanings:
            self._meanings[text] = self._meaning(text)
        return self._meanings[text]

    def _meaning(self, text: str) -> Meaning:
        if heading_key(text) in self._listed:
            return Meaning(text)
        for labels, drop in zip(self._loose, ("", "city"), strict=True):
            if len(meant := labels.get(_key(text, drop), set())) == 1:
                (label,) = meant
                return Meaning(label, "INT-CHOICE-01", label)
        nearest = self._nearest(_key(text))
        return Meaning(text, "INT-CHOICE-02", nearest) if nearest else Meaning(text)

    def _nearest(self, key: str) -> str | None:
        """The label to which a text is clearly nearer than to any other."""
        if len(key) > _MAX_ANSWER or len(self._meanings) > _MAX_COMPARED:
            return None
        scores: dict[str, float] = {}
        for known, labels in self._loose[0].items():
            for label in labels:
                scores[label] = max(scores.get(label, 0), SequenceMatcher(None, key, known).ratio())
        label, second = (*sorted(scores, key=lambda label: -scores[label]), "", "")[:2]
        best = scores.get(label, 0)
        return label if best >= _ALIKE and best - scores.get(second, 0) >= _CLEARLY_BETTER else None


def _labels_by_key(texts: Iterable[tuple[str, str]], drop: str = "") -> dict[str, set[str]]:
    labels: dict[str, set[str]] = {}
    for text, label in texts:
        labels.setdefault(_key(text, drop), set()).add(label)
    return labels


def _key(text: str, drop: str = "") -> str:
    """A text in small letters, without punctuation and words that may be left out."""
    words = re.findall(r"[^\W_]+", text.casefold().replace("&", " and ").replace("'", "").replace("’", ""))
    kept = [word for word in words if word not in _OPTIONAL_WORDS and word != drop]
    return " ".join(kept or words)


def _month_number(text: str) -> int | None:
    """The number of a month; 13 if a number is none, so that no date has it."""
    if text.isdigit():
        return int(text) if 1 <= int(text) <= len(_MONTHS) else len(_MONTHS) + 1
    full = "september" if text == "sept" else text
    matches = [n for n, name in enumerate(_MONTHS, 1) if name.startswith(full)]
    return matches[0] if len(matches) == 1 else None


def _year(text: str) -> int:
    digits = text.removeprefix("'")
    return int(digits) if len(digits) == 4 else 2000 + int(digits)
