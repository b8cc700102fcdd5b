"""Synthetic returns of the sanctuary contractor: jobs, restated once, and cameras."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random

from demo.samples.published import FIRST, LAST, Cell, first_published, of_year, restatements
from demo.samples.seeded_random import agree, day_in, exactly, rng_for, some_of, targets, working_days
from sia import geography
from sia.calendar import Quarter, add_working_days, quarters_between
from sia.contract.return_workbook import RowValues

_SECURED = {"E07000177": 6, "E07000178": 8, "E07000179": 3.5, "E07000180": 3.5, "E07000181": 3}
_UNSECURED = {"E07000177": 5, "E07000178": 7, "E07000179": 3, "E07000180": 3, "E07000181": 2.5}
_INSTALLED = {"E07000177": 8, "E07000178": 12, "E07000179": 8, "E07000180": 8, "E07000181": 5}
_JOB_REASONS = {"domestic_abuse": 0.6, "burglary": 0.35, "other": 0.05}
_CAMERA_REASONS = {"burglary": 0.3, "antisocial_behaviour": 0.45, "criminal_damage": 0.15, "harassment": 0.1}
_USUAL_COST = {"domestic_abuse": (45, 420, 120), "burglary": (25, 180, 60), "other": (25, 150, 55)}
_DOOR_VIEWERS_SINCE = 2021
_REVIEW_AFTER_DAYS = (80, 110)
_KEPT, _REMOVED_OF_THE_REST = 0.2, 0.8


@dataclass(frozen=True, slots=True)
class _Job:
    district: str
    reason: str
    referred_on: date
    completed_on: date | None = None
    cost: Decimal | None = None
    works: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Event:
    camera: int
    district: str
    event: str
    event_on: date
    camera_type: str
    reason: str


def rows(quarter: Quarter) -> dict[str, list[RowValues]]:
    """The return's tables."""
    return {"jobs": _job_rows(_jobs(quarter.year), quarter), "cameras": _camera_rows(quarter)}


def restated_on(quarter: Quarter) -> date | None:
    """The day on which the partner sent the return for a quarter again with more jobs, if it did."""
    days = [
        add_working_days(after.known_on, -25)
        for _, after in restatements("sanctuary_referrals")
        if after.quarters[-1] == quarter
    ]
    return days[0] if days else None


def restated_rows(quarter: Quarter) -> dict[str, list[RowValues]]:
    """The tables of the restatement: with the referrals that the first file left out."""
    rng = rng_for("sanctuary", "restated", quarter)
    more: list[_Job] = []
    for before, after in restatements("sanctuary_referrals"):
        if after.quarters[-1] == quarter:
            districts = geography.areas()[after.area].member_codes(quarter.start)
            more += [
                _Job(rng.choice(districts), "domestic_abuse", day_in(rng, quarter))
                for _ in range(after.value - before.value)
            ]
    jobs = [*_jobs(quarter.year), *sorted(more, key=lambda job: job.referred_on)]
    return {"jobs": _job_rows(jobs, quarter), "cameras": _camera_rows(quarter)}


@cache
def _jobs(year: int) -> tuple[_Job, ...]:
    """The jobs of a financial year as first reported, in the order in which they were referred."""
    rng = rng_for("sanctuary", "jobs", year)
    quarters = [q for q in quarters_between(FIRST, LAST) if q.year == year]
    levels = {
        Cell(quarter, area, reason): level * share
        for quarter in quarters
        for area, level in _SECURED.items()
        for reason, share in _JOB_REASONS.items()
    }
    totals = targets(first_published("properties_secured"), levels)
    for reason in ("burglary", "domestic_abuse"):
        of_reason = [cell for cell in levels if cell.detail == reason]
        totals += targets(first_published(f"properties_secured_{reason}"), of_reason)
    secured = agree(rng, levels, totals)
    jobs = [_finished(rng, cell) for cell, number in secured.items() for _ in range(number)]
    jobs = _with_costs(rng, jobs, year)

    unfinished = {Cell(quarter, area): level for quarter in quarters for area, level in _UNSECURED.items()}
    left = []
    for figure in first_published("sanctuary_referrals"):
        done = sum(number for cell, number in secured.items() if figure.covers(cell.quarter, cell.area))
        left.append(figure.model_copy(update={"value": figure.value - done}))
    for cell, number in agree(rng, unfinished, targets(left, unfinished)).items():
        for _ in range(number):
            reason = rng.choices(list(_JOB_REASONS), [0.85, 0.1, 0.05])[0]
            jobs.append(_Job(cell.area, reason, day_in(rng, cell.quarter)))
    return tuple(sorted(jobs, key=lambda job: (job.referred_on, job.district, job.completed_on or date.max)))


