"""Every published figure equals the pipeline's observation, as known on the day of the report.

The figures are in ``include/registers/published_figures.csv``. They are from the performance reports of the South and
Vale Community Safety Partnership, each with its report and paragraph.
"""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from itertools import chain
from pathlib import Path

import pytest
from psycopg2.extensions import connection as Connection

from demo.run import QUARTERS
from demo.samples import grants
from demo.samples.published import FIRST, LAST
from demo.samples.submissions import earlier_submissions, submissions
from sia import geography, reconciliation
from sia.calendar import LONDON, quarters_between
from sia.contract.model import contract
from sia.intake import admit, stage
from sia.quality import validate
from sia.reconciliation import ReconciliationOutcome
from sia.storage.folders import write_if_changed
from sia.warehouse import load
from tests.conftest import Warehouse
from tests.published import Published, published

RETURNS = ("tvp_counts", "odas", "mediation", "sanctuary", "csp_casework", "csp_grants", "residents_survey")

pytestmark = pytest.mark.timeout(900)

_KNOWN = """
    SELECT sum(numerator), sum(denominator), count(*)
    FROM marts.observation_known_at(%s)
    WHERE measure_id = %s AND area_code = %s AND quarter_key = ANY(%s)
"""
_KNOWN_COMPONENT = """
    SELECT sum(value), NULL, count(DISTINCT quarter_key)
    FROM marts.component_total_known_at(%s)
    WHERE return_name || '.' || component = %s AND area_code = ANY(%s) AND quarter_key = ANY(%s)
"""
_TODAY = """
    SELECT sum(numerator) FROM marts.observation
    WHERE measure_id = %s AND area_code = %s AND quarter_key LIKE %s
"""


@pytest.fixture(scope="module")
def loaded(demo_copy: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Connection:
    """The demo's warehouse, and every earlier sample return of the sources, loaded with the pipeline's own steps."""
    state: Path = tmp_path_factory.mktemp("published")
    quarters = [quarter for quarter in quarters_between(FIRST, LAST) if quarter not in QUARTERS]
    for submission in chain(earlier_submissions(), *map(submissions, quarters)):
        if submission.return_name in RETURNS:
            write_if_changed(state / "inbox" / submission.path, submission.content())
    connection = demo_copy.connection
    for quarter in (*grants.EARLIER, *quarters):
        for name in RETURNS:
            for number in admit.receive(connection, contract(name), quarter, state / "inbox", state / "landing"):
                stage.stage(connection, number, state / "landing")
                validate.validate(connection, number)
                load.load(connection, number)
    return connection


@pytest.mark.parametrize("figure", published(), ids=lambda figure: figure.id)
def test_observations_equal_the_published_figures(loaded: Connection, figure: Published) -> None:
    end_of_day = datetime.combine(figure.known_on, time(23, 59), tzinfo=LONDON)
    keys = [quarter.key for quarter in figure.quarters]
    asked, area = _KNOWN, figure.area
    if "." in figure.measure:
        parts = geography.areas()[figure.area].member_codes(figure.quarters[0].start)
        asked, area = _KNOWN_COMPONENT, [figure.area, *parts]
    with loaded.cursor() as cursor:
        cursor.execute(asked, (end_of_day, figure.measure, area, keys))
        numerator, denominator, rows = cursor.fetchone()
    assert rows == len(figure.quarters)
    value = Decimal(numerator) if denominator is None else Decimal(numerator) / denominator
    if figure.unit == "GBP":
        assert figure.agrees_with(value), value
    else:
        assert value == figure.value


def test_make_reconcile_finds_them_too(loaded: Connection) -> None:
    figures = reconciliation.read(reconciliation.register())
    compared = reconciliation.reconcile(figures, reconciliation.known_figures(loaded, figures))
    of_returns = {figure.id for figure in published()}
    outcomes = {c.published.id: c.outcome for c in compared if c.published.id in of_returns}
    assert outcomes.keys() == of_returns
    assert set(outcomes.values()) == {ReconciliationOutcome.AGREES, ReconciliationOutcome.ROUNDS}


def test_the_funding_of_2013_14_is_the_sum_of_its_parts_and_not_what_the_text_says(loaded: Connection) -> None:
    """Annual refresh 2013-14, Resourcing: the text says £746,294, its table adds up to £746,160."""
    figures = reconciliation.read(reconciliation.register())
    compared = reconciliation.reconcile(figures, reconciliation.known_figures(loaded, figures))
    outcomes = {c.published.id: c.outcome for c in compared}
    parts = ("F124", "F125", "F126", "F127", "F128")
    assert {figure: outcomes[figure] for figure in parts} == dict.fromkeys(parts, ReconciliationOutcome.AGREES)
    assert outcomes["F129"] is ReconciliationOutcome.DISAGREES
    assert outcomes["F123"] is ReconciliationOutcome.NOT_COMPARED, "the year 2022/23 is after the last sample"


def test_today_s_sanctuary_referrals_of_2018_19_are_the_restated_ones(loaded: Connection) -> None:
    """F032: 55 in the report of 21 September 2020, para 23, after 49 in that of 18 June 2019, para 21."""
    with loaded.cursor() as cursor:
        cursor.execute(_TODAY, ("sanctuary_referrals", "CSP-SOUTH-VALE", "2018-19Q%"))
        assert cursor.fetchone()[0] == 55


def test_a_refused_return_is_missing_and_not_zero(loaded: Connection) -> None:
    """Mediation Bucks' two attempts for 2020/21 Q3 both have errors. Eight other broken returns are corrected."""
    with loaded.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), bool_and(synthetic) FROM marts.observation WHERE measure_id = 'mediation_offered'"
            " AND area_code = 'E10000025' AND quarter_key LIKE '2020-21Q%'"
        )
        assert cursor.fetchone() == (3, True)
        cursor.execute(
            "SELECT return_name, quarter_key, count(*) FILTER (WHERE status = 'refused'),"
            " count(*) FILTER (WHERE status = 'accepted') FROM intake.submission"
            " GROUP BY return_name, quarter_key HAVING count(*) FILTER (WHERE status = 'refused') > 0"
            " ORDER BY return_name, quarter_key"
        )
        assert cursor.fetchall() == [
            ("mediation", "2020-21Q2", 1, 1),
            ("mediation", "2020-21Q3", 2, 0),
            ("mediation", "2020-21Q4", 1, 1),
            ("odas", "2020-21Q3", 1, 1),
            ("odas", "2020-21Q4", 1, 1),
            ("sanctuary", "2020-21Q1", 1, 1),
            ("sanctuary", "2020-21Q2", 1, 1),
            ("tvp_counts", "2020-21Q2", 1, 1),
            ("tvp_counts", "2021-22Q3", 1, 1),
        ]


def test_a_refused_return_names_each_error(loaded: Connection) -> None:
    """Reading finds the total row. In the next attempt, the rules find the words, the minus and the repeated case."""
    with loaded.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(DISTINCT f.rule_id ORDER BY f.rule_id) FROM intake.submission AS s"
            " INNER JOIN quality.finding AS f ON s.submission_id = f.submission_id"
            " WHERE s.return_name = 'mediation' AND s.quarter_key = '2020-21Q3' AND s.status = 'refused'"
            " GROUP BY s.submission_id ORDER BY s.submission_id"
        )
        first, second = (row[0] for row in cursor.fetchall())
    assert "INT-TOTAL-01" in first
    assert {"MED-CASES-FEE-TYPE", "MED-CASES-FEE-RANGE", "MED-CASEKEY-01"} == set(second)
