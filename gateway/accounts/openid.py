"""OpenID Connect as the one who relies on it: a provider's description and keys, the way there, the way back, and what its token says.

By the code flow of OpenID Connect Core 1.0 §3.1 with PKCE (RFC 7636) and the issuer in the answer (RFC 9207). Signatures are joserfc's.
Nothing here knows an account. What a provider sends is a stranger's: fetched within a time and a size, never from where it redirects to,
and from no address inside a network of ours. A name is looked up once with each question, every address it has is judged, and the question
goes to one that was judged, so that a second look-up cannot lead elsewhere.
"""

import base64
import hashlib
import hmac
import json
import logging
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, quote, urlencode, urlsplit

import urllib3
from joserfc import jws, jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, KeySet
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from gateway.accounts.providers import is_reachable
from services.kernel.addresses import is_public
from services.kernel.refusal import Refusal

log = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
"""How a token may be signed: by a key that only the provider has. Neither ``none`` nor a secret that two parties share. The last two are
the old and the new name of one (RFC 9864)."""

_HASHES: dict[str, Callable[[bytes], Any]] = {"EdDSA": hashlib.sha512, "Ed25519": hashlib.sha512}
"""By which hash ``at_hash`` is made, where it is not SHA-256 (Core §3.1.3.6; for Ed25519 that of its own signatures)."""

SKEW_SECONDS = 120
"""How wrong a provider's clock may be."""

CACHED_SECONDS = 3600.0
KEYS_ANEW_SECONDS = 60.0
"""How often, at most, keys are fetched for one that is not known yet: providers change theirs, and strangers make key ids up."""
AWAY_SECONDS = 10.0
"""How long one that was away is not asked again, so that nobody waits in line for it."""

CONNECT_SECONDS = 3.0
READ_SECONDS = 4.0
WHOLE_SECONDS = 8.0
LARGEST = 256 * 1024
ADDRESSES_TRIED = 3
SMALLEST_RSA = 2048

STRONG = frozenset({"mfa", "otp", "hwk"})
"""What in ``amr`` (RFC 8176) or ``acr`` tells of more than a password."""


class NotTaken(Exception):
    """Why a provider's answer is not taken: for the log, since the reason would teach a forger."""


@dataclass(frozen=True)
class Described:
    """What a provider says of itself (Discovery 1.0 §3). ``posts_secret``: it takes the client's secret in the form alone; ``says_issuer``:
    every answer of its own names it (RFC 9207)."""

    issuer: str
    authorization: str
    token: str
    keys: str
    posts_secret: bool
    says_issuer: bool


@dataclass(frozen=True)
class Asked:
    """What is kept while a person is at the provider. ``callback``: where it sends them back to; ``state`` comes back with them, ``nonce``
    in the token, ``verifier`` shows that who redeems the code is who asked for it."""

    callback: str
    state: str
    nonce: str
    verifier: str
    at: float

    @classmethod
    def new(cls, callback: str, at: datetime) -> "Asked":
        return cls(callback, secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), at.timestamp())


@dataclass(frozen=True)
class Told:
    """What a token says of who came: what the provider calls them, and whether they showed more than a password."""

    subject: str
    strong: bool


