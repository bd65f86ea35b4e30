"""What the gateway remembers in its own database: accounts, providers, sessions, login attempts, idempotency keys, its own secret.

An account is one document with its tokens and its history, so that each change is one write. Of sessions and tokens only
SHA-256 digests are kept: who reads the database can log in as nobody.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import cattrs
import mongoengine
import pymongo
from mongoengine import BooleanField, DateTimeField, DictField, Document, IntField, StringField
from pymongo.errors import DuplicateKeyError, PyMongoError

import messaging.store
from gateway.accounts.providers import Provider, no_such_provider
from gateway.accounts.rights import no_such_account
from gateway.accounts.rules import Account
from messaging.context import to_milliseconds
from messaging.store import insert_new
from services.kernel.actor import SECRETARIAT
from services.kernel.refusal import Refusal

StoreError = PyMongoError
"""What an operation raises when the store is away."""

RACES = 20
"""How often a lost race for an account is decided again."""

SESSION_LASTS = timedelta(hours=12)
KEY_LASTS = timedelta(hours=24)

ATTEMPTS = 5
ATTEMPTS_WITHIN = timedelta(minutes=15)

_converter = cattrs.Converter()
_converter.register_structure_hook(datetime, lambda value, _: value)
_converter.register_unstructure_hook(datetime, to_milliseconds)


def digest(secret: str) -> str:
    """How a session, token or invitation is kept. They are random enough that no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


# Accounts -------------------------------------------------------------------------------------------------------------------------------


class AccountDocument(Document):
    name = StringField(primary_key=True)
    version = IntField(required=True)
    state = DictField(required=True)
    used = DictField()
    step = IntField()
    tied = StringField()

    meta = {
        "collection": "accounts",
        "auto_create_index": False,
        "indexes": [
            "state.tokens.digest",
            "state.invitation.digest",
            "state.entity",
            # Of two accounts that are tied to one subject at the same time, the store takes one.
            {"fields": ["tied"], "unique": True, "sparse": True},
        ],
    }


@dataclass(frozen=True)
class Kept:
    """An account as the store has it. ``used``: when its tokens were last used, by their ids."""

    account: Account
    version: int
    used: dict[str, datetime] = field(default_factory=dict)


class Accounts:
    """All accounts, by name."""

    def get(self, name: str) -> Kept:
        """Raises Refusal(not_found)."""
        if (kept := self.find(name)) is None:
            raise no_such_account(name)
        return kept

    def find(self, name: str) -> Kept | None:
        return self._one({"_id": name})

    def by_token(self, token_digest: str) -> Kept | None:
        return self._one({"state.tokens.digest": token_digest})

    def by_invitation(self, invitation_digest: str) -> Kept | None:
        return self._one({"state.invitation.digest": invitation_digest})

    def by_tie(self, provider: str, subject: str) -> Kept | None:
        """The account that a provider's registration calls by this subject."""
        return self._one({"tied": _tied(provider, subject)})

    def tied_to(self, provider: str) -> list[str]:
        """The names of those that a provider's registration lets in."""
        return [found["_id"] for found in _collection(AccountDocument).find({"state.tie.provider": provider}, {"_id": 1}).sort("_id", 1)]

    def page(
        self, at: datetime, *, limit: int, after: str | None, entity: str | None, role: str | None, status: str | None
    ) -> tuple[list[Kept], str | None]:
        """Accounts in the order of their names, and the cursor of the next page. ``role``: held at ``at``."""
        query: dict[str, Any] = {"_id": {"$gt": after}} if after else {}
        for path, value in (("state.entity", entity), ("state.status", status)):
            if value is not None:
                query[path] = value
        if role is not None:
            query["$or"] = [_holding(role, at), _holding(role, at, {"until": {"$gt": at}}), {"state.roles": role}]
        found = [_kept(d) for d in _collection(AccountDocument).find(query).sort("_id", pymongo.ASCENDING).limit(limit + 1)]
        return found[:limit], found[limit - 1].account.name if len(found) > limit else None

    def any(self) -> bool:
        return _collection(AccountDocument).find_one({}, {"_id": 1}) is not None

    def tally(self, statuses: Iterable[str]) -> dict[str, int]:
        """How many there are of each of these."""
        return {status: _collection(AccountDocument).count_documents({"state.status": status}) for status in statuses}

    def another_keeps_the_house(self, than: str, at: datetime) -> bool:
        """Whether an active account of the secretariat remains beside this one, with no end in sight."""
        keeps = [_holding(SECRETARIAT, at), {"state.roles": SECRETARIAT}]
        query = {"_id": {"$ne": than}, "state.status": "active", "$or": keeps}
        return _collection(AccountDocument).find_one(query, {"_id": 1}) is not None

    def create(self, account: Account, cause: str) -> Kept:
        """Save a new account. The same cause again answers what it made; another is refused (``conflict``)."""
        try:
            _collection(AccountDocument).insert_one({"_id": account.name, "version": 1, "state": _converter.unstructure(account)})
        except DuplicateKeyError:
            kept = self.get(account.name)
            if kept.account.history[0].cause != cause:
                raise Refusal.conflict(f"There is an account {account.name} already.", rule="exists", field="name") from None
            return kept
        return Kept(account, 1)

    def change(self, name: str, cause: str, decide: Callable[[Account], Any], expected: int | None = None) -> Kept:
        """Load, decide, save if nobody was faster; asked again on a lost race. A cause that changed it before is not decided again."""
        kept = _changed(lambda: self.get(name), lambda kept: kept.account, self._save, cause, decide, expected)
        assert isinstance(kept, Kept)
        return kept

    def _save(self, kept: Kept) -> bool:
        """Whether it was saved, as the next version of what was loaded. Raises Refusal(conflict) for a tie that is another account's."""
        account = kept.account
        change: dict[str, Any] = {"$set": {"state": _converter.unstructure(account), "version": kept.version + 1}}
        if account.tie is None:
            change["$unset"] = {"tied": ""}
        else:
            change["$set"]["tied"] = _tied(account.tie.provider, account.tie.subject)
        try:
            return bool(_collection(AccountDocument).update_one({"_id": account.name, "version": kept.version}, change).matched_count)
        except DuplicateKeyError:
            raise Refusal.conflict("Your organization's account is tied to another account here.", rule="tied-elsewhere") from None

    def token_used(self, name: str, token_id: str, at: datetime) -> None:
        """When a token was last used. Not a change of the account: no version, no history."""
        _collection(AccountDocument).update_one({"_id": name}, {"$set": {f"used.{token_id}": at}})

    def step_used(self, name: str, step: int) -> bool:
        """Use a step of the second factor's time up; False if it, or a later one, was used before. Of two who show the same code at once,
        one comes in. Not a change of the account either."""
        query = {"_id": name, "$or": [{"step": None}, {"step": {"$lt": step}}]}
        return bool(_collection(AccountDocument).update_one(query, {"$set": {"step": step}}).matched_count)

    def _one(self, query: dict[str, Any]) -> Kept | None:
        document = _collection(AccountDocument).find_one(query)
        return _kept(document) if document else None


