"""The desk's pages are as easy to read as every other page. Every template of the desk is rendered here."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sia.calendar import Quarter
from sia.geography import areas
from sia.paths import TEMPLATES
from sia.registers.policy import policy
from sia.release import commentary, scorecard_inputs
from sia.web import rendering
from sia.web.identity_provider import IdentityProvider
from tests import desk as desks
from tests import identity_provider
from tests.desk import ADDRESS, APPROVER, MEDIATION, UNIT, Desk
from tests.docs.readability import GRADE_7, all_names, long_sentences, masked, prose, rix
from tests.staged import good_rows
from tests.submissions import hand_in, query
from tests.workbooks import QUARTER, as_bytes, filled

JOB = good_rows("sanctuary", "jobs")[0]
PAGES = {
    UNIT: (
        f"/returns?until={QUARTER}", "/senders/sanctuary_contractor", "/messages", "/send", "/uploads", "/actions",
        "/commentary", "/approval", "/released", f"/extensions/mediation/mediation_bucks/{QUARTER}",
        "/decisions", "/decisions/waivers", "/decisions/waivers/new", "/decisions/contacts", "/decisions/contacts/odas",
        "/decisions/agreements", "/decisions/agreements/new", "/decisions/leads", "/decisions/leads/CSPs",
        "/decisions/approvers", "/decisions/settings", "/decisions/settings/new", "/decisions/targets",
        "/decisions/targets/new", "/decisions/areas", "/decisions/areas/new", "/archives", "/scorecard/2021-22Q4",
        f"/reminders/mediation/mediation_bucks/{QUARTER}",
    ),
    APPROVER: ("/decisions", "/decisions/approvers", "/decisions/approvers/new"),
    MEDIATION: ("/my-returns", f"/tell-us/mediation/{QUARTER}", f"/nil/mediation/{QUARTER}", "/nil/mediation/2021-22Q4",
                "/no-such-page"),
}  # fmt: skip


def test_every_page_is_easy_to_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: set[str] = set()
    html = rendering.html

    def noted(template: str, *arguments: Any, **values: Any) -> Any:
        rendered.add(template)
        return html(template, *arguments, **values)

    monkeypatch.setattr(rendering, "html", noted)
    hand_in(desk.warehouse, desk.state, as_bytes(filled(rows={"jobs": [JOB, JOB]})), "2021-07-05")
    connection = desk.warehouse.connection
    with connection, connection.cursor() as cursor:
        commentary.record_request(
            cursor, Quarter.parse(QUARTER), ("robbery", "E10000025"), "deteriorating", "CSPs", date(2049, 1, 4),
            scorecard_inputs.registers(policy(), areas()), desks.shown_to_lead(),
        )  # fmt: skip
    (receipt,) = query(connection, "SELECT receipt FROM intake.submission")[0]
    (letter,) = query(connection, "SELECT letter_id FROM feedback.letter")[0]
    nobody, unit, partner = desk.visitor(), desk.visitor(UNIT), desk.visitor(MEDIATION)
    pages = {path: nobody.client.get(path).text for path in ("/sign-in", "/sign-in/x")}
    with identity_provider.running(ADDRESS) as council:
        provider = IdentityProvider(council.issuer, "desk", "secret", ADDRESS)
        with desks.running(desk.warehouse, desk.state, provider=provider) as with_council:
            council_pages = ("/sign-in?after=/messages", "/council-sign-on/signed-out")
            pages |= {path: with_council.visitor().page(path) for path in council_pages}
    pages["link sent"] = nobody.client.post("/sign-in", data={"mailbox": UNIT}).text
    upload = partner.post("/send", files={"file": ("return.csv", b"x")}).headers["location"]
    partner.post(f"/tell-us/mediation/{QUARTER}", subject="need_longer", message="We need longer.")
    by_visitor = (
        (unit, PAGES[UNIT]),
        (desk.visitor(APPROVER), PAGES[APPROVER]),
        (partner, (*PAGES[MEDIATION], upload)),
    )
    for visitor, paths in by_visitor:
        pages |= {path: visitor.client.get(path).text for path in paths}
    pages |= {path: unit.client.get(path).text for path in (f"/receipts/{receipt}", f"/letters/{letter}")}
    for path, page in pages.items():
        text = masked(prose(page), all_names())
        assert not long_sentences(text), path
        assert rix(text) < GRADE_7, (path, rix(text), text)
    folder = TEMPLATES / "desk"
    own = {f"desk/{file.name}" for file in folder.glob("*.j2")} - {"desk/base.html.j2", "desk/macros.html.j2"}
    assert rendered == own
