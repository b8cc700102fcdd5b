"""Anyone who enters many wrong passwords has to wait, and nobody else does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from sia.pages.password_brake import (
    BRAKE_SECONDS,
    MAX_BODY_BYTES,
    MAX_WRONG_OF_ADDRESS,
    MAX_WRONG_PASSWORDS,
    PasswordBrake,
)
from sia.pages.rate_limit import RateLimit


async def log_in(request: Request) -> Response:
    """Reads a log-in as Airflow does."""
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        given: Any = await request.form()
    else:
        given = json.loads(await request.body() or b"{}")
    return Response(status_code=201 if given.get("password") == "right" else 401)


PATHS = ("/auth/token", "/auth/token/cli", "/other")
APP = Starlette(routes=[Route(path, log_in, methods=["GET", "POST"]) for path in PATHS])


def body(password: str, username: str = "unit") -> dict[str, str]:
    return {"username": username, "password": password}


def client(brake: PasswordBrake, address: str = "192.0.2.1") -> TestClient:
    return TestClient(brake, client=(address, 1))


def test_wrong_passwords_for_one_account_from_one_address_are_braked() -> None:
    brake = PasswordBrake(APP)
    guesser = client(brake)
    for path in (PATHS[n % 2] for n in range(MAX_WRONG_PASSWORDS)):
        assert guesser.post(path, json=body("right")).status_code == 201
        assert guesser.post(path, json=body("wrong")).status_code == 401
    for path in PATHS[:2]:
        refused = guesser.post(path, json=body("right"))
        assert (refused.status_code, refused.headers["retry-after"]) == (429, str(BRAKE_SECONDS))
    assert guesser.get("/auth/token").status_code == guesser.post("/other").status_code == 401
    assert client(brake, "192.0.2.2").post("/auth/token", json=body("right")).status_code == 201


def test_others_behind_the_same_proxy_do_not_wait() -> None:
    brake = PasswordBrake(APP)
    for _ in range(MAX_WRONG_PASSWORDS):
        client(brake).post("/auth/token", json=body("wrong"))
    assert client(brake).post("/auth/token", json=body("right")).status_code == 429
    assert client(brake).post("/auth/token", json=body("right", "head")).status_code == 201


@pytest.mark.parametrize(
    "request_of",
    [
        lambda n: {"data": body("wrong")},
        lambda n: {"content": f"username=x{n}&username=unit&password=wrong", "headers": {"content-type": FORM}},
        lambda n: {"content": f"user%6eame=x{n}&username=unit&password=wrong", "headers": {"content-type": FORM}},
        lambda n: {"content": f'{{"username": "x{n}", "username": "unit", "password": "wrong"}}'},
        lambda n: {"content": f'{{"username": ["x{n}"], "password": "wrong"}}'},
        lambda n: {"json": body("wrong")},
    ],
)
def test_no_way_of_writing_an_account_escapes_the_brake(request_of: Any) -> None:
    guesser = client(PasswordBrake(APP))
    answers = [guesser.post("/auth/token", **request_of(n)).status_code for n in range(MAX_WRONG_PASSWORDS + 1)]
    assert answers == [401] * MAX_WRONG_PASSWORDS + [429]


FORM = "application/x-www-form-urlencoded"


def test_an_address_that_tries_many_accounts_is_braked() -> None:
    guesser = client(PasswordBrake(APP))
    answers = [
        guesser.post("/auth/token", json=body("wrong", f"account{n}")).status_code
        for n in range(MAX_WRONG_OF_ADDRESS + 1)
    ]
    assert answers == [401] * MAX_WRONG_OF_ADDRESS + [429]


def test_a_body_too_large_for_a_log_in_is_refused() -> None:
    guesser = client(PasswordBrake(APP))
    assert guesser.post("/auth/token", json=body("right" * MAX_BODY_BYTES)).status_code == 413


def test_asking_whether_a_limit_is_reached_keeps_nothing() -> None:
    limit = RateLimit(1, 60)
    for number in range(100):
        assert not limit.is_reached(str(number))
    assert limit._tries == {}
