"""Passwords: hashed with argon2id, never kept or written anywhere as they are."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# 19 MiB and two passes (OWASP's recommendation for argon2id), two at a time: many logins at once then take
# turns instead of half a gigabyte.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_turns = threading.Semaphore(2)
_nobody: str | None = None


def hash_password(password: str) -> str:
    with _turns:
        return _hasher.hash(password)


def fits(hashed: str | None, password: str) -> bool:
    """Whether the password is the one. With no hash (no such account, or none chosen yet) it takes as long, and is not."""
    global _nobody  # noqa: PLW0603 -- made once, when first needed, with the parameters in force
    if _nobody is None:
        _nobody = hash_password("nobody's")
    with _turns:
        try:
            return _hasher.verify(hashed or _nobody, password) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False