def _finished(rng: Random, cell: Cell) -> _Job:
    """A job finished in the cell's quarter, and referred in that quarter or late in the quarter before."""
    days = working_days(cell.quarter.start, cell.quarter.end)
    before = cell.quarter.plus(-1)
    if before.year == cell.quarter.year and rng.random() < 0.2:
        referred_on = rng.choice(working_days(before.start, before.end)[-15:])
        completed_on = rng.choice(days[:12])
    else:
        position = rng.randrange(len(days) - 5)
        referred_on = days[position]
        completed_on = days[min(position + rng.randint(2, 20), len(days) - 1)]
    works = {name for name, share in (("locks", 0.8), ("letter_box", 0.3), ("lighting", 0.25)) if rng.random() < share}
    return _Job(cell.area, cell.detail, referred_on, completed_on, works=frozenset(works or {"locks"}))


def _with_costs(rng: Random, jobs: list[_Job], year: int) -> list[_Job]:
    """The jobs with their costs.

    Published quarterly averages are rounded, so they do not add up to the published spend of the year. The difference
    is shared equally among the jobs, and each average still rounds to the published one.
    """
    groups: dict[tuple[str, Quarter], list[int]] = defaultdict(list)
    costs: dict[int, int] = {}
    partnership = geography.areas()["CSP-SOUTH-VALE"]
    for position, job in enumerate(jobs):
        if job.completed_on and job.district in partnership.member_codes(job.completed_on):
            groups[job.reason, Quarter.containing(job.completed_on)].append(position)
    for reason in ("burglary", "domestic_abuse"):
        spend = of_year(f"security_works_spend_{reason}", year)
        if spend is None:
            continue
        averages = {f.quarters[0]: f.value for f in first_published(f"average_cost_{reason}")}
        quarters = [q for q in spend.quarters if groups[reason, q]]
        numbers = {q: len(groups[reason, q]) for q in quarters}
        missing = Decimal(spend.value - sum(averages[q] * numbers[q] for q in quarters)) / sum(numbers.values())
        pence = {q: int((averages[q] + missing) * numbers[q] * 100) for q in quarters}
        pence[quarters[-1]] += spend.value * 100 - sum(pence.values())
        for quarter, total in pence.items():
            costs |= dict(zip(groups[reason, quarter], _split(rng, total, numbers[quarter]), strict=True))
    for position, job in enumerate(jobs):
        if position not in costs:
            low, high, usual = _USUAL_COST[job.reason]
            costs[position] = round(rng.triangular(low, high, usual) * 100)
    return [replace(job, cost=Decimal(costs[position]) / 100) for position, job in enumerate(jobs)]


def _split(rng: Random, total: int, parts: int) -> list[int]:
    """A total in pence split into unequal amounts."""
    weights = [rng.uniform(0.6, 1.4) for _ in range(parts)]
    amounts = [int(total * weight / sum(weights)) for weight in weights]
    amounts[-1] += total - sum(amounts)
    return amounts


