"""Staff sign in with their council account, at a provider on this machine. No false token lets anybody in."""

from __future__ import annotations

import hmac
import logging
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sia.errors import PermanentError
from sia.web import council_sign_on, identity_provider
from tests import desk as desks
from tests import identity_provider as providers
from tests.conftest import Warehouse
from tests.desk import ADDRESS, MEDIATION, UNIT, Desk, Visitor
from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.submissions import query

CALLBACK = f"{ADDRESS}{council_sign_on.CALLBACK}"
LONG_AHEAD = 2**33
NOT_CONFIRMED = "did not confirm who you are"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providers.running(CALLBACK) as running:
        running.mailbox = UNIT
        yield running


@contextmanager
def _desk(warehouse: Warehouse, state: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("SIA_STATE", str(state))
    monkeypatch.setenv("SIA_SIGN_ON_ISSUER", provider.issuer)
    monkeypatch.setenv("SIA_SIGN_ON_CLIENT", CLIENT_ID)
    monkeypatch.setenv("SIA_SIGN_ON_SECRET", CLIENT_SECRET)
    with desks.running(warehouse, state, provider=identity_provider.configured(CALLBACK)) as running:
        yield running


@pytest.fixture
def desk(warehouse: Warehouse, tmp_path: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with _desk(warehouse, tmp_path, provider, monkeypatch) as running:
        yield running


def begin(visitor: Visitor, after: str = "/") -> str:
    """Go to the provider, and be signed in there; the path to which it sends the browser back."""
    address = visitor.client.get(council_sign_on.PATH, params={"after": after}).headers["location"]
    return str(httpx.get(address).headers["location"]).removeprefix(ADDRESS)


def is_out(visitor: Visitor) -> bool:
    return bool(visitor.client.get("/returns").headers.get("location", "").startswith("/sign-in"))


def records(desk: Desk) -> list[Any]:
    return query(desk.warehouse.connection, "SELECT action, about, done_by FROM desk.action ORDER BY action_id")


def test_staff_sign_in_and_come_to_the_page_that_they_wanted(desk: Desk, provider: Provider) -> None:
    visitor = desk.visitor()
    assert "Sign in with your council account" in visitor.page("/sign-in?after=/messages")
    answer = visitor.client.get(begin(visitor, "/messages"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/messages")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    visitor.page("/messages")
    assert records(desk) == [("signed in", "with a council account", UNIT)]
    (asked,) = provider.asked
    assert asked["code_challenge_method"] == "S256"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3


def test_the_session_has_the_rules_of_every_session(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.client.get(begin(visitor))
    assert not is_out(visitor)
    query(desk.warehouse.connection, "UPDATE desk.session SET began_at = began_at - interval '721 min' RETURNING 1")
    assert is_out(visitor)


def test_signing_out_ends_the_session_and_leads_to_the_provider(desk: Desk, provider: Provider) -> None:
    visitor = desk.visitor()
    visitor.client.get(begin(visitor))
    secret = visitor.client.cookies["desk_session"]
    path = visitor.post("/sign-out", "/returns").headers["location"]
    assert f'href="{provider.issuer}/sign-out?client_id={CLIENT_ID}&amp;post_logout_redirect_uri=' in visitor.page(path)
    visitor.client.cookies.set("desk_session", secret)
    assert is_out(visitor)


def test_partners_sign_out_as_before(desk: Desk) -> None:
    assert desk.visitor(MEDIATION).post("/sign-out", "/my-returns").headers["location"] == "/sign-in"


def test_without_a_provider_nothing_is_offered(warehouse: Warehouse, tmp_path: Path) -> None:
    with desks.running(warehouse, tmp_path) as running:
        assert "council account" not in running.visitor().page("/sign-in")
        running.visitor().page(council_sign_on.PATH, 404)


@pytest.mark.parametrize("mailbox", [UNIT.upper(), UNIT])
def test_capitals_do_not_matter(desk: Desk, provider: Provider, mailbox: str) -> None:
    provider.mailbox = mailbox
    visitor = desk.visitor()
    assert visitor.client.get(begin(visitor)).status_code == 303
    assert not is_out(visitor)


@pytest.mark.parametrize(
    "mailbox",
    [
        MEDIATION,
        "nobody@example.org",
        f"x{UNIT}",
        f"{UNIT}.evil.example",
        UNIT.partition("@")[0],
        "*",
    ],
)
def test_only_staff_in_the_register_get_in(desk: Desk, provider: Provider, mailbox: str) -> None:
    provider.mailbox = mailbox
    visitor = desk.visitor()
    answer = visitor.client.get(begin(visitor))
    assert answer.status_code == 403
    assert "is not in our register of staff" in answer.text
    assert mailbox not in answer.text or mailbox == "*"
    assert is_out(visitor)
    assert records(desk) == [("refused", f"GET {council_sign_on.CALLBACK}", None)]


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
        {"email_verified": 1},
        {"email": None},
        {"email": [UNIT]},
        # U+017F folds to the letter s.
        {"email": UNIT.replace("s", "ſ", 1)},
    ],
)
def test_an_address_that_is_not_confirmed_is_refused(desk: Desk, provider: Provider, claims: dict[str, Any]) -> None:
    provider.claims = claims
    visitor = desk.visitor()
    answer = visitor.client.get(begin(visitor))
    assert answer.status_code == 403
    assert "has no confirmed email address" in answer.text
    assert is_out(visitor)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": None},
        {"aud": [CLIENT_ID, "another-client"]},
        {"aud": [CLIENT_ID], "azp": "another-client"},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"exp": 1_600_000_000},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": LONG_AHEAD},
        {"nbf": LONG_AHEAD},
        {"sub": None},
        {"at_hash": "of-another-access-token"},
    ],
    ids=str,
)
def test_a_token_with_a_false_claim_is_refused(
    desk: Desk, provider: Provider, caplog: pytest.LogCaptureFixture, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    visitor = desk.visitor()
    with caplog.at_level(logging.DEBUG, logger="sia"):
        answer = visitor.client.get(begin(visitor))
    assert (answer.status_code, NOT_CONFIRMED in answer.text) == (403, True)
    assert is_out(visitor)
    assert UNIT not in caplog.text
    assert records(desk) == [("refused", f"GET {council_sign_on.CALLBACK}", None)]


def unsigned(provider: Provider) -> Callable[[dict[str, Any]], str]:
    return lambda claims: f"{providers.part({'alg': 'none'})}.{providers.part(claims)}."


def signed_by_another(provider: Provider) -> Callable[[dict[str, Any]], str]:
    key = providers.new_key(str(provider.key.kid))
    return lambda claims: providers.signed(claims, key)


def signed_with_the_public_key(provider: Provider) -> Callable[[dict[str, Any]], str]:
    """As if the public key, which everybody knows, were a password that both know."""

    def sign(claims: dict[str, Any]) -> str:
        head = {"alg": "HS256", "kid": provider.key.kid}
        text = f"{providers.part(head)}.{providers.part(claims)}"
        mac = hmac.digest(provider.key.as_pem(private=False), text.encode(), sha256)
        return f"{text}.{urlsafe_b64encode(mac).decode().rstrip('=')}"

    return sign


def with_a_key_of_its_own(provider: Provider) -> Callable[[dict[str, Any]], str]:
    key = providers.new_key("own")
    head = {"alg": "RS256", "kid": "own", "jwk": key.as_dict(private=False)}
    return lambda claims: providers.jwt.encode(head, claims, key)


def changed_afterwards(provider: Provider) -> Callable[[dict[str, Any]], str]:
    def sign(claims: dict[str, Any]) -> str:
        head, _, signature = providers.signed({**claims, "email": MEDIATION}, provider.key).split(".")
        return f"{head}.{providers.part(claims)}.{signature}"

    return sign


def no_token(provider: Provider) -> Callable[[dict[str, Any]], str]:
    return lambda claims: "not.a.token"


@pytest.mark.parametrize(
    "forge",
    [unsigned, signed_by_another, signed_with_the_public_key, with_a_key_of_its_own, changed_afterwards, no_token],
)
def test_a_token_that_the_provider_did_not_sign_is_refused(
    desk: Desk, provider: Provider, forge: Callable[[Provider], Callable[[dict[str, Any]], str]]
) -> None:
    provider.sign = forge(provider)
    visitor = desk.visitor()
    answer = visitor.client.get(begin(visitor))
    assert (answer.status_code, NOT_CONFIRMED in answer.text) == (403, True)
    assert is_out(visitor)


def test_the_provider_may_change_its_key(desk: Desk, provider: Provider) -> None:
    first, second = desk.visitor(), desk.visitor()
    first.client.get(begin(first))
    provider.key = providers.new_key("second")
    assert second.client.get(begin(second)).status_code == 303


def test_an_answer_is_used_once(desk: Desk) -> None:
    visitor = desk.visitor()
    path = begin(visitor)
    visitor.client.get(path)
    visitor.post("/sign-out", "/returns")
    again = visitor.client.get(path)
    assert (again.status_code, "used before" in again.text) == (403, True)
    assert is_out(visitor)


def test_an_answer_works_only_in_the_browser_that_began(desk: Desk) -> None:
    path = begin(desk.visitor())
    thief = desk.visitor()
    assert thief.client.get(path).status_code == 403
    begin(thief)
    assert thief.client.get(path).status_code == 403
    assert is_out(thief)


@pytest.mark.parametrize("path", ["", "?state=&code=", "?state=guessed&code=guessed", "?error=access_denied"])
def test_an_answer_that_nobody_asked_for_is_refused(desk: Desk, path: str) -> None:
    visitor = desk.visitor()
    begin(visitor)
    assert visitor.client.get(council_sign_on.CALLBACK + path).status_code == 403


def test_a_code_of_another_sign_in_is_refused(desk: Desk) -> None:
    victim, thief = desk.visitor(), desk.visitor()
    stolen = parse_qs(urlsplit(begin(victim)).query)["code"][0]
    own = parse_qs(urlsplit(begin(thief)).query)["state"][0]
    answer = thief.client.get(council_sign_on.CALLBACK, params={"state": own, "code": stolen})
    assert (answer.status_code, NOT_CONFIRMED in answer.text) == (403, True)
    assert is_out(thief)


def test_a_sign_in_ends_after_fifteen_minutes() -> None:
    times = [0.0]
    sign_ins = council_sign_on.PendingSignIns(lambda: times[0])
    early, late = sign_ins.begin("browser", "/"), sign_ins.begin("browser", "/")
    times[0] = 899
    assert sign_ins.end(early.state, "browser") is not None
    times[0] = 901
    assert sign_ins.end(late.state, "browser") is None


def test_sign_ins_that_nobody_ends_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(council_sign_on, "_MAX_PENDING", 3)
    sign_ins = council_sign_on.PendingSignIns()
    begun = [sign_ins.begin("browser", "/") for _ in range(5)]
    assert [sign_ins.end(secrets.state, "browser") is not None for secrets in begun] == [False] * 2 + [True] * 3


def test_who_refuses_at_the_provider_reads_so(desk: Desk, provider: Provider) -> None:
    provider.refuses = True
    visitor = desk.visitor()
    assert NOT_CONFIRMED in visitor.page(begin(visitor), 403)


def test_many_sign_ins_from_one_machine_are_slowed_down(desk: Desk) -> None:
    client = desk.visitor().client
    assert [client.get(council_sign_on.PATH).status_code for _ in range(22)] == [303] * 20 + [429] * 2


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(
    desk: Desk, provider: Provider, metadata: dict[str, Any]
) -> None:
    provider.metadata = metadata
    page = desk.visitor().page(council_sign_on.PATH, 503)
    assert "The council&#39;s sign-on does not answer." in page
    assert "link by email" in page


def test_a_provider_that_is_down_leaves_the_link_by_email(desk: Desk, provider: Provider, unused: str) -> None:
    provider.metadata = {"token_endpoint": f"{unused}/token"}
    visitor = desk.visitor()
    visitor.page(begin(visitor), 503)
    assert desk.visitor(UNIT).client.get("/returns").status_code == 200


@pytest.fixture
def unused() -> str:
    """An address at which nothing answers."""
    with providers.running(CALLBACK) as gone:
        return gone.issuer


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"SIA_SIGN_ON_ISSUER": "https://login.example.org"}, "or none of them"),
        ({"SIA_SIGN_ON_SECRET": "hush"}, "or none of them"),
        (
            {"SIA_SIGN_ON_ISSUER": "http://login.example.org", "SIA_SIGN_ON_CLIENT": "x", "SIA_SIGN_ON_SECRET": "hush"},
            "must begin with https://",
        ),
    ],
)
def test_settings_that_cannot_work_stop_the_start(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], words: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(PermanentError, match=words) as error:
        identity_provider.configured(CALLBACK)
    assert "hush" not in str(error.value)


def test_no_secret_is_in_the_database_or_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    visitor = desk.visitor()
    with caplog.at_level(logging.DEBUG, logger="sia"):
        path = begin(visitor)
        visitor.client.get(path)
    secrets = [*(value for values in parse_qs(urlsplit(path).query).values() for value in values), CLIENT_SECRET]
    (text,) = query(
        desk.warehouse.connection,
        "SELECT (SELECT string_agg(s::text, ' ') FROM desk.session AS s)"
        " || (SELECT string_agg(a::text, ' ') FROM desk.action AS a)",
    )[0]
    assert len(secrets) == 3
    assert not any(secret in text or secret in caplog.text for secret in secrets)
