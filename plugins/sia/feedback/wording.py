"""Words that letters, workbooks and pages share."""


def number_of(count: int, noun: str) -> str:
    """A number and its noun, in the singular or the plural: ``1 place``, ``1,200 places``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
