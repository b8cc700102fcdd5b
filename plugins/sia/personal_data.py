"""Recognise personal data in cells and texts that should have none.

The patterns follow the rules of the bodies that issue the numbers, so that other numbers do not match:

- postcodes: Royal Mail's rules for the letters of each part (Cabinet Office, bulk data transfer, appendix C)
- telephone numbers: Ofcom's National Telephone Numbering Plan (0 or +44, then nine or ten digits of which the first is
  not 0, 4 or 6)
- National Insurance numbers: HMRC's manual NIM39110
- NHS numbers: the NHS Data Dictionary (ten digits, the last a modulus-11 check digit)

We cannot recognise a name alone, but we can recognise a name with a date of birth.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Personal(StrEnum):
    """Kinds of personal data that have a recognisable form."""

    NAME_AND_BIRTH = "name with date of birth"
    POSTCODE = "postcode"
    TELEPHONE = "telephone"
    EMAIL = "email address"
    NATIONAL_INSURANCE = "National Insurance number"
    NHS_NUMBER = "NHS number"


_MONTHS = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*"
_DATE = re.compile(
    r"\b(?:(?:19|20)\d\d-\d\d?-\d\d?|\d\d?[/.-]\d\d?[/.-](?:19|20)?\d\d|"
    rf"\d\d?(?:st|nd|rd|th)? {_MONTHS},? (?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_BORN = re.compile(r"\b(?:d\.?o\.?b\.?|born|date of birth)(?=\W|$)", re.IGNORECASE)
_NAME = re.compile(r"\b[A-Z][a-z'’]+(?:[ -][A-Z]\.?)?[ ,-]+[A-Z][A-Za-z'’]+\b")
_NAME_NEXT_TO_DATE = re.compile(rf"{_NAME.pattern}[ ,;:(–-]{{0,4}}(?i:{_DATE.pattern})")
_PATTERNS = {
    Personal.POSTCODE: re.compile(
        r"\b(?:GIR ?0AA|[A-PR-UWYZ](?:[0-9][0-9A-HJKPSTUW]?|[A-HK-Y][0-9][0-9ABEHMNPRVWXY]?) ?"
        r"[0-9][ABD-HJLNP-UW-Z]{2})\b",
        re.IGNORECASE,
    ),
    Personal.TELEPHONE: re.compile(
        r"(?<![\w-])(?:\+44 ?(?:\(0\) ?)?|0044 ?|\(?0)[1-35-9](?:[ ()-]{0,2}\d){8,9}(?![\w-])"
    ),
    Personal.EMAIL: re.compile(
        # The parts have their longest lengths (RFC 5321), so that a long text takes time in proportion to its length.
        r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+",
        re.IGNORECASE,
    ),
    Personal.NATIONAL_INSURANCE: re.compile(
        r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?(?:\d ?){6}[A-D]\b", re.IGNORECASE
    ),
}
_TEN_DIGITS = re.compile(r"(?<![\w-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-])")


def personal_data_in(text: str) -> Personal | None:
    """The first kind of personal data that a text seems to contain; ``None`` if there is none."""
    if (_NAME.search(text) or _BORN.search(text)) and _DATE.search(text):
        return Personal.NAME_AND_BIRTH
    return _number_or_address_in(text)


def personal_data_in_prose(text: str) -> Personal | None:
    """The same for prose. Prose names organisations and days, so a name counts only next to a date."""
    if _NAME_NEXT_TO_DATE.search(text) or (_BORN.search(text) and _DATE.search(text)):
        return Personal.NAME_AND_BIRTH
    return _number_or_address_in(text)


def _number_or_address_in(text: str) -> Personal | None:
    for kind, pattern in _PATTERNS.items():
        if pattern.search(text):
            return kind
    if any(is_nhs_number(number) for number in _TEN_DIGITS.findall(text)):
        return Personal.NHS_NUMBER
    return None


def is_nhs_number(text: str) -> bool:
    """Whether a text has ten digits, with or without spaces, and the last is an NHS number's check digit."""
    digits = [int(character) for character in text if character.isdigit()]
    if len(digits) != 10:
        return False
    check = 11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=False)) % 11
    return check % 11 == digits[9] and check != 10
