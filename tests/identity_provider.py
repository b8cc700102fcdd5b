"""An identity provider on this machine: OpenID Connect over HTTP, with signed tokens and PKCE.

A test says whom it signs in, and can make it state something false in the token.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.http_server import listening

CLIENT_ID, CLIENT_SECRET = "desk", "the secret of the desk & its client"


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


@dataclass
class Provider:
    """The provider, and what it does wrong.

    ``claims`` replace those of the token; None leaves a claim out. ``sign`` makes the token from its claims.
    """

    redirect_uri: str
    mailbox: str = ""
    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: new_key("first"))
    claims: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    refuses: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """The discovery document."""
        pages = {"authorization": "authorize", "token": "token", "end_session": "sign-out"}
        return {
            "issuer": self.issuer,
            **{f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in pages.items()},
            "jwks_uri": f"{self.issuer}/keys",
            # As some providers do: a client that follows it accepts anything.
            "id_token_signing_alg_values_supported": ["none", "HS256", "RS256"],
            **self.metadata,
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Sign the person in; where the browser goes next."""
        self.asked.append(asked)
        if self.refuses:
            return f"{self.redirect_uri}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        assert asked["redirect_uri"] == self.redirect_uri
        assert (asked["client_id"], asked["response_type"]) == (CLIENT_ID, "code")
        assert {"openid", "email"} <= set(asked["scope"].split())
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{self.redirect_uri}?{urlencode({'code': code, 'state': asked['state']})}"

    def tokens(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The tokens for a code; None if the client may not have them."""
        client = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or authorization != f"Basic {client}" or form.get("redirect_uri") != self.redirect_uri:
            return None
        challenge = base64.urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).decode()
        if asked["code_challenge_method"] != "S256" or challenge.rstrip("=") != asked["code_challenge"]:
            return None
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])}

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": "17", "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce,
            "email": self.mailbox, "email_verified": True, **self.claims,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.sign(claims) if self.sign else signed(claims, self.key)


def signed(claims: dict[str, Any], key: RSAKey) -> str:
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


def part(value: dict[str, Any]) -> str:
    """A part of a token, as it is in the token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@contextmanager
def running(redirect_uri: str) -> Iterator[Provider]:
    """A provider while the test runs. It sends people back to an address of the desk."""
    provider = Provider(redirect_uri)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(dict(parse_qsl(url.query))))
                self.end_headers()
            elif url.path == "/.well-known/openid-configuration":
                self._answer(provider.described())
            elif url.path == "/keys":
                self._answer({"keys": [provider.key.as_dict(private=False)]})
            elif url.path == "/sign-out":
                self._answer({"signed_out": True})
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            tokens = provider.tokens(form, self.headers.get("Authorization", ""))
            self._answer(tokens or {"error": "invalid_grant"}, 200 if tokens else 400)

        def _answer(self, value: dict[str, Any], status: int = 200) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None: ...

    with listening(Handler) as provider.issuer:
        yield provider