def _holding(role: str, at: datetime, until: dict[str, Any] | None = None) -> dict[str, Any]:
    """Accounts that hold a role at an instant: without end, unless ``until`` says otherwise."""
    return {"state.appointments": {"$elemMatch": {"role": role, "since": {"$lte": at}, **(until or {"until": None})}}}


def _kept(document: dict[str, Any]) -> Kept:
    return Kept(_converter.structure(_upcast(document["state"]), Account), document["version"], document.get("used", {}))


def _upcast(state: dict[str, Any]) -> dict[str, Any]:
    """An account as it was kept when roles had no dates: they are held since it was opened."""
    if "appointments" in state:
        return state
    opened = state["history"][0]["at"]
    return state | {"appointments": [{"role": role, "since": opened, "until": None} for role in state["roles"]]}


def _tied(provider: str, subject: str) -> str:
    return digest(f"tie\n{provider}\n{subject}")


def _changed(
    load: Callable[[], Any],
    of: Callable[[Any], Any],
    save: Callable[[Any], bool],
    cause: str,
    decide: Callable[[Any], Any],
    expected: int | None,
) -> Any:
    """What is kept once ``decide`` changed it, and nobody was faster. ``of``: the thing itself, which knows its history and what it did."""
    for _ in range(RACES):
        kept = load()
        thing = of(kept)
        if thing.did(cause):
            return kept
        if expected is not None and expected != kept.version:
            raise Refusal(
                "stale",
                f"You saw version {expected}; it is now version {kept.version}.",
                rule="if-match",
                field="If-Match",
                accepted=f'"{kept.version}"',
            )
        entries = len(thing.history)
        decide(thing)
        if len(thing.history) == entries:
            return kept
        if save(kept):
            return replace(kept, version=kept.version + 1)
    raise Refusal.conflict("Too many change this at once; try again.", rule="contention")


# Providers ------------------------------------------------------------------------------------------------------------------------------


class ProviderDocument(Document):
    entity = StringField(primary_key=True)
    version = IntField(required=True)
    state = DictField(required=True)

    meta = {"collection": "providers", "auto_create_index": False}


@dataclass(frozen=True)
class KeptProvider:
    """A provider as the store has it."""

    provider: Provider
    version: int