class OpenId:
    """The providers' side of the flow. ``loopback``: whether one on this machine will do, over plain http, or one inside a network. Any
    number of threads may share one."""

    def __init__(self, *, loopback: bool) -> None:
        self.loopback = loopback
        self._tls = ssl.create_default_context()
        self._described = _Remembered(self._describe)
        self._keys = _Remembered(self._fetch_keys)

    def way_there(self, issuer: str, client_id: str, asked: Asked) -> str:
        """The address at the provider that a person is sent to. Raises Refusal(unavailable)."""
        described = self.described(issuer)
        challenge = _base64(hashlib.sha256(asked.verifier.encode()).digest())
        said = {
            "response_type": "code",
            "scope": "openid",
            "client_id": client_id,
            "redirect_uri": asked.callback,
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{described.authorization}{'&' if urlsplit(described.authorization).query else '?'}{urlencode(said)}"

    def come_back(self, issuer: str, client_id: str, secret: str, asked: Asked, answer: Mapping[str, str], at: datetime) -> Told:
        """Who came back with this answer. Raises NotTaken, or Refusal(unavailable) with the provider away."""
        described = self.described(issuer)
        if not hmac.compare_digest(answer.get("state", "").encode(), asked.state.encode()):
            raise NotTaken("the state is another")
        named = answer.get("iss")
        if named != issuer and (named is not None or described.says_issuer):
            raise NotTaken("the answer is of another issuer, or of none")
        if answer.get("error") or not answer.get("code"):
            raise NotTaken("the provider let nobody through")
        tokens = self._redeem(described, client_id, secret, asked, answer["code"])
        return self._checked(described, client_id, asked, tokens, at)

    def described(self, issuer: str) -> Described:
        """What the provider says of itself, no older than an hour. Raises Refusal(unavailable)."""
        found: Described = self._described.of(issuer)
        return found

    # The code, for a token

    def _redeem(self, described: Described, client_id: str, secret: str, asked: Asked, code: str) -> dict[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": asked.callback, "code_verifier": asked.verifier}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if described.posts_secret:
            form |= {"client_id": client_id, "client_secret": secret}
        else:  # RFC 6749 §2.3.1: both are written as in a form before they are put together
            pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        status, body = self._fetch("POST", described.token, headers, urlencode(form).encode())
        if status in (400, 401):
            raise NotTaken("the provider does not redeem the code")
        return _object(status, body)

    def _checked(self, described: Described, client_id: str, asked: Asked, tokens: Mapping[str, Any], at: datetime) -> Told:
        """The whole of Core §3.1.3.7. Raises NotTaken."""
        token = tokens.get("id_token")
        if not isinstance(token, str):
            raise NotTaken("there is no ID token")
        read = self._read(described, token)
        claims, instant = read.claims, at.timestamp()
        if claims.get("iss") != described.issuer:
            raise NotTaken("the token is of another issuer")
        audience = claims.get("aud")
        audience = [audience] if isinstance(audience, str) else audience
        if not isinstance(audience, list) or client_id not in audience:
            raise NotTaken("the token is for another audience")
        if claims.get("azp", client_id if len(audience) == 1 else None) != client_id:
            raise NotTaken("the token was made for another party")
        expires, issued = _instant(claims, "exp"), _instant(claims, "iat")
        if instant >= expires + SKEW_SECONDS:
            raise NotTaken("the token has expired")
        if issued > instant + SKEW_SECONDS or issued < asked.at - SKEW_SECONDS:
            raise NotTaken("the token was not made for this")
        if "nbf" in claims and _instant(claims, "nbf") > instant + SKEW_SECONDS:
            raise NotTaken("the token is for later")
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), asked.nonce.encode()):
            raise NotTaken("the nonce is another")
        if "at_hash" in claims:
            made, access = _HASHES.get(read.header["alg"], hashlib.sha256), tokens.get("access_token")
            digest = made(access.encode()).digest() if isinstance(access, str) else b""
            if not digest or claims["at_hash"] != _base64(digest[: len(digest) // 2]):
                raise NotTaken("the access token is another")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
            raise NotTaken("the token names nobody")
        ways = claims.get("amr")
        told = {way for way in (*(ways if isinstance(ways, list) else ()), claims.get("acr")) if isinstance(way, str)}
        return Told(subject, strong=not STRONG.isdisjoint(told))

    def _read(self, described: Described, token: str) -> jwt.Token:
        """A token that is signed with a key of the provider. Raises NotTaken."""
        registry = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)  # what a header says besides is passed over
        try:
            try:
                return jwt.decode(token, self._keys.of(described.keys), registry=registry)
            except InvalidKeyIdError:
                return jwt.decode(token, self._keys.of(described.keys, older_than=KEYS_ANEW_SECONDS), registry=registry)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise NotTaken(f"the token cannot be read: {type(error).__name__}") from None

    # What a provider says of itself

    def _describe(self, issuer: str) -> Described:
        status, body = self._fetch("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration", {})
        said = _object(status, body)
        if said.get("issuer") != issuer:
            raise _away("it calls itself otherwise")
        addresses = [said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        if not all(isinstance(one, str) and is_reachable(one, loopback=self.loopback) and "#" not in one for one in addresses):
            raise _away("its addresses are not of https")
        ways = said.get("token_endpoint_auth_methods_supported")
        posts = isinstance(ways, list) and "client_secret_post" in ways and "client_secret_basic" not in ways
        return Described(issuer, *addresses, posts, said.get("authorization_response_iss_parameter_supported") is True)

    def _fetch_keys(self, address: str) -> KeySet:
        status, body = self._fetch("GET", address, {})
        listed = _object(status, body).get("keys")
        keys = [key for one in listed if (key := _key(one)) is not None] if isinstance(listed, list) else []
        return KeySet(keys)

    def _fetch(self, method: str, address: str, headers: dict[str, str], body: bytes | None = None) -> tuple[int, bytes]:
        """Status and body, of an answer within the time and the size. Raises Refusal(unavailable)."""
        url, until = urlsplit(address), time.monotonic() + WHOLE_SECONDS
        headers = headers | {"Host": url.netloc, "Accept": "application/json", "User-Agent": "ICAT-Gateway/1"}
        headers["Accept-Encoding"] = "identity"
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        failed = "no address"
        for place in self._places(url):
            try:
                with self._to(url, place) as pool:
                    answer = pool.urlopen(method, path, body, headers, redirect=False, retries=False, preload_content=False)
                    try:
                        return answer.status, _read(answer, until)
                    finally:
                        answer.close()
            except (ConnectTimeoutError, NewConnectionError) as error:
                failed = type(error).__name__
            except (HTTPError, OSError, UnicodeError) as error:
                raise _away(type(error).__name__) from None
        raise _away(failed)

    def _places(self, url: SplitResult) -> list[str]:
        """The addresses of a host, looked up this once. One inner address among them is reason to ask none."""
        try:
            found = socket.getaddrinfo(url.hostname, url.port or (443 if url.scheme == "https" else 80), type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise _away(type(error).__name__) from None
        places = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not self.loopback and not all(is_public(place) for place in places):
            raise _away("its address is inside a network")
        return places[:ADDRESSES_TRIED]

    def _to(self, url: SplitResult, place: str) -> urllib3.HTTPConnectionPool:
        """The way to a host at one of its addresses. Its certificate is still that of its name."""
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        if url.scheme == "http":
            return urllib3.HTTPConnectionPool(place, url.port, timeout=timeout)
        name = url.hostname
        return urllib3.HTTPSConnectionPool(
            place, url.port, timeout=timeout, ssl_context=self._tls, server_hostname=name, assert_hostname=name
        )


def _read(answer: urllib3.BaseHTTPResponse, until: float) -> bytes:
    """The body of an answer. Raises Refusal(unavailable) for one that is too long, or not there by then."""
    read = bytearray()
    while part := answer.read1(16 * 1024, decode_content=False):
        read += part
        if len(read) > LARGEST or time.monotonic() > until:
            raise _away("its answer is too long, or too slow")
    return bytes(read)


class _Remembered:
    """What was fetched, for an hour; what could not be, for a moment. Of several who ask at once one fetches, and others wait for it."""

    def __init__(self, fetch: Callable[[str], Any]) -> None:
        self._fetch = fetch
        self._found: dict[str, tuple[float, Any]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, address: str, *, older_than: float = CACHED_SECONDS) -> Any:
        """What is there, unless it was fetched longer ago than this. Raises Refusal."""
        with self._lock:
            turn = self._locks.setdefault(address, threading.Lock())
        with turn:
            at, found = self._found.get(address, (float("-inf"), None))
            passed = time.monotonic() - at
            if isinstance(found, Refusal) and passed < AWAY_SECONDS:
                raise _away("it was a moment ago")
            if found is None or isinstance(found, Refusal) or passed >= older_than:
                try:
                    found = self._fetch(address)
                except Refusal as refusal:
                    self._found[address] = (time.monotonic(), refusal)
                    raise
                self._found[address] = (time.monotonic(), found)
            return found


def _key(written: Any) -> Any:
    """A key that a token may be signed with; None for any other, and for what is none."""
    try:
        key = JWKRegistry.import_key(written)
        short = key.key_type == "RSA" and key.public_key.key_size < SMALLEST_RSA
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return None if short or key.key_type == "oct" or key.get("use") not in (None, "sig") else key


def _object(status: int, body: bytes) -> dict[str, Any]:
    """The JSON object of a good answer. Raises Refusal(unavailable)."""
    try:
        found = json.loads(body) if status == 200 else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _away(f"it answered {status}, and no object")
    return found


def _instant(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise NotTaken(f"{name} is no instant")
    return float(value)


def _base64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def _away(reason: str) -> Refusal:
    log.warning("a provider cannot be asked: %s", reason)
    return Refusal("unavailable", "Your organization's provider does not answer as it should; try again later.", rule="provider-away")
