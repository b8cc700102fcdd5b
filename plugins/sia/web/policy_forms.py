"""The forms for the policy: settings, and targets. What was judged or released keeps the policy of its day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from psycopg2.extensions import cursor as Cursor

from sia.calendar import format_date
from sia.geography import AreaType, areas
from sia.registers.measures import measures
from sia.registers.policy import PolicyLine, Target, policy_as_decided, policy_lines, targets
from sia.warehouse.register_decisions import SETTINGS, TARGETS, decided, decided_policy
from sia.web.decision_form import Change, Entries, FormField, RegisterForm, first_open_day
from sia.web.people import Role
from sia.web.queries import today

_KINDS = {
    "disclosure_threshold": "Smallest count that may be shown",
    "hide_zeros": "Whether zeros are hidden",
    "hide_everybody_or_nobody": "Whether a share is hidden if it is 0 or all",
    "partnerships_by_year": "Whether partnerships have years only",
    "good_direction": "Good direction",
    "chart_screening": "Whether extraordinary months are left out of control limits",
    "chart_firm_from": "From how many months control limits are firm",
    "verdict_chance": "Chance up to which a change counts",
    "false_discoveries": "Share of false verdicts",
    "commentary_working_days": "Working days for commentary",
}


def _measure_titles() -> dict[str, str]:
    return {measure.id: measure.title for measure in measures()}


def _setting_fields() -> tuple[FormField, ...]:
    return (
        FormField("kind", "Setting", "choice", "The page Statistics of the documentation says what each does.", _KINDS),
        FormField("measures", "Measure", "list", choices={"": "All measures", **_measure_titles()}),
        FormField("value", "Value", hint="A number, Yes or No; for a good direction: up, down or none."),
        FormField("starts", "First day", "date", "Tomorrow or later. It holds until the next setting of its kind."),
    )


def _setting_name(_: str, line: PolicyLine) -> str:
    return f"{_KINDS[line.kind]}, from {format_date(line.starts)}"


def _policy_file(cursor: Cursor, _: Entries) -> dict[str, Any]:
    return decided_policy(cursor).model_dump(exclude_none=True)


def _objections_to_setting(cursor: Cursor, change: Change) -> Iterator[str]:
    tomorrow = today() + timedelta(days=1)
    if change.after is not None:
        if change.after.starts < tomorrow:
            yield "The first day must be tomorrow or later: what was released keeps the settings of its day."
        of_people = {measure.id for measure in measures() if measure.is_share_of_whole}
        if change.after.kind == "hide_everybody_or_nobody" and not of_people.issuperset(change.after.measures):
            yield "This setting is for shares of a number of cases only. Choose another measure."
    if change.person.has(Role.APPROVER):
        return
    settings, own_targets = decided(cursor, SETTINGS), decided(cursor, TARGETS)
    entry = change.after and change.after.model_dump(mode="json")
    later = policy_as_decided({**settings, change.key: entry}, own_targets)
    if later.shows_more_than(policy_as_decided(settings, own_targets), _measure_titles(), tomorrow):
        yield "This would show what is hidden now. Only an approver may decide that: ask one."


def _target_fields() -> tuple[FormField, ...]:
    places = {area.code: area.name for area in areas().of_type(AreaType.COUNTY, AreaType.CSP, AreaType.DISTRICT)}
    every = {"": "Every area that has no target of its own"}
    periods = {str(False): "A month or quarter, as on the measure’s chart", str(True): "Twelve months"}
    return (
        FormField("measure", "Measure", "choice", choices=_measure_titles()),
        FormField("area", "Area", "choice", choices=every | places, optional=True),
        FormField("value", "Value", "number", "In the unit of the figure that has to reach it, for example 0.2."),
        FormField("of_year", "Period of the figure", "yes_no", choices=periods),
        FormField("starts", "First day", "date", "In this quarter or later."),
        FormField("until", "Day after its last day", "date", "Leave it blank if there is none.", optional=True),
    )


def _target_name(_: str, target: Target) -> str:
    area = areas()[target.area].name if target.area else "every area"
    return f"{_measure_titles().get(target.measure, target.measure)}: {area}, from {format_date(target.starts)}"


def _objections_to_target(_: Cursor, change: Change) -> Iterator[str]:
    before, after = change.before, change.after
    if before is None and after.starts < first_open_day():
        yield "The first day must be in this quarter or later: what was judged is not judged again."
    if before is not None and before.starts < first_open_day():
        if after is None or (after.value, after.of_year) != (before.value, before.of_year):
            yield "This target has begun. Enter the day after its last day, and add another target."
        elif after.until is not None and after.until < first_open_day():
            yield "The day after its last day must be in this quarter or later."
    if after is not None and after.until is not None and after.until <= after.starts:
        yield "The day after its last day must be after its first day."


SETTINGS_FORM = RegisterForm(
    name=SETTINGS,
    title="Settings of the policy",
    entry="a setting",
    about="What is hidden, how change is judged and how long leads have. A setting holds from its first day, and is"
    " never changed: add another. The unit decides; only an approver decides to show what is hidden now.",
    model=PolicyLine,
    fields=_setting_fields,
    entries=lambda known: policy_lines(policy_as_decided(known, {})),
    key_fields=("kind", "measures", "starts"),
    key_of=lambda line: str(line.key),
    name_of=_setting_name,
    deciders=frozenset({Role.UNIT, Role.APPROVER}),
    stays=lambda line: bool(line.starts <= today()),
    objections=_objections_to_setting,
    file="policy.yml",
    document=_policy_file,
)

TARGETS_FORM = RegisterForm(
    name=TARGETS,
    title="Targets",
    entry="a target",
    about="What a measure is to reach in an area. A measure that misses its target is an exception. What was judged is"
    " not judged again: a target begins and ends in this quarter or later.",
    model=Target,
    fields=_target_fields,
    entries=lambda known: targets(policy_as_decided({}, known)),
    key_fields=("measure", "area", "starts"),
    key_of=lambda target: str(target.key),
    name_of=_target_name,
    stays=lambda target: target.until is not None and target.until <= first_open_day(),
    objections=_objections_to_target,
    file="policy.yml",
    document=_policy_file,
)