class Providers:
    """The providers of all entities, those that have ended among them; one of each."""

    def get(self, entity: str) -> KeptProvider:
        """Raises Refusal(not_found)."""
        if (kept := self.find(entity)) is None:
            raise no_such_provider(entity)
        return kept

    def find(self, entity: str) -> KeptProvider | None:
        found = _collection(ProviderDocument).find_one({"_id": entity})
        return _kept_provider(found) if found else None

    def all(self) -> list[KeptProvider]:
        return [_kept_provider(found) for found in _collection(ProviderDocument).find().sort("_id", pymongo.ASCENDING)]

    def running(self) -> list[str]:
        """The codes of the entities that have one."""
        found = _collection(ProviderDocument).find({"state.ended_because": None}, {"_id": 1}).sort("_id", pymongo.ASCENDING)
        return [one["_id"] for one in found]

    def lets_in(self, entity: str | None, registration: str) -> bool:
        """Whether this registration of a provider is the entity's, and has not ended."""
        kept = self.find(entity) if entity else None
        return kept is not None and kept.provider.runs and kept.provider.id == registration

    def create(self, provider: Provider) -> KeptProvider | None:
        """Save the first of an entity; None when there is one already, which may be changed."""
        try:
            _collection(ProviderDocument).insert_one({"_id": provider.entity, "version": 1, "state": _converter.unstructure(provider)})
        except DuplicateKeyError:
            return None
        return KeptProvider(provider, 1)

    def change(self, entity: str, cause: str, decide: Callable[[Provider], Any], expected: int | None = None) -> KeptProvider:
        """As ``Accounts.change`` does."""
        kept = _changed(lambda: self.get(entity), lambda kept: kept.provider, self._save, cause, decide, expected)
        assert isinstance(kept, KeptProvider)
        return kept

    def _save(self, kept: KeptProvider) -> bool:
        written = _collection(ProviderDocument).update_one(
            {"_id": kept.provider.entity, "version": kept.version},
            {"$set": {"state": _converter.unstructure(kept.provider), "version": kept.version + 1}},
        )
        return bool(written.matched_count)


def _kept_provider(document: dict[str, Any]) -> KeptProvider:
    return KeptProvider(_converter.structure(document["state"], Provider), document["version"])


class SpentDocument(Document):
    key = StringField(primary_key=True)
    until = DateTimeField(required=True)

    meta = {"collection": "spent", "auto_create_index": False, "indexes": [{"fields": ["until"], "expireAfterSeconds": 0}]}


def spend(what: str, until: datetime) -> bool:
    """Use up what is good once; False if it was used before. It is remembered until then, when it is good for nothing by itself."""
    try:
        _collection(SpentDocument).insert_one({"_id": digest(what), "until": until})
    except DuplicateKeyError:
        return False
    return True


# Sessions -------------------------------------------------------------------------------------------------------------------------------


class SessionDocument(Document):
    digest = StringField(primary_key=True)
    account = StringField(required=True)
    csrf = StringField(required=True)
    expires_at = DateTimeField(required=True)
    opened_at = DateTimeField()
    last_seen_at = DateTimeField()
    agent = StringField()
    provider = StringField()
    strong = BooleanField()

    meta = {
        "collection": "sessions",
        "auto_create_index": False,
        "indexes": ["account", {"fields": ["expires_at"], "expireAfterSeconds": 0}],
    }


@dataclass(frozen=True)
class Running:
    """A session that runs. ``agent``: what the browser said it is, in short; ``provider``: the id of the registration that let the person
    in, empty for a password; ``strong``: that provider told of a second factor."""

    digest: str
    account: str
    csrf: str
    opened_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    agent: str
    provider: str = ""
    strong: bool = False

    @property
    def id(self) -> str:
        """What it is called among its person's sessions. It tells nothing of the secret, nor of the digest by which that is found."""
        return digest(f"session\n{self.digest}")[:20]


class Sessions:
    """Who is logged in. The expiry is checked here too: the store sweeps expired ones only now and then."""

    def open(
        self, session_digest: str, account: str, csrf: str, at: datetime, agent: str = "", *, provider: str = "", strong: bool = False
    ) -> datetime:
        """Keep a new session; returns when it ends."""
        at = to_milliseconds(at)
        expires = at + SESSION_LASTS
        said: dict[str, Any] = {"account": account, "csrf": csrf, "expires_at": expires, "opened_at": at, "last_seen_at": at}
        said |= {"agent": agent, "provider": provider, "strong": strong}
        _collection(SessionDocument).insert_one({"_id": session_digest, **said})
        return expires

    def get(self, session_digest: str, at: datetime) -> Running | None:
        """A session that still runs."""
        found = _collection(SessionDocument).find_one({"_id": session_digest, "expires_at": {"$gt": at}})
        return _running(found) if found else None

    def of(self, account: str, at: datetime) -> list[Running]:
        """The sessions of an account that still run, the newest first."""
        found = _collection(SessionDocument).find({"account": account, "expires_at": {"$gt": at}})
        return sorted(map(_running, found), key=lambda one: one.opened_at, reverse=True)

    def seen(self, session_digest: str, at: datetime) -> None:
        """It was used just now."""
        _collection(SessionDocument).update_one({"_id": session_digest}, {"$set": {"last_seen_at": at}})

    def end(self, session_digest: str) -> None:
        _collection(SessionDocument).delete_one({"_id": session_digest})

    def end_all(self, account: str, but: str | None = None) -> None:
        _collection(SessionDocument).delete_many({"account": account, "_id": {"$ne": but}})

    def end_through(self, provider: str, account: str) -> None:
        """Those that this registration of a provider opened for an account."""
        _collection(SessionDocument).delete_many({"account": account, "provider": provider})


