"""Questions about the figures of a return that is loaded, held against the sender's own history. We refuse none.

We ask about figures of another period, figures that a correction takes away, zeros, and figures far from usual. A
question names what was counted and where, never a figure. It keeps which figures it is about
(``quality.questioned_figure``), so that the sender's answer can appear as a note next to them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from math import nan

from psycopg2.extensions import cursor as Cursor

from sia import geography
from sia.calendar import Quarter, quarters_between
from sia.contract import common_rules
from sia.contract.model import Contract
from sia.registers.measures import Measure, measures
from sia.statistics.change import Quantity
from sia.statistics.unusual import Figure, Unusual, unusual_figures
from sia.warehouse.sql_files import statement

# As many figures as are rarely the same by chance, and which share of them must be the same.
_MIN_FIGURES = 5
_SHARE_THE_SAME = Decimal("0.95")
# A correction may change some figures to zero. From this share on it may be a part of the return.
_SHARE_GONE = Decimal("0.5")
# A question names so many figures; a reader gets lost in more.
_MAX_NAMED = 5
# As many years as a direction of travel looks back.
_QUARTERS = 20

Place = tuple[str | None, str | None]
"""A component and an area; a component in all areas has none, and all figures have neither."""
_ALL_FIGURES: Sequence[Place] = [(None, None)]
_Find = Callable[..., None]


def ask(cursor: Cursor, agreed: Contract, source: str, submission_id: int, *, is_nil: bool) -> None:
    """Write our questions about the return versions that this load opens, and what a publisher revised.

    Args:
        cursor: of the load's transaction, with the table ``new_return_version``.
        agreed: the contract of the return.
        source: the key of the sender.
        submission_id: the submission that is loaded.
        is_nil: whether the sender said that there was nothing to report.
    """
    find = partial(_find, cursor, submission_id)
    asked = _ask_about_wholes(cursor, agreed, source, find, is_nil=is_nil)
    if agreed.is_template_return:
        _ask_about_unusual(cursor, agreed, source, find, asked)


def _ask_about_wholes(cursor: Cursor, agreed: Contract, source: str, find: _Find, *, is_nil: bool) -> set[date]:
    """Ask about all figures of a period, and tell what a publisher revised; gives the periods that we asked about."""
    label = _month_label if agreed.archive else _quarter_label
    may_be_zero = is_nil or (agreed.archive is not None and agreed.archive.may_be_empty)
    parameters = {
        "return_name": agreed.name,
        "source": source,
        "least": _MIN_FIGURES,
        "share": _SHARE_THE_SAME,
        "component": agreed.headline_component,
    }
    asked = set()
    cursor.execute(statement("load/figures_again"), parameters)
    for starts_on, other in cursor.fetchall():
        asked.add(starts_on)
        find("INT-SAME-01", starts_on, _ALL_FIGURES, period=label(starts_on), other=label(other))
    cursor.execute(statement("load/figures_replaced"), parameters)
    for starts_on, figures, gone, before, now in cursor.fetchall():
        if gone and gone >= _SHARE_GONE * figures:
            asked.add(starts_on)
            find("INT-LESS-01", starts_on, _ALL_FIGURES, period=label(starts_on), count=gone)
        elif agreed.is_public:
            other = _difference(int(now - before))
            find("INT-REVISED-01", starts_on, (), period=label(starts_on), count=f"{now:,}", other=other)
    cursor.execute(statement("load/figures_zero"), parameters)
    for (starts_on,) in cursor.fetchall():
        if not may_be_zero and starts_on not in asked:
            asked.add(starts_on)
            find("INT-ZERO-01", starts_on, _ALL_FIGURES, period=label(starts_on))
    return asked


def _ask_about_unusual(cursor: Cursor, agreed: Contract, source: str, find: _Find, asked: Collection[date]) -> None:
    """Ask about the figures of a quarter that are far from what the sender usually sends."""
    cursor.execute("SELECT DISTINCT date_trunc('quarter', starts_on)::date FROM new_return_version ORDER BY 1")
    for (starts_on,) in cursor.fetchall():
        quarter = Quarter.containing(starts_on)
        if any(quarter.start <= day <= quarter.end for day in asked):
            continue
        far = unusual_figures(_history(cursor, agreed, source, quarter))
        for rule_id, unusual in (
            ("INT-USUAL-01", [part for part in far if part.area is None and part.is_more]),
            ("INT-USUAL-02", [part for part in far if part.area is None and not part.is_more]),
            ("INT-USUAL-03", [part for part in far if part.area is not None]),
        ):
            if unusual:
                places = [(part.name, part.area) for part in unusual]
                find(rule_id, starts_on, places, period=quarter.label, figures=_named(agreed, unusual))


def _history(cursor: Cursor, agreed: Contract, source: str, quarter: Quarter) -> list[Figure]:
    """The figures of a sender that measures use, in a quarter and those before it."""
    quantities = _quantities(m for m in measures() if (m.return_name, m.source) == (agreed.name, source))
    quarters = quarters_between(quarter.plus(1 - _QUARTERS), quarter)
    cursor.execute(
        statement("load/figures_of_quarters"),
        {
            "return_name": agreed.name,
            "source": source,
            "components": list(quantities),
            "first": quarters[0].start,
            "last": quarters[-1].end,
        },
    )
    values: dict[str, dict[str, dict[date, float]]] = {}
    for component, area, starts_on, value in cursor.fetchall():
        values.setdefault(component, {}).setdefault(area, {})[starts_on] = float(value)
    figures = []
    for component, by_area in values.items():
        received = {starts_on for by_quarter in by_area.values() for starts_on in by_quarter}
        # An area that a received return does not name had none.
        figures.append(
            Figure(
                component,
                quantities[component],
                {
                    area: [by_quarter.get(q.start, 0.0 if q.start in received else nan) for q in quarters]
                    for area, by_quarter in by_area.items()
                },
            )
        )
    return figures


def _quantities(used: Iterable[Measure]) -> dict[str, Quantity]:
    """What each component that measures use is: an amount where it is pounds or days, or else a count."""
    quantities: dict[str, Quantity] = {}
    for measure in used:
        is_amount = measure.kind in ("money", "mean") or measure.is_share_of_money
        quantities.setdefault(measure.numerator, Quantity.AMOUNT if is_amount else Quantity.COUNT)
        if measure.denominator:
            quantities.setdefault(measure.denominator, Quantity.AMOUNT if measure.is_share_of_money else Quantity.COUNT)
    return quantities


def _named(agreed: Contract, unusual: Sequence[Unusual]) -> str:
    """What was counted, with the areas whose share is unusual; the rest of a long list as a number."""
    areas: dict[str, list[str]] = {}
    for part in unusual:
        areas.setdefault(part.name, []).extend([geography.areas()[part.area].name] if part.area else [])
    descriptions = agreed.component_descriptions
    names = [descriptions[name] + (f" ({', '.join(listed)})" if listed else "") for name, listed in areas.items()]
    more = [f"{len(names) - _MAX_NAMED} more"] if len(names) > _MAX_NAMED else []
    return "; ".join([*names[:_MAX_NAMED], *more])


def _find(
    cursor: Cursor, submission_id: int, rule_id: str, starts_on: date, about: Sequence[Place], **words: object
) -> None:
    cursor.execute(
        "INSERT INTO quality.finding (submission_id, rule_id, message) VALUES (%s, %s, %s) RETURNING finding_id",
        (submission_id, rule_id, common_rules.rules()[rule_id].message_with(**words)),
    )
    (finding_id,) = cursor.fetchone() or (None,)
    cursor.executemany(
        "INSERT INTO quality.questioned_figure (finding_id, starts_on, component, area_code) VALUES (%s, %s, %s, %s)",
        [(finding_id, starts_on, *place) for place in about],
    )


def _difference(more: int) -> str:
    if not more:
        return "as many as before, of other kinds or places"
    return f"{abs(more):,} {'more' if more > 0 else 'fewer'} than before"


def _quarter_label(day: date) -> str:
    return Quarter.containing(day).label


def _month_label(day: date) -> str:
    return f"{day:%B %Y}"
