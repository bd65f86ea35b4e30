"""A provider of accounts that can be made to lie: what it says of itself, its keys, and each token are the test's to change."""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from joserfc import jws, jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from werkzeug import Request, Response
from werkzeug.serving import make_server

CLIENT, SECRET = "icat at the forger's", "s%cret: & kept"


class Forger:
    """One provider, on a port of its own. ``says``: what its description says otherwise; ``claims``: what its tokens do; ``keys``: those
    it shows, the first of which signs; ``sign``: how, instead of as it should; ``asked``: how often each of its addresses was."""

    def __init__(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        """``host``: what it calls itself; ``tls``: over which it is asked, if over any."""
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, ssl_context=tls)
        self.issuer = f"{'https' if tls else 'http'}://{host}:{self._server.server_port}"
        self._rsa = RSAKey.generate_key(2048, {"kid": "first"})
        self.honest()
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def honest(self) -> None:
        """As a provider should be."""
        self.says: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.more: dict[str, Any] = {}
        self.keys: list[Any] = [self._rsa]
        self.algorithm = "RS256"
        self.sign: Callable[[dict[str, Any]], str] | None = None
        self.checks_verifier = True
        self.instead: Callable[[Request], Response | None] = lambda request: None
        self.asked: Counter[str] = Counter()
        self._codes: dict[str, dict[str, str]] = {}

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def let_through(self, address: str, subject: str = "alice", **more: Any) -> dict[str, str]:
        """Somebody was sent here, and logs in: what the provider sends back. ``more``: claims of their token."""
        asked = dict(parse_qsl(urlsplit(address).query))
        code = f"code-{len(self._codes)}-{time.monotonic_ns()}"
        self._codes[code] = asked | {"sub": subject, "more": json.dumps(more)}
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def _answer(self, environ: dict[str, Any], start: Any) -> Any:
        request = Request(environ)
        self.asked[request.path] += 1
        answer = self.instead(request) or self._honestly(request)
        return answer(environ, start)

    def _honestly(self, request: Request) -> Response:
        if request.path == "/.well-known/openid-configuration":
            described = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "authorization_response_iss_parameter_supported": True,
            }
            return _json(described | self.says)
        if request.path == "/keys":
            return _json({"keys": [key.as_dict(private=False) for key in self.keys]})
        if request.path == "/token":
            return self._redeem(request)
        return Response(status=404)

    def _redeem(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs(request.get_data(as_text=True)).items()}
        given = request.authorization
        name, secret = (
            (unquote(given.username or ""), unquote(given.password or "")) if given else (form["client_id"], form["client_secret"])
        )
        asked = self._codes.pop(form["code"], None)
        challenge = _base64(hashlib.sha256(form["code_verifier"].encode()).digest())
        if asked is None or (name, secret) != (CLIENT, SECRET) or form["redirect_uri"] != asked["redirect_uri"]:
            return _json({"error": "invalid_grant"}, 400)
        if self.checks_verifier and challenge != asked["code_challenge"]:
            return _json({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": asked["sub"], "nonce": asked["nonce"], "iat": now, "exp": now + 300}
        claims |= json.loads(asked["more"]) | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        token = (self.sign or self.signed)(claims)
        return _json({"access_token": "an access token", "token_type": "Bearer", "id_token": token} | self.more)

    def signed(self, claims: dict[str, Any]) -> str:
        """A token as it should be."""
        key = self.keys[0]
        registry = jws.JWSRegistry(algorithms=[self.algorithm])
        return jwt.encode({"alg": self.algorithm, "kid": key.kid, "typ": "JWT"}, claims, key, registry=registry)

    # Lies

    def unsigned(self, claims: dict[str, Any]) -> str:
        """``alg: none``, and no signature."""
        return f"{_written({'alg': 'none', 'kid': 'first'})}.{_written(claims)}."

    def by_the_public_key(self, claims: dict[str, Any]) -> str:
        """HS256 under the public key as if it were a secret."""
        return _shared(self._rsa.as_pem(private=False), claims)

    def by_the_secret(self, claims: dict[str, Any]) -> str:
        """HS256 under the client's secret, which others know as well."""
        return _shared(SECRET.encode(), claims)

    def by_another(self, claims: dict[str, Any]) -> str:
        """Signed with somebody else's key, under the id of this one; and with that key in its header."""
        other = RSAKey.generate_key(2048, {"kid": "first"})
        header = {"alg": "RS256", "kid": "first", "jwk": other.as_dict(private=False)}
        return jwt.encode(header, claims, other, registry=jws.JWSRegistry(algorithms=["RS256"]))

    def altered(self, claims: dict[str, Any]) -> str:
        """Signed, and changed afterwards."""
        header, _, signature = self.signed(claims).split(".")
        return ".".join((header, _written(claims | {"sub": "somebody else"}), signature))

    def with_a_demand(self, claims: dict[str, Any]) -> str:
        """With a header that says it must be understood, and is not."""
        header = _written({"alg": "RS256", "kid": "first", "crit": ["oath"], "oath": "x"})
        signed = jws.serialize_compact({"alg": "RS256"}, b"x", self._rsa)
        return f"{header}.{_written(claims)}.{signed.rpartition('.')[2]}"


def _shared(secret: bytes, claims: dict[str, Any]) -> str:
    """HS256 under what no library would take for a secret."""
    signed = f"{_written({'alg': 'HS256', 'kid': 'first'})}.{_written(claims)}"
    return f"{signed}.{_base64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def elliptic() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "curve"})


def edwards() -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": "edwards"})


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")


def _written(value: Any) -> str:
    return _base64(json.dumps(value).encode())


def _base64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def answered(answer: dict[str, str], entity: str = "ILO") -> str:
    """The address that somebody is sent back to by the provider of an entity."""
    return f"/login/oidc/callback/{entity}?{urlencode(answer)}"