def _running(document: dict[str, Any]) -> Running:
    opened = document.get("opened_at") or document["expires_at"] - SESSION_LASTS  # one of before that was kept
    seen, agent = document.get("last_seen_at") or opened, document.get("agent") or ""
    through = (document.get("provider") or "", bool(document.get("strong")))
    return Running(document["_id"], document["account"], document["csrf"], opened, seen, document["expires_at"], agent, *through)


# Login attempts -------------------------------------------------------------------------------------------------------------------------


class AttemptsDocument(Document):
    key = StringField(primary_key=True)
    count = IntField(required=True)
    until = DateTimeField(required=True)

    meta = {"collection": "attempts", "auto_create_index": False, "indexes": [{"fields": ["until"], "expireAfterSeconds": 0}]}


class Attempts:
    """Logins tried for one name from one address. Counted before the password is looked at, so that guesses made at the
    same time count too; an unknown name is counted like any other."""

    def count(self, name: str, address: str, at: datetime, most: int = ATTEMPTS) -> None:
        """Count one attempt. Raises Refusal(too_many) beyond that many within ATTEMPTS_WITHIN."""
        key = digest(f"{name}\n{address}")
        attempts = _collection(AttemptsDocument)
        attempts.delete_one({"_id": key, "until": {"$lte": at}})
        counting = {"$inc": {"count": 1}, "$setOnInsert": {"until": at + ATTEMPTS_WITHIN}}
        found = None
        while found is None:  # of two that come first at the same time, one may be told nothing: counted once more is not too much
            found = attempts.find_one_and_update({"_id": key}, counting, upsert=True, return_document=pymongo.ReturnDocument.AFTER)
        if found["count"] > most:
            seconds = max(1, int((found["until"] - at).total_seconds()))
            raise Refusal("too_many", "Too many logins tried; wait a while.", rule="login-throttle", extra={"retry_after": seconds})

    def forget(self, name: str, address: str) -> None:
        _collection(AttemptsDocument).delete_one({"_id": digest(f"{name}\n{address}")})


# Idempotency keys -----------------------------------------------------------------------------------------------------------------------


class KeyDocument(Document):
    key = StringField(primary_key=True)
    fingerprint = StringField(required=True)
    expires_at = DateTimeField(required=True)
    answer = DictField()

    meta = {"collection": "keys", "auto_create_index": False, "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}]}


class KeptKeys:
    """Idempotency keys, as documents: kept without waiting for disk or majority."""

    def find(self, id: str) -> dict[str, Any] | None:
        return self._collection.find_one({"_id": id})

    def insert(self, documents: list[dict[str, Any]]) -> None:
        """Keep these. Of two requests that two processes carried out under one key at once, the first to come here has it; and of two
        answers to one request, the first that came."""
        if insert_new(self._collection, documents) == len(documents):
            return
        kept = {there["_id"]: there for there in self._collection.find({"_id": {"$in": [new["_id"] for new in documents]}})}
        for new in documents:
            there = kept.get(new["_id"])
            is_free = there is None or there["expires_at"] <= new["expires_at"] - KEY_LASTS
            is_answered_now = not is_free and there["fingerprint"] == new["fingerprint"] and "answer" in new and "answer" not in there
            if is_free or is_answered_now:
                self._collection.replace_one({"_id": new["_id"]}, new, upsert=True)

    @property
    def _collection(self) -> Any:
        return _collection(KeyDocument).with_options(write_concern=pymongo.WriteConcern(w=1, j=False))


def connect(uri: str) -> None:
    """Connect to the gateway's own database, in place of one connected before."""
    mongoengine.disconnect()
    messaging.store.connect(uri)


def prepare() -> None:
    """Make the indexes; once, at the start of a process."""
    for document in (AccountDocument, SessionDocument, AttemptsDocument, KeyDocument, SpentDocument):
        document.ensure_indexes()


def _collection(document: type[Document]) -> Any:
    return document._get_collection()
