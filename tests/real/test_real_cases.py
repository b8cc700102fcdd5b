"""Small files as office programs really save them: read as a person sees them, or refused at the cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from sia.contract import common_rules
from sia.contract.model import Severity
from tests.conftest import SHARED_DATA, Warehouse
from tests.staged import findings, status
from tests.submissions import hand_in
from tests.workbooks import QUARTER

CASES = SHARED_DATA / "cases"
# Files of these returns do not say who sent them.
SENDERS = {"tvp_counts": "thames_valley_police"}
NAMED_BY_FOLDER = {"words-03.xlsx": "sanctuary_contractor"}

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the public files (../shared/data) are not on this machine")

# The file is read, and has too few of the rows of the blank workbook, or too few districts. Nothing else is wrong.
INCOMPLETE, FEW_DISTRICTS = frozenset({"INT-NIL-04"}), frozenset({"INT-PUBLISHED-09"})
PUBLISHED = {"population_midyear": ("2023-24Q1", "2025-10-01"), "csp_crime": ("2024-25Q3", "2025-10-01")}
PUBLISHED |= {"homelessness": ("2023-24Q3", "2025-10-01")}

# A file, its return, and the rules that it breaks; none if it is a good return.
ANSWERS = {
    "hidden-01.xlsx": ("sanctuary", {"INT-HIDDEN-01"}),
    "hidden-02.xlsx": ("sanctuary", {"INT-HIDDEN-01"}),
    "hidden-03.xlsx": ("sanctuary", {"INT-HIDDEN-02"}),
    "hidden-04.ods": ("sanctuary", {"INT-HIDDEN-01"}),
    "hidden-05.ods": ("sanctuary", {"INT-HIDDEN-01"}),
    "percent-01.xlsx": ("indicators", {"INT-PERCENT-01"}),
    "percent-02.xlsx": ("indicators", {"INT-PERCENT-01"}),
    "percent-03.ods": ("indicators", {"INT-PERCENT-01"}),
    "shown-01.xlsx": ("sanctuary", set()),
    "shown-03.ods": ("sanctuary", set()),
    "shown-06.xlsx": ("odas", {"INT-NUMBER-02"}),
    "shown-09.xlsx": ("sanctuary", {"INT-NUMBER-02"}),
    "formula-01.xlsx": ("sanctuary", set()),
    "escape-01.xlsx": ("sanctuary", set()),
    "escape-02.xlsx": ("sanctuary", set()),
    "escape-03.xlsx": ("sanctuary", set()),
    **{f"invisible-0{number}.xlsx": ("sanctuary", set()) for number in range(1, 8)},
    **{f"pence-0{number}.xlsx": ("sanctuary", {"SAN-JOBS-WORKS-COST-PENCE"}) for number in range(1, 4)},
    "csv-01.csv": ("tvp_counts", INCOMPLETE),
    "csv-02.csv": ("tvp_counts", INCOMPLETE),
    "csv-03.csv": ("tvp_counts", INCOMPLETE),
    **{f"csv-0{number}.zip": ("tvp_crime", set()) for number in (4, 5, 6)},
    "error-01.xlsx": ("sanctuary", {"INT-ERROR-01"}),
    "error-02.csv": ("tvp_counts", {"INT-ERROR-01"}),
    "error-03.ods": ("sanctuary", {"INT-ERROR-01"}),
    "words-08.xlsx": ("odas", {"INT-ERROR-01"}),
    "whole-02.xlsx": ("odas", INCOMPLETE),
    "part-01.xlsx": ("tvp_counts", {"INT-NIL-03"}),
    "part-02.csv": ("tvp_counts", {"INT-NIL-03"}),
    "part-03.xlsx": ("odas", {"INT-NIL-03"}),
    "part-04.xlsx": ("mediation", {"INT-NIL-03"}),
    "part-06.xlsx": ("odas", {"INT-NIL-03"}),
    "day-03.xlsx": ("sanctuary", {"SAN-DATE-04"}),
    "day-04.xlsx": ("sanctuary", {"SAN-DATE-04"}),
    "police-month-01.zip": ("tvp_crime", {"INT-ARCHIVE-08"}),
    "police-month-03.zip": ("tvp_outcomes", {"INT-ARCHIVE-08"}),
    "day-05.zip": ("tvp_crime", {"INT-ARCHIVE-09"}),
    "unread-01.xlsx": ("sanctuary", {"INT-PERSONAL-07"}),
    "unread-02.xlsx": ("sanctuary", {"INT-PERSONAL-07"}),
    "unread-03.xlsx": ("sanctuary", {"INT-PERSONAL-09"}),
    **{f"format-0{number}.xlsx": ("sanctuary", set()) for number in (1, 2, 4, 6, 7)},
    "format-08.xlsx": ("sanctuary", {"INT-LOCKED-02"}),
    **{f"format-{number:02d}.zip": ("tvp_crime", {"INT-ZIP-03"}) for number in range(9, 13)},
    "format-13.xlsx": ("sanctuary", {"INT-LOCKED-01"}),
    "format-14.ods": ("sanctuary", set()),
    "format-05.ods": ("sanctuary", set()),
    "format-15.xlsx": ("sanctuary", set()),
    "unread-04.xlsx": ("sanctuary", {"INT-PERSONAL-01"}),
    "unread-05.ods": ("sanctuary", {"INT-PERSONAL-07"}),
    "unread-06.xlsx": ("sanctuary", {"INT-PERSONAL-01"}),
    "unread-07.xlsx": ("sanctuary", {"INT-PERSONAL-07"}),
    "number-01.xlsx": ("sanctuary", {"INT-PERSONAL-06"}),
    "number-02.xlsx": ("sanctuary", {"INT-PERSONAL-03"}),
    "number-03.xlsx": ("sanctuary", {"INT-PERSONAL-06"}),
    "number-04.xlsx": ("sanctuary", {"INT-PERSONAL-03"}),
    "number-05.ods": ("sanctuary", {"INT-PERSONAL-06"}),
    "number-06.xlsx": ("sanctuary", {"INT-PERSONAL-03"}),
    "number-07.xlsx": ("sanctuary", {"INT-PERSONAL-03"}),
    "words-01.xlsx": ("odas", {"INT-PERSONAL-03"}),
    "quoted-01.xlsx": ("sanctuary", {"INT-PERSONAL-01"}),
    "quoted-02.xlsx": ("sanctuary", {"INT-PERSONAL-02"}),
    "quoted-03.csv": ("tvp_counts", {"INT-PERSONAL-01"}),
    "quoted-04.xlsx": ("mediation", {"INT-PERSONAL-04"}),
    "quoted-05.xlsx": ("sanctuary", {"INT-PERSONAL-05"}),
    "quoted-06.xlsx": ("sanctuary", {"INT-PERSONAL-08"}),
    **{f"police-month-0{number}.zip": ("tvp_crime", {"TVS-ROWS-01"}) for number in (2, 6, 7, 8)},
    "police-month-04.zip": ("tvp_crime", {"TVS-ROWS-01", "TVS-COPY-01"}),
    "police-month-05.zip": ("tvp_crime", {"TVS-COPY-01"}),
    "place-01.zip": ("tvp_crime", {"TVS-ROWS-01"}),
    "category-01.zip": ("tvp_crime", {"INT-ARCHIVE-11"}),
    "category-02.zip": ("tvp_crime", {"INT-ARCHIVE-11"}),
    "category-03.zip": ("tvp_outcomes", {"INT-ARCHIVE-11"}),
    "stray-01.xlsx": ("sanctuary", {"INT-ROW-01"}),
    "stray-02.xlsx": ("sanctuary", {"INT-ROW-02"}),
    "stray-03.xlsx": ("sanctuary", {"INT-ROW-02"}),
    "stray-04.csv": ("tvp_counts", {"INT-ROW-02"}),
    "stray-05.xlsx": ("sanctuary", {"INT-ROW-01"}),
    "stray-06.csv": ("tvp_counts", {"INT-ROW-01"}),
    "words-03.xlsx": ("sanctuary", {"INT-COVER-01"}),
    "public-03.zip": ("tvp_crime", set()),
    "place-02.zip": ("tvp_crime", set()),
    "place-03.zip": ("tvp_crime", set()),
    "district-01.csv": ("population_midyear", {"INT-PUBLISHED-09"}),
    "district-02.csv": ("population_midyear", {"INT-PUBLISHED-09"}),
    "district-03.csv": ("population_midyear", set()),
    **{f"mark-{number:02d}.csv": ("population_midyear", FEW_DISTRICTS) for number in (1, 2, 3, *range(5, 12))},
    "public-01.xlsx": ("homelessness", FEW_DISTRICTS),
    "public-02.xlsx": ("csp_crime", set()),
    "words-04.xlsx": ("csp_crime", set()),
    "words-02.xlsx": ("odas", {"INT-NUMBER-01", "INT-NIL-04"}),
    "whole-01.xlsx": ("odas", {"INT-NUMBER-05"}),
    "whole-03.xlsx": ("odas", {"INT-NUMBER-07"}),
    "shown-05.xlsx": ("tvp_counts", {"INT-DATE-01", "INT-NIL-04"}),
    "shown-10.xlsx": ("sanctuary", {"INT-DATE-02"}),
    **{f"month-0{number}.csv": ("tvp_counts", {"INT-DATE-01", "INT-NIL-04"}) for number in range(1, 4)},
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_file_is_answered_as_a_person_would_answer(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("SIA_STATE", str(tmp_path))
    return_name, rules = ANSWERS[name]
    received = "2021-09-20" if name.endswith(".zip") else "2021-07-20"
    quarter, received = PUBLISHED.get(return_name, (QUARTER, received))
    content, sender = (CASES / name).read_bytes(), NAMED_BY_FOLDER.get(name, SENDERS.get(return_name))
    number = hand_in(warehouse, tmp_path, content, received, name, return_name, sender, quarter)
    is_warned = rules in ({"TVS-COPY-01"}, {"INT-ARCHIVE-11"})
    assert status(warehouse.connection, number) == ("refused" if rules and not is_warned else "accepted")
    assert rules <= {finding.rule_id for finding in findings(warehouse.connection, number)}
    if rules in (INCOMPLETE, FEW_DISTRICTS):
        critical = {rule_id for rule_id, rule in common_rules.rules().items() if rule.severity is Severity.CRITICAL}
        assert {finding.rule_id for finding in findings(warehouse.connection, number)} & critical == rules
    places = [(finding.sheet, finding.cell) for finding in findings(warehouse.connection, number) if finding.cell]
    assert len(places) == len(set(places)) or not rules, "a cell has one answer"
