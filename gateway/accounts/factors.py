"""Second factors: codes made of a secret and the time (RFC 6238), codes for the day the telephone is lost, and how what must be read
again is sealed. Nothing here knows an account."""

import base64
import hashlib
import hmac
import io
from datetime import datetime

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ISSUER = "ICAT"
STEPS_OFF = 1
"""How many steps of thirty seconds a telephone's clock may be wrong, before or after."""

RECOVERY_CODES = 10


class Seal:
    """Seals texts so that they can be read again here and nowhere else: under a key of its own for each purpose, made from the
    gateway's (HKDF, RFC 5869)."""

    def __init__(self, secret_key: bytes, purpose: str) -> None:
        key = HKDF(SHA256(), length=32, salt=None, info=f"icat {purpose}".encode()).derive(secret_key)
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def close(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str, *, within_seconds: int | None = None) -> str | None:
        """The text; None of what was not sealed here, with another key, or longer ago than that."""
        try:
            return self._fernet.decrypt(sealed.encode(), ttl=within_seconds).decode()
        except InvalidToken:
            return None


def secret_of(derived: bytes) -> str:
    """A secret of 160 bits as programs for such codes take it (base 32)."""
    return base64.b32encode(hashlib.sha256(derived).digest()[:20]).decode()


def uri_of(secret: str, name: str) -> str:
    """What a program that makes codes is given: ``otpauth://totp/…``."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def picture_of(uri: str) -> str:
    """The same as a QR code: SVG to stand within a page, dark on light in either scheme, with its quiet zone."""
    written = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(written, kind="svg", scale=5, xmldecl=False, svgns=False, light="#fff", nl=False)
    return written.getvalue().decode()


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The step of time that a code belongs to; None when it is none of now."""
    totp, given, found = pyotp.TOTP(secret), plain(code), None
    now = int(at.timestamp()) // totp.interval
    for step in range(now - STEPS_OFF, now + STEPS_OFF + 1):
        if hmac.compare_digest(totp.generate_otp(step), given):
            found = step
    return found


def recovery_codes(derived: bytes) -> list[str]:
    """Ten codes of 80 bits, in four groups that people can copy."""
    return [_grouped(hashlib.sha256(b"%s %d" % (derived, number)).digest()) for number in range(RECOVERY_CODES)]


def _grouped(made: bytes) -> str:
    text = base64.b32encode(made[:10]).decode().lower()
    return "-".join(text[place : place + 4] for place in range(0, 16, 4))


def plain(code: str) -> str:
    """A code as it is compared: without the spaces and hyphens of people, in small letters. ASCII, since all codes are."""
    return "".join(letter for letter in code.lower() if letter.isascii() and letter.isalnum())
