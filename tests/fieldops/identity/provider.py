"""A small OpenID provider for tests: a real server that signs RS256 and checks PKCE."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from fastapi import FastAPI, Form, Request
from fastapi.security import HTTPBasic
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.responses import JSONResponse, RedirectResponse, Response

from tests.serving import serving

CLIENT_ID, CLIENT_SECRET = "fieldops", "shared with the provider"


class OpenIdProvider:
    """Signs in whomever `claims` say; what `forged` holds stands in the token instead of the truth."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.forged: dict[str, Any] = {}
        self.signing_key = self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.asked: dict[str, str] = {}
        self.published: list[str] = []
        self.issuer = ""
        self.now = 0
        self.app = FastAPI()
        self.app.add_api_route("/.well-known/openid-configuration", self.configuration)
        self.app.add_api_route("/keys", self.keys)
        self.app.add_api_route("/authorize", self.authorize)
        self.app.add_api_route("/token", self.token, methods=["POST"])

    def configuration(self) -> dict[str, Any]:
        self.published.append("configuration")
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def keys(self) -> dict[str, Any]:
        self.published.append("keys")
        return {"keys": [self.key.as_dict(private=False)]}

    def authorize(self, request: Request) -> Response:
        self.asked = dict(request.query_params)
        assert self.asked["code_challenge_method"] == "S256"
        return RedirectResponse(f"{self.asked['redirect_uri']}?code=granted&state={self.asked['state']}", 302)

    async def token(
        self,
        request: Request,
        code: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
    ) -> Response:
        client = await HTTPBasic()(request)
        assert client is not None
        if (client.username, client.password) != (CLIENT_ID, CLIENT_SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        proven = create_s256_code_challenge(code_verifier) == self.asked["code_challenge"]
        if code != "granted" or redirect_uri != self.asked["redirect_uri"] or not proven:
            return JSONResponse({"error": "invalid_grant"}, 400)
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "1",
            "nonce": self.asked["nonce"],
            "iat": self.now,
            "exp": self.now + 300,
        }
        told = {key: value for key, value in (claims | self.claims | self.forged).items() if value is not None}
        return JSONResponse({"id_token": jwt.encode({"alg": "RS256", "kid": "one"}, told, self.signing_key)})


@contextmanager
def open_id_provider() -> Iterator[OpenIdProvider]:
    """Serve a provider on a free port."""
    provider = OpenIdProvider()
    with serving(provider.app) as address:
        provider.issuer = address
        yield provider
