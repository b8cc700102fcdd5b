"""Anyone who enters many wrong passwords has to wait, and nobody else does."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from sia.pages.password_brake import BRAKE_SECONDS, MAX_WRONG_PASSWORDS, PasswordBrake


async def log_in(request: Request) -> Response:
    return Response(status_code=201 if await request.body() == b"right" else 401)


PATHS = ("/auth/token", "/auth/token/cli", "/other")
APP = Starlette(routes=[Route(path, log_in, methods=["GET", "POST"]) for path in PATHS])


def test_wrong_passwords_from_one_address_are_braked() -> None:
    brake = PasswordBrake(APP)
    guesser, other = TestClient(brake, client=("192.0.2.1", 1)), TestClient(brake, client=("192.0.2.2", 1))
    for path in (PATHS[n % 2] for n in range(MAX_WRONG_PASSWORDS)):
        assert guesser.post(path, content="right").status_code == 201
        assert guesser.post(path, content="wrong").status_code == 401
    for path in PATHS[:2]:
        refused = guesser.post(path, content="right")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, str(BRAKE_SECONDS))
    assert guesser.get("/auth/token").status_code == guesser.post("/other").status_code == 401
    assert other.post("/auth/token", content="right").status_code == 201
