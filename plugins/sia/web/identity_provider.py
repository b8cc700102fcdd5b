"""The council's identity provider: what we ask it, as OpenID Connect says, and what of its answer we believe."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from pydantic import AfterValidator, BaseModel

from sia.errors import PermanentError
from sia.hosts import is_this_machine
from sia.settings import settings
from sia.web.browser_sessions import new_secret

# Only signatures that the provider's secret key makes: not one that its public key could make, and never none.
_SIGNATURES = JWSRegistry(algorithms=["RS256", "PS256", "ES256"], strict_check_header=False)

_LEEWAY_SECONDS = 60
_TIMEOUT_SECONDS = 10.0
_log = logging.getLogger(__name__)


class ProviderUnreachable(Exception):
    """The provider did not answer, or not as OpenID Connect says."""


class NotConfirmed(Exception):
    """The provider did not confirm who somebody is."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What joins one sign-in to its answer: the provider repeats the state and nonce, and the verifier proves us."""

    state: str = field(default_factory=new_secret)
    nonce: str = field(default_factory=new_secret)
    verifier: str = field(default_factory=new_secret)


def is_safe(address: str) -> bool:
    """Whether an address has https, or is on this machine."""
    try:
        url = urlsplit(address)
    except ValueError:
        return False
    host = url.hostname or ""
    return bool(host) and (url.scheme == "https" or (url.scheme == "http" and is_this_machine(host)))


def _safe(address: str) -> str:
    if not is_safe(address):
        raise ValueError("must begin with https://")
    return address


_Address = Annotated[str, AfterValidator(_safe)]


class _Metadata(BaseModel):
    """What the provider says about its own addresses."""

    issuer: str
    authorization_endpoint: _Address
    token_endpoint: _Address
    jwks_uri: _Address
    end_session_endpoint: _Address | None = None


class IdentityProvider:
    """The provider with one issuer, at which we are registered as a client."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, redirect_uri: str) -> None:
        self._issuer, self._client_id, self._client_secret = issuer, client_id, client_secret
        self._redirect_uri = redirect_uri
        self._http = httpx.Client(timeout=_TIMEOUT_SECONDS)
        self._known: _Metadata | None = None
        self._keys: KeySet | None = None

    def sign_in_address(self, secrets: Secrets) -> str:
        """Where a person goes to sign in.

        Raises:
            ProviderUnreachable: the provider does not say where.
        """
        address, _ = self._client().create_authorization_url(
            self._metadata().authorization_endpoint, secrets.state, secrets.verifier, nonce=secrets.nonce
        )
        return str(address)

    def sign_out_address(self, back: str) -> str | None:
        """Where a person signs out of the provider too, and then comes back; None if it has no such page.

        Raises:
            ProviderUnreachable: the provider does not answer.
        """
        address = self._metadata().end_session_endpoint
        parameters = [("client_id", self._client_id), ("post_logout_redirect_uri", back)]
        return address and str(add_params_to_uri(address, parameters))

    def claims(self, code: str, secrets: Secrets) -> Mapping[str, Any]:
        """What the provider states about a person who comes back with a code.

        Raises:
            ProviderUnreachable: the provider does not answer.
            NotConfirmed: it does not accept the code, or its token is not for us, not signed by it, or not for this
                sign-in.
        """
        metadata = self._metadata()
        try:
            tokens = self._client().fetch_token(
                metadata.token_endpoint, code=code, grant_type="authorization_code", code_verifier=secrets.verifier,
                auth=(self._client_id, self._client_secret),
            )  # fmt: skip
            token = self._verified(tokens["id_token"])
            wanted = {"iss": self._issuer, "aud": self._client_id}
            claims: CodeIDToken = CodeIDToken(
                token.claims,
                token.header,
                {name: {"essential": True, "value": value} for name, value in wanted.items()},
                {"nonce": secrets.nonce, "client_id": self._client_id, "access_token": tokens.get("access_token")},
            )
            claims.validate(leeway=_LEEWAY_SECONDS)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None
        except (AuthlibBaseError, JoseError, KeyError, TypeError, ValueError) as error:
            # The name of a claim and never its value.
            _log.warning("the identity provider's answer: %s %s", type(error).__name__, getattr(error, "claim", ""))
            raise NotConfirmed from None
        return dict(claims)

    def _client(self) -> OAuth2Client:
        """A client for one request, because it keeps the token that it got."""
        return OAuth2Client(
            self._http, self._client_id, scope="openid email", redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
        )  # fmt: skip

    def _verified(self, id_token: str) -> jwt.Token:
        """A token whose signature is the provider's. It may have new keys since we read them."""
        try:
            return jwt.decode(id_token, self._key_set(), registry=_SIGNATURES)
        except InvalidKeyIdError:
            self._keys = None
            return jwt.decode(id_token, self._key_set(), registry=_SIGNATURES)

    def _key_set(self) -> KeySet:
        if self._keys is None:
            self._keys = KeySet.import_key_set(self._read(self._metadata().jwks_uri))
        return self._keys

    def _metadata(self) -> _Metadata:
        if self._known is None:
            try:
                metadata = _Metadata.model_validate(
                    self._read(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
                )
            except (httpx.HTTPError, ValueError) as error:
                raise self._unreachable(error) from None
            if metadata.issuer != self._issuer:
                _log.error("the identity provider names another issuer than SIA_SIGN_ON_ISSUER")
                raise ProviderUnreachable
            self._known = metadata
        return self._known

    def _read(self, address: str) -> Any:
        return self._http.get(address).raise_for_status().json()

    def _unreachable(self, error: Exception) -> ProviderUnreachable:
        _log.error("the identity provider does not answer: %s", type(error).__name__)
        return ProviderUnreachable()


def confirmed_mailbox(claims: Mapping[str, Any]) -> str | None:
    """The email address that a provider has confirmed; None if there is none.

    Only ASCII: a letter of another script could look like, or fold to, a letter of somebody's address.
    """
    mailbox = claims.get("email")
    confirmed = claims.get("email_verified") is True and isinstance(mailbox, str) and mailbox.isascii()
    return mailbox if confirmed else None


def configured(redirect_uri: str) -> IdentityProvider | None:
    """The provider that the settings name; None if they name none.

    Args:
        redirect_uri: our address to which it sends people back.

    Raises:
        PermanentError: the settings name it in part only, or its address has no https.
    """
    current = settings()
    issuer, client_id, client_secret = current.sign_on_issuer, current.sign_on_client, current.sign_on_secret
    if not (issuer or client_id or client_secret):
        return None
    if not (issuer and client_id and client_secret):
        raise PermanentError(
            "Set SIA_SIGN_ON_ISSUER, SIA_SIGN_ON_CLIENT and SIA_SIGN_ON_SECRET, or none of them: docs/settings.md "
            "describes them."
        )
    if not is_safe(issuer):
        raise PermanentError("SIA_SIGN_ON_ISSUER must begin with https://: docs/settings.md describes it.")
    return IdentityProvider(issuer, client_id, client_secret.get_secret_value(), redirect_uri)
