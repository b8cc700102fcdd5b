"""The synthetic sample returns: repeatable, equal to the published figures, and labelled as synthetic."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from demo.samples import broken, mediation
from demo.samples.files import samples
from demo.samples.police_counts import counts
from demo.samples.published import FIRST, LAST, Cell
from demo.samples.seeded_random import agree, rng_for
from demo.samples.submissions import Submission, submissions
from sia import geography
from sia.calendar import Quarter, add_working_days, quarters_between
from sia.contract.model import contract
from tests.published import Published, published

QUARTERS = quarters_between(FIRST, LAST)
LAST_QUARTER = Quarter(2021, 4)


def latest(return_name: str, quarter: Quarter, known_on: date) -> Submission:
    """The newest file received by a day."""
    came = [s for s in submissions(quarter) if s.return_name == return_name and s.received_on <= known_on]
    return max(came, key=lambda s: s.received_on)


def lines(return_name: str, table: str, figure: Published) -> Iterator[tuple[Quarter, dict]]:
    for quarter in figure.quarters:
        tables = latest(return_name, quarter, figure.known_on).tables
        assert tables is not None
        for row in tables()[table]:
            yield quarter, dict(row)


def inside(area: str, figure: Published) -> bool:
    return area in _parts(figure)


def of_odas(figure: Published) -> Decimal:
    columns = [geography.areas()[code].column for code in _parts(figure)]
    table, name, more = (
        ("contacts", "contact_type", {"category": "all"})
        if figure.measure in ("helpline_calls", "new_contacts")
        else ("services", "service", {})
    )
    wanted = {name: figure.measure, **more}
    rows = [row for _, row in lines("odas", table, figure) if wanted.items() <= row.items()]
    return Decimal(sum(row[column] for row in rows for column in columns))


def _parts(figure: Published) -> tuple[str, ...]:
    return geography.areas()[figure.area].member_codes(figure.quarters[0].start)


def referrals(figure: Published) -> Decimal:
    rows = lines("sanctuary", "jobs", figure)
    return Decimal(sum(inside(r["district"], figure) and q.start <= r["referred_on"] <= q.end for q, r in rows))


def _secured(figure: Published, reason: str | None) -> list[dict]:
    return [
        row
        for _, row in lines("sanctuary", "jobs", figure)
        if row["secured"] and inside(row["district"], figure) and reason in (None, row["reason"])
    ]


def properties(reason: str | None = None) -> Callable[[Published], Decimal]:
    return lambda figure: Decimal(len(_secured(figure, reason)))


def spend(reason: str | None = None) -> Callable[[Published], Decimal]:
    return lambda figure: sum((row["works_cost"] for row in _secured(figure, reason)), Decimal())


def average(reason: str | None = None) -> Callable[[Published], Decimal]:
    return lambda figure: spend(reason)(figure) / len(_secured(figure, reason))


def cameras(event: str = "installed", **wanted: str) -> Callable[[Published], Decimal]:
    def answer(figure: Published) -> Decimal:
        rows = [row for _, row in lines("sanctuary", "cameras", figure) if inside(row["district"], figure)]
        return Decimal(sum({"event": event, **wanted}.items() <= row.items() for row in rows))

    return answer


def _cases(figure: Published) -> list[dict]:
    return [row for _, row in lines("mediation", "cases", figure) if inside(row["district"], figure)]


def cases(step: str) -> Callable[[Published], Decimal]:
    return lambda figure: Decimal(sum(row[step] for row in _cases(figure)))


def cost_per_referral(figure: Published) -> Decimal:
    return Decimal(sum(row["fee"] or 0 for row in _cases(figure))) / cases("referred")(figure)


def funding(figure: Published) -> Decimal:
    return Decimal(sum(row["amount"] for _, row in lines("mediation", "funding", figure) if row["csp"] == figure.area))


def closure_orders(figure: Published) -> Decimal:
    columns = [geography.areas()[code].column for code in _parts(figure)]
    rows = [row for _, row in lines("tvp_counts", "counts", figure) if row["measure"] == "closure_orders"]
    return Decimal(sum(row[column] for row in rows for column in columns))


def _of_casework(table: str, figure: Published) -> list[dict]:
    rows = [row for _, row in lines("csp_casework", table, figure)]
    return [row for row in rows if inside(DISTRICT_OF_NEIGHBOURHOOD[row["neighbourhood"]], figure)]


def meetings(figure: Published) -> Decimal:
    return Decimal(sum(row["meetings"] for row in _of_casework("meetings", figure)))


def activity(table: str, kind: str, code: str) -> Callable[[Published], Decimal]:
    def answer(figure: Published) -> Decimal:
        columns = [geography.areas()[part].column for part in _parts(figure)]
        rows = [row for _, row in lines("csp_casework", table, figure) if row[kind] == code]
        return Decimal(sum(row[column] for row in rows for column in columns))

    return answer


def grant(figure: Published) -> Decimal:
    recipient = geography.areas()[figure.area].column.removesuffix("_csp")
    rows = [row for _, row in lines("csp_grants", "grants", figure) if row["recipient"] == recipient]
    return Decimal(sum(row["granted"] for row in rows))


def replies(figure: Published) -> Decimal:
    wanted = {"survey": "safer_streets", "question": "respondents", "person_group": "everybody", "area": figure.area}
    rows = [row for _, row in lines("residents_survey", "answers", figure) if wanted.items() <= row.items()]
    return Decimal(sum(row["base"] for row in rows))


DISTRICT_OF_NEIGHBOURHOOD = {
    "cherwell": "E07000177",
    "oxford": "E07000178",
    "didcot_wallingford": "E07000179",
    "thame_henley": "E07000179",
    "abingdon": "E07000180",
    "wantage_faringdon": "E07000180",
    "west_oxfordshire": "E07000181",
}

ANSWERS: dict[str, Callable[[Published], Decimal]] = {
    **dict.fromkeys(
        (
            "helpline_calls",
            "new_contacts",
            "outreach_assessments",
            "outreach_clients",
            "clients_supported",
            "idva_clients",
            "young_person_idva_clients",
        ),
        of_odas,
    ),
    "sanctuary_referrals": referrals,
    "properties_secured": properties(),
    "properties_secured_burglary": properties("burglary"),
    "properties_secured_domestic_abuse": properties("domestic_abuse"),
    "average_cost_works": average(),
    "average_cost_burglary": average("burglary"),
    "average_cost_domestic_abuse": average("domestic_abuse"),
    "security_works_spend": spend(),
    "security_works_spend_burglary": spend("burglary"),
    "security_works_spend_domestic_abuse": spend("domestic_abuse"),
    "cameras_installed": cameras(),
    "guard_cameras_installed": cameras(camera_type="guard_camera"),
    "door_viewers_installed": cameras(camera_type="door_viewer"),
    "cameras_installed_domestic_abuse": cameras(reason="domestic_abuse"),
    "cameras_kept": cameras("kept"),
    "mediation_offered": lambda figure: Decimal(len(_cases(figure))),
    "mediation_referred": cases("referred"),
    "mediator_input": cases("mediator_input"),
    "joint_meetings_with_agreement": cases("agreement"),
    "further_incidents": cases("further_incidents"),
    "mediation_cost_per_referral": cost_per_referral,
    "mediation_funding": funding,
    "closure_orders": closure_orders,
    "asb_neighbourhood_meetings": meetings,
    "asb_neighbourhood_cases": lambda figure: Decimal(len(_of_casework("cases", figure))),
    "community_trigger_applications": activity("counts", "activity", "review_applications"),
    "community_protection_warnings": activity("counts", "activity", "protection_warnings"),
    "csp_grant": grant,
    "residents_survey.safer_streets:respondents": replies,
    "csp_casework.safe_places": activity("counts", "activity", "safe_places"),
    "csp_casework.homicide_reviews_begun": activity("homicide_reviews", "stage", "homicide_reviews_begun"),
}


@pytest.mark.parametrize("figure", published(), ids=lambda figure: figure.id)
def test_samples_add_up_to_what_was_published(figure: Published) -> None:
    answer = ANSWERS[figure.measure](figure)
    if figure.unit == "GBP":
        assert figure.agrees_with(answer), answer
    else:
        assert answer == figure.value


def test_works_of_2019_20_come_from_unrounded_costs() -> None:
    """Para 24 of the report of 21 September 2020: rounded averages of quarters give £2,313, not £2,316."""
    averages = [figure for figure in published() if figure.measure == "average_cost_works"]
    year = next(figure for figure in published() if figure.measure == "security_works_spend")
    rounded = sum(figure.value * len(_secured(figure, None)) for figure in averages)
    assert spend()(year) == 2316
    assert rounded != 2316


def test_restatement_of_2018_19_leaves_cameras_and_secured_properties_alone() -> None:
    quarter = Quarter(2018, 4)
    first, restated = sorted(
        (s for s in submissions(quarter) if s.return_name == "sanctuary"), key=lambda s: s.received_on
    )
    assert date(2020, 8, 1) <= restated.received_on <= date(2020, 8, 31)
    before, after = first.tables(), restated.tables()
    assert len(after["jobs"]) - len(before["jobs"]) == 6
    assert after["jobs"][: len(before["jobs"])] == before["jobs"]
    assert not any(job["secured"] for job in after["jobs"][len(before["jobs"]) :])
    assert after["cameras"] == before["cameras"]


def test_cases_of_2019_20_were_resolved_as_reported() -> None:
    """Para 14 of the report of 21 September 2020: 86 of 116 cases, the others were going on."""
    figure = next(figure for figure in published() if figure.id == "F101")
    assert sum(case["resolved"] for case in _of_casework("cases", figure)) == 86


def test_neighbourhood_areas_have_what_was_reported_of_each() -> None:
    """Para 14 of the report of 7 November 2022."""
    figure = next(figure for figure in published() if figure.id == "F103")
    cases = Counter(case["neighbourhood"] for case in _of_casework("cases", figure))
    assert cases == {"abingdon": 20, "didcot_wallingford": 18, "wantage_faringdon": 24, "thame_henley": 15}


def test_the_same_bytes_every_time() -> None:
    for first, second in zip(submissions(LAST_QUARTER), submissions(LAST_QUARTER), strict=True):
        assert first.path == second.path
        assert first.content() == second.content()


def test_command_writes_a_quarter_once(tmp_path, capsys) -> None:
    samples("2021-22Q4", "2021-22Q4", tmp_path)
    assert "9 synthetic returns, 9 of them new" in capsys.readouterr().out
    samples("2021-22Q4", "2021-22Q4", tmp_path)
    assert "9 synthetic returns, 0 of them new" in capsys.readouterr().out
    files = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*") if path.is_file()]
    assert all(path.rsplit("/", 1)[1].startswith("synthetic-") for path in files)
    indicators = r"indicators/2021-22Q4/youth_offending_service/received-2022-\d\d-\d\d/synthetic-[^/]+\.xlsx"
    assert any(re.fullmatch(indicators, path) for path in files)


@pytest.mark.parametrize("quarter", QUARTERS, ids=str)
def test_returns_arrive_on_time_and_once(quarter: Quarter) -> None:
    arrived = list(submissions(quarter))
    assert len({s.path for s in arrived}) == len(arrived)
    for submission in arrived:
        due = quarter.due(contract(submission.return_name).due_working_days)
        attempt_or_restatement = any(
            word in submission.file_name for word in ("corrected", "second-attempt", "restated")
        )
        assert attempt_or_restatement or quarter.end < submission.received_on < due


@pytest.mark.parametrize("quarter", QUARTERS, ids=str)
def test_rows_follow_their_contract(quarter: Quarter) -> None:
    """Every code is valid in the quarter, nothing required is missing, and no key repeats."""
    for submission in submissions(quarter):
        if submission.tables is None or _is_broken(submission):
            continue
        for name, rows in submission.tables().items():
            table = contract(submission.return_name).table(name)
            keys = Counter(tuple(row[key] for key in table.key) for row in rows)
            assert rows, (submission.path, name)
            assert max(keys.values()) == 1
            for column in table.columns:
                values = [row.get(column.name) for row in rows]
                assert not (column.required and None in values), (submission.path, column.name)
                if codes := {choice.code for choice in column.code_list(quarter)}:
                    assert {value for value in values if value is not None} <= codes
                if column.pattern:
                    assert all(re.fullmatch(column.pattern, str(value)) for value in values)


def _is_broken(submission: Submission) -> bool:
    return (submission.return_name, submission.quarter) == ("mediation", mediation.BROKEN)


@pytest.mark.parametrize("quarter", QUARTERS, ids=str)
def test_splits_and_totals_add_up(quarter: Quarter) -> None:
    odas = latest("odas", quarter, date.max).tables()
    areas = [column.name for column in contract("odas").table("contacts").columns if column.type == "integer"][:-1]
    everyone = next(row for row in odas["contacts"] if row["category"] == "all")
    for kind in ("sex", "age", "source"):
        split = [row for row in odas["contacts"] if row["category"].startswith(kind)]
        for area in areas:
            assert sum(row[area] for row in split) == everyone[area]
    for row in [*odas["contacts"], *odas["services"]]:
        assert sum(row[area] for area in areas) == row["service_total"]
    for row in latest("tvp_counts", quarter, date.max).tables()["counts"]:
        assert sum(row[area.column] for area in geography.districts()) == row["oxfordshire"]


def test_a_service_that_began_in_june_2021_is_counted_from_its_first_quarter() -> None:
    def services(quarter: Quarter) -> set[object]:
        return {row["service"] for row in latest("odas", quarter, date.max).tables()["services"]}

    assert "young_person_idva_clients" not in services(Quarter(2020, 4))
    assert "young_person_idva_clients" in services(Quarter(2021, 1))


def test_police_levels_are_plausible() -> None:
    def county(measure: str, month: str) -> int:
        return sum(numbers[measure] for cell, numbers in counts().items() if cell.detail == month)

    assert county("all_recorded_crime", "2020-04") < 0.8 * county("all_recorded_crime", "2019-04")
    assert county("asb_incidents", "2020-04") > 1.5 * county("asb_incidents", "2019-04")
    assert county("asb_incidents", "2019-07") > county("asb_incidents", "2019-01")
    groups = ("serious_crime", "burglary_dwelling", "vehicle_crime", "robbery", "violent_assault", "criminal_damage")
    assert all(sum(n[group] for group in groups) < n["all_recorded_crime"] for n in counts().values())


def test_archive_looks_like_the_public_archive_and_matches_the_counts() -> None:
    quarter = Quarter(2020, 1)
    submission = next(s for s in submissions(quarter) if s.return_name == "tvp_crime")
    assert submission.file_name == "synthetic-2020-21Q1.zip"
    with ZipFile(BytesIO(submission.content())) as archive:
        assert archive.namelist() == [f"{month}/{month}-thames-valley-street.csv" for month in quarter.months]
        for month, name in zip(quarter.months, archive.namelist(), strict=True):
            records = list(csv.DictReader(StringIO(archive.read(name).decode())))
            assert {record["Location"] for record in records} == {"Made-up sample"}
            assert all(
                (record["Crime ID"] == "") == (record["Crime type"] == "Anti-social behaviour") for record in records
            )
            assert all(bool(record["LSOA code"]) == bool(record["Longitude"]) for record in records)
            assert 0 < sum(not record["LSOA code"] for record in records) < 0.15 * len(records)
            by_district = Counter(record["LSOA name"].rsplit(" ", 1)[0] for record in records)
            for district in geography.districts():
                numbers = counts()[Cell(quarter, district.code, month)]
                assert by_district[district.name] == numbers["all_recorded_crime"] + numbers["asb_incidents"]
            assert by_district["Reading"]
            repeated = Counter(tuple(r.values()) for r in records if not r["Crime ID"])
            assert max(repeated.values()) > 1
            ids = [record["Crime ID"] for record in records if record["Crime ID"]]
            assert all(re.fullmatch("[0-9a-f]{64}", crime_id) for crime_id in ids)
            assert len(set(ids)) == len(ids)


def test_broken_mediation_return_is_sent_twice_and_never_corrected() -> None:
    first, second = (s.tables()["cases"] for s in submissions(mediation.BROKEN) if s.return_name == "mediation")
    assert first[:-1] == second
    assert first[-1]["case_reference"] == "Total"
    assert max(Counter(case["case_reference"] for case in second).values()) == 2
    fees = [case["fee"] for case in second]
    assert sum(isinstance(fee, str) for fee in fees) == 1
    assert sum(isinstance(fee, int) and fee < 0 for fee in fees) == 1


@pytest.mark.parametrize("wrong", broken.BROKEN, ids=lambda wrong: wrong.error)
def test_a_broken_return_has_an_error_in_one_row_and_is_sent_again_without_it(wrong: broken.Broken) -> None:
    first, second = (s for s in submissions(wrong.quarter) if s.return_name == wrong.return_name)
    assert wrong.error in first.file_name
    assert second.received_on == add_working_days(first.received_on, 5)
    assert first.content() == first.content()
    before, after = (filled_cells(s) for s in (first, second))
    assert len({(sheet, row) for sheet, row, column in before.keys() | after.keys()
                if before.get((sheet, row, column)) != after.get((sheet, row, column))}) == 1  # fmt: skip


def filled_cells(submission: Submission) -> dict[tuple[str, int, int], object]:
    sheets = load_workbook(BytesIO(submission.content())).worksheets
    cells = (cell for sheet in sheets for row in sheet.iter_rows() for cell in row)
    return {(c.parent.title, c.row, c.column): c.value for c in cells if c.value is not None}


def test_workbook_says_everywhere_that_it_is_synthetic() -> None:
    submission = next(s for s in submissions(LAST_QUARTER) if s.return_name == "sanctuary")
    book = load_workbook(BytesIO(submission.content()))
    cover = {book["Cover"].cell(row, 1).value: book["Cover"].cell(row, 2).value for row in range(4, 9)}
    assert cover["Made-up sample"] == "Yes"
    assert all(sheet["A2"].value.startswith("Made-up sample.") for sheet in book.worksheets)
    jobs = submission.tables()["jobs"]
    written = [row for row in book["Jobs"].iter_rows(min_row=5, values_only=True) if row[0]]
    assert [row[0] for row in written] == [job["job_reference"] for job in jobs]
    assert {row[1] for row in written} <= {area.name for area in geography.districts()}
    costs = [row[9] for row in written if row[9] is not None]
    assert sum(Decimal(str(cost)) for cost in costs) == sum(job["works_cost"] for job in jobs if job["works_cost"])


def test_totals_that_contradict_each_other_are_an_error() -> None:
    cells = [Cell(LAST_QUARTER, "A"), Cell(LAST_QUARTER, "B")]
    levels = dict.fromkeys(cells, 1.0)
    with pytest.raises(ValueError, match="contradict"):
        agree(rng_for("test"), levels, [(cells[:1], 5), (cells, 4)])
