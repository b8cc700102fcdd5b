"""A return that we have not received: the scorecard lists the missing figures and reveals no hidden count."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from lxml import html
from openpyxl import load_workbook
from psycopg2.extensions import connection as Connection

from sia.calendar import Quarter
from sia.release.building import build_release
from sia.release.draft import draft
from tests.conftest import Warehouse
from tests.database.test_draft import DISTRICTS, add_version, submission

QUARTER = Quarter(2021, 4)
BEFORE = QUARTER.plus(-1)
# A hundred referrals of homes in the quarter before; two of them, in South Oxfordshire, are a small number.
REFERRALS = dict(zip(DISTRICTS, (23, 40, 2, 20, 15), strict=True))
RESTATED = REFERRALS | {DISTRICTS[0]: 123}
THEN = datetime(2022, 6, 1, tzinfo=UTC)
HEADING = "Last known share of the county's total"


@pytest.fixture(scope="module")
def filled(warehouse_of_module: Warehouse) -> Connection:
    """Sanctuary sent a hundred referrals for the quarter before, restated them to two hundred, and sent no more."""
    connection = warehouse_of_module.connection
    for day, amounts in (("2022-01-20", REFERRALS), ("2022-08-01", RESTATED)):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE warehouse.return_version SET known_during = tstzrange(lower(known_during), %s)",
                (f"{day} 09:00",),
            )
        sent = submission(connection, "sanctuary", "sanctuary_contractor", BEFORE, "accepted", day)
        add_version(connection, sent, BEFORE.start, BEFORE.end, {"referrals": amounts})
    connection.commit()
    return connection


def shares(content: bytes) -> pd.Series:
    data = pd.read_csv(BytesIO(content), dtype="str", keep_default_na=False)
    return data[data["measure_id"] == "sanctuary_referrals"].set_index("area")["last_known_share"]


def test_a_draft_lists_the_missing_figures_on_its_page_in_its_workbook_and_data(
    filled: Connection, tmp_path: Path
) -> None:
    result = draft(filled, QUARTER, tmp_path)
    words = shares(result.data.read_bytes())
    # By hand, of 200: Cherwell 123, South and Vale 22, South Oxfordshire 2.
    assert words["Cherwell"] == "not received; it was 62% of the county's total in 2021/22 Q3"
    assert words["South and Vale CSP"] == "not received; it was 11% of the county's total in 2021/22 Q3"
    assert words["South Oxfordshire"] == "not received; it was 1% of the county's total in 2021/22 Q3"
    assert words["Oxfordshire"] == "not received; the county's total was last known for 2021/22 Q3"
    book = load_workbook(result.workbook)
    last_column = {row[0]: row[-1] for row in book["Without figures"].iter_rows(values_only=True)}
    assert last_column["Measure"] == HEADING
    sentence = str(last_column["Sanctuary scheme referrals"])
    assert sentence.startswith(
        "Not received. Last known shares of the county's total, in 2021/22 Q3: Cherwell CSP 62%, Oxford City"
    )
    assert "Cherwell 62%" in sentence
    (returned,) = [row for row in book["Returns"].iter_rows(values_only=True) if row[0] == "Sanctuary scheme return"]
    assert returned[2] == "Not received"
    assert returned[-1] == "Without it, 1 county figure is missing altogether, last known for 2021/22 Q3"
    page = html.fromstring(result.page.read_bytes().decode())
    text = " ".join(page.text_content().split())
    assert "Not received. Last known shares of the county's total, in 2021/22 Q3: Cherwell CSP 62%" in text
    assert "Without it, 1 county figure is missing altogether" in text


def test_a_release_shows_what_we_knew_then_and_hides_small_counts(filled: Connection) -> None:
    result = build_release(filled, QUARTER, THEN, b"")
    words = shares(result.files[f"scorecard-{QUARTER.key}.csv"])
    # As known in June, of 100.
    assert words["Cherwell"] == "not received; it was 23% of the county's total in 2021/22 Q3"
    assert words["South and Vale CSP"] == "not received; it was 22% of the county's total in 2021/22 Q3"
    # Two are too few, and with Vale's share the partnership's would give them away.
    for name in ("South Oxfordshire", "Vale of White Horse"):
        assert words[name] == "not received; its share of the county's total in 2021/22 Q3 is confidential"
    page = result.files[f"scorecard-{QUARTER.key}.html"].decode()
    assert "Cherwell CSP 23%" in page
    book = load_workbook(BytesIO(result.files[f"scorecard-{QUARTER.key}.xlsx"]))
    (sentence,) = [
        row[-1] for row in book["Without figures"].iter_rows(values_only=True) if "Cherwell CSP" in str(row[-1])
    ]
    assert "South Oxfordshire confidential, Vale of White Horse confidential" in sentence