def _job_rows(jobs: list[_Job] | tuple[_Job, ...], quarter: Quarter) -> list[RowValues]:
    """Jobs referred or finished in the quarter. A job still open at its end is shown as open."""
    lines: list[RowValues] = []
    for number, job in enumerate(jobs, start=1):
        done = job.completed_on is not None and quarter.start <= job.completed_on <= quarter.end
        if not done and not quarter.start <= job.referred_on <= quarter.end:
            continue
        lines.append(
            {
                "job_reference": f"SAN-{quarter.year}-{number:04d}",
                "district": job.district,
                "referred_on": job.referred_on,
                "reason": job.reason,
                "secured": done,
                "completed_on": job.completed_on if done else None,
                **{name: done and name in job.works for name in ("locks", "letter_box", "lighting")},
                "works_cost": job.cost if done else None,
            }
        )
    return lines


@cache
def _camera_events() -> tuple[_Event, ...]:
    """Every camera installed, and the outcome of its review about three months later."""
    rng = rng_for("sanctuary", "cameras")
    events: list[_Event] = []
    for year in range(FIRST.year, LAST.year + 1):
        events += _installed(rng, year)
    events.sort(key=lambda event: (event.event_on, event.district, event.camera_type, event.reason))
    events = [replace(event, camera=number) for number, event in enumerate(events, start=1)]
    reviews = [
        replace(event, event_on=event.event_on + timedelta(days=rng.randint(*_REVIEW_AFTER_DAYS))) for event in events
    ]
    for year in range(FIRST.year, LAST.year + 1):
        for csp in geography.csps():
            due = [
                review
                for review in reviews
                if Quarter.containing(review.event_on).year == year
                and review.district in csp.member_codes(review.event_on)
            ]
            published = of_year("cameras_kept", year) if csp.code == "CSP-SOUTH-VALE" else None
            kept = exactly(rng, published.value if published else some_of(rng, len(due), _KEPT), len(due))
            for position, review in enumerate(due):
                if position in kept:
                    events.append(replace(review, event="kept"))
                elif rng.random() < _REMOVED_OF_THE_REST:
                    events.append(replace(review, event="removed"))
    return tuple(sorted(events, key=lambda event: (event.event_on, event.camera)))


def _installed(rng: Random, year: int) -> list[_Event]:
    levels = {
        Cell(quarter, area): level
        for quarter in quarters_between(Quarter(year, 1), Quarter(year, 4))
        for area, level in _INSTALLED.items()
    }
    numbers = agree(rng, levels, targets(first_published("cameras_installed"), levels))
    events: list[_Event] = []
    for csp in geography.csps():
        districts = csp.member_codes(Quarter(year, 1).start)
        places = [cell for cell, number in numbers.items() if cell.area in districts for _ in range(number)]
        ours = csp.code == "CSP-SOUTH-VALE"
        viewers = of_year("door_viewers_installed", year) if ours else None
        abuse = of_year("cameras_installed_domestic_abuse", year) if ours else None
        viewer_share = 0.25 if year >= _DOOR_VIEWERS_SINCE else 0
        are_viewers = exactly(rng, viewers.value if viewers else some_of(rng, len(places), viewer_share), len(places))
        for_abuse = exactly(rng, abuse.value if abuse else some_of(rng, len(places), 0.5), len(places))
        events += [
            _Event(
                camera=0,
                district=cell.area,
                event="installed",
                event_on=day_in(rng, cell.quarter),
                camera_type="door_viewer" if position in are_viewers else "guard_camera",
                reason="domestic_abuse"
                if position in for_abuse
                else rng.choices(list(_CAMERA_REASONS), list(_CAMERA_REASONS.values()))[0],
            )
            for position, cell in enumerate(places)
        ]
    return events


def _camera_rows(quarter: Quarter) -> list[RowValues]:
    installed_in = {e.camera: Quarter.containing(e.event_on).year for e in _camera_events() if e.event == "installed"}
    return [
        {
            "camera_reference": f"CAM-{installed_in[event.camera]}-{event.camera:04d}",
            "district": event.district,
            "event": event.event,
            "event_on": event.event_on,
            "camera_type": event.camera_type,
            "reason": event.reason,
        }
        for event in _camera_events()
        if quarter.start <= event.event_on <= quarter.end
    ]
