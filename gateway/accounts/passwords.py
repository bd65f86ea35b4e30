"""Passwords: hashed with argon2id, never kept or written anywhere as they are."""

from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# 19 MiB and two passes (OWASP's recommendation for argon2id). One thread does it all: many logins at once take turns instead of
# half a gigabyte, and the memory is used again instead of staying with every thread of the server that ever hashed.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_hand = ThreadPoolExecutor(1, thread_name_prefix="passwords")
_nobody: str | None = None


def hash_password(password: str) -> str:
    return _hand.submit(_hasher.hash, password).result()


def fits(hashed: str | None, password: str) -> bool:
    """Whether the password is the one. With no hash (no such account, or none chosen yet) it takes as long, and is not."""
    global _nobody  # noqa: PLW0603 -- made once, when first needed, with the parameters in force
    if _nobody is None:
        _nobody = hash_password("nobody's")
    try:
        return _hand.submit(_hasher.verify, hashed or _nobody, password).result() and hashed is not None
    except (VerificationError, InvalidHashError):
        return False
