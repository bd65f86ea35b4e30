"""What is known of a document, and what every act on it has in common.

The aggregate holds what is known about the texts, never the texts: each revision names the digest of what it says and the outline
under which it is kept, and whoever asks hands in the text it speaks of. The one exception is a statement in clearance, whose text
is ``sealed`` here so that the clock alone can issue it. The acts themselves stand in chapters, each a class on this one:
``drafting``, ``commenting``, ``clearing``, ``issuing``, ``translating``, ``publishing``; ``document.Document`` is all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.documents.rules.kinds import CLOCK_ACTS, EMBARGOED, KINDS, PUBLIC, Kind
from services.documents.rules.rights import RIGHTS, ToDocument
from services.documents.rules.text import Text
from services.kernel import Actor, Aggregate, Clearance, Composition, Refusal

OPEN = "."
"""In the ledger: a comment that has no disposition."""

Reader = Callable[[str], Text]
"""Gives the text with an outline. Since an outline names one text for ever, a rule that reads one depends on nothing that changes."""


@dataclass
class Revision:
    """One immutable state of the text. ``outline`` is under what its sections are kept (``Text.outline``), ``sections`` how many;
    ``corrigendum``: it corrects what was published."""

    number: int
    digest: str
    title: str
    sections: int
    person: str
    entity: str | None
    at: datetime
    summary: str
    outline: str
    corrigendum: bool = False


@dataclass
class Round:
    """One comment round; ``closed_at`` is its deadline once that has come. ``asked``: whose comments are awaited, ``heard``: who made
    some."""

    number: int
    opened_at: datetime
    deadline: datetime
    closed_at: datetime | None = None
    asked: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)


@dataclass
class Translation:
    """One immutable state of the version in another language, made of the original's ``revision``. ``source``: the outline of what it
    renders: each section of the original as it was when this was made of it. ``behind``: by how many sections that is not the original
    of today, its title counted as one; kept up for the last version and the public one."""

    number: int
    revision: int
    digest: str
    outline: str
    source: str
    title: str
    sections: int
    person: str
    entity: str | None
    at: datetime
    summary: str
    behind: int


@dataclass
class PublicVersion:
    """The version in another language that is public: its number, and since when."""

    language: str
    number: int
    at: datetime


@dataclass
class Corrigendum:
    """A correction of the published text: the revision that has it, and what it corrects."""

    number: int
    revision: int
    at: datetime
    note: str
    person: str
    entity: str | None


@dataclass
class Attachment:
    """A file beside the document, kept under the digest of its bytes. ``public``: it is published with the document."""

    id: str
    name: str
    media_type: str
    size: int
    digest: str
    public: bool
    description: str
    person: str
    entity: str | None
    at: datetime


@dataclass
class Presentation:
    where: str
    when: str
    on_margins_of: str


@dataclass
class Withdrawal:
    at: datetime
    person: str
    entity: str | None
    reason: str


@dataclass
class Record(Aggregate):
    """An issue paper, an information note or a joint statement.

    ``listed_at``: the instant it stands under in lists: of its proposal, then of its publication. ``published_on``: the date as exactly
    as it is known. ``joined``: members without a seat that sign too, ``counted_at``: since when exactly these count; ``departures``:
    which of them leave the Group before the statement's instant, and when. ``missed``: that instant came and it could not be issued.
    ``ledger``: the comments, a letter for each in the order of their numbers: ``commenting.OUTCOMES`` reads it, so that a paper with
    thousands of them is not written anew with all their words whenever anything about it changes.
    ``sections_made``: how many sections there ever were, so that none is named as another was. ``translations``: by language;
    ``public_versions``: those of them that are public. ``changed_at``: when anything happened last.
    ``answered_at``: since when no comment lacks its disposition. ``reminded``: what was reminded of already. ``sealed``: the whole text
    of a statement in or after clearance."""

    id: str
    kind: str
    title: str
    summary: str
    language: str
    state: str
    listed_at: datetime
    proposed_at: datetime
    proposed_by: str
    lead: str | None = None
    co_drafters: list[str] = field(default_factory=list)
    themes: list[str] = field(default_factory=list)
    pillars: list[str] = field(default_factory=list)
    deliverable: dict[str, Any] | None = None
    occasion: str | None = None
    issue_at: datetime | None = None
    signatories: list[str] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    counted_at: datetime | None = None
    departures: dict[str, datetime] = field(default_factory=dict)
    sealed: str | None = None
    missed: bool = False
    revisions: list[Revision] = field(default_factory=list)
    sections_made: int = 0
    rounds: list[Round] = field(default_factory=list)
    ledger: str = ""
    clearances: list[Clearance] = field(default_factory=list)
    number: int | None = None
    ordered_at: datetime | None = None
    published_at: datetime | None = None
    published_on: str | None = None
    source: str | None = None
    link: str | None = None
    presentations: list[Presentation] = field(default_factory=list)
    published_revision: int | None = None
    corrigenda: list[Corrigendum] = field(default_factory=list)
    translations: dict[str, list[Translation]] = field(default_factory=dict)
    languages_awaited: list[str] = field(default_factory=list)
    public_versions: list[PublicVersion] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    changed_at: datetime | None = None
    answered_at: datetime | None = None
    reminded: list[str] = field(default_factory=list)
    withdrawn: Withdrawal | None = None

    @property
    def url(self) -> str:
        return f"/documents/{self.id}"

    @property
    def current(self) -> Revision | None:
        return self.revisions[-1] if self.revisions else None

    @property
    def digest(self) -> str | None:
        return self.current.digest if self.current else None

    @property
    def drafters(self) -> list[str]:
        """The lead and the co-drafters."""
        return [code for code in (self.lead, *self.co_drafters) if code]

    @property
    def clearance(self) -> Clearance | None:
        """The latest run of the procedure."""
        return self.clearances[-1] if self.clearances else None

    def put_forward(self, run: Clearance) -> int:
        """The number of the revision that a clearance was opened on; the text of an earlier one may have come back."""
        return next(one.number for one in reversed(self.revisions) if one.digest == run.digest and one.at <= run.opened_at)

    @property
    def acts(self) -> list[str]:
        """What may be ordered in this state, by whoever has the right."""
        return [act for act in self._kind.moves.get(self.state, {}) if act not in CLOCK_ACTS]

    def is_public(self, at: datetime) -> bool:
        """Whether anyone may see it as of ``at``."""
        return self.state in PUBLIC and (self.published_at is None or self.published_at <= at)

    def is_under_embargo(self, at: datetime) -> bool:
        """Whether it is a statement that is cleared, and as of ``at`` not issued: then it is not there for all of the Group."""
        return self.state == EMBARGOED or (self._kind.signed and self.state in PUBLIC and not self.is_public(at))

    @property
    def undisposed(self) -> list[int]:
        """Numbers of the comments that have no disposition."""
        return [number for number, outcome in enumerate(self.ledger, 1) if outcome == OPEN]

    @property
    def unanswered(self) -> int:
        """How many comments have no disposition."""
        return self.ledger.count(OPEN)

    # What every act has in common

    @property
    def _kind(self) -> Kind:
        return KINDS[self.kind]

    @property
    def in_question(self) -> Clearance | None:
        """The clearance of the current text, open or passed."""
        clearance = self.clearance
        return clearance if clearance and clearance.digest == self.digest and clearance.state in ("open", "passed") else None

    def _begin(self, act: str, by: Actor, at: datetime, group: Composition) -> ToDocument:
        """What holds for every order: the clock comes first, outsiders learn nothing, and the state must allow the act. What is public is
        read by all and changed by none of them: who led it and has left the Group no longer acts on it. Returns who this person is."""
        self.tick(at)
        who = self._seen_by(by, at, group)
        RIGHTS.must_enter(act, who)
        self._must_be_open(act, at)
        return who

    def _seen_by(self, by: Actor, at: datetime, group: Composition) -> ToDocument:
        """Who this person is to this document."""
        return ToDocument(by, at, group, self)

    def _must_be_open(self, act: str, at: datetime) -> None:
        if act in self._kind.moves[self.state]:
            return
        if act in self._kind.never:
            raise Refusal.conflict(self._kind.never[act], rule="kind-forbids")
        if (deadline := self._deadline_of(act)) is not None and at >= deadline:
            raise Refusal.too_late(f"That ended at {deadline:%Y-%m-%d %H:%M:%S} UTC.", rule=f"{act.replace('_', '-')}-deadline")
        raise Refusal.conflict(
            f"This {self._kind.name} is in the state {self.state!r}, which does not allow it.",
            rule="life-cycle",
            accepted=self.acts,
        )

    def _deadline_of(self, act: str) -> datetime | None:
        """The deadline that ended the time in which the act was possible."""
        if self.state == "issued":
            return self.published_at
        if act == "comment":
            return self.rounds[-1].deadline if self.rounds else None
        if act in ("take_position", "extend_clearance"):
            return self.clearance.deadline if self.clearance else None
        return None

    def _move(self, act: str) -> None:
        self.state = self._kind.moves[self.state][act]

    def _say(self, name: str, at: datetime, /, **data: Any) -> None:
        self.changed_at = max(at, self.changed_at or at)
        self.happen(name, at, document=self.id, title=self.title, kind=self.kind, **data)

    def _running(self) -> Clearance:
        return self.clearances[-1]

    def _must_have_text(self, doing: str) -> Revision:
        if self.current is None:
            raise Refusal.conflict(f"There is no text yet to {doing} on.", rule="text-first", accepted="a first revision")
        return self.current

    def _revision(self, number: int | None) -> Revision:
        current = self._must_have_text("comment")
        number = number or current.number
        if number > current.number:
            raise Refusal.invalid("revision", f"There is no revision {number}.", rule="revision-exists", accepted=f"1 to {current.number}")
        return self.revisions[number - 1]

    def _tell(self, name: str, clearance: Clearance, at: datetime, **data: Any) -> None:
        facts = {"digest": clearance.digest, "deadline": clearance.deadline, "counting": clearance.counting, "by": clearance.rule.by}
        self._say(name, at, **facts, drafters=self.drafters, **data)

    def _supersede(self, at: datetime) -> None:
        """The text a clearance ran on, or passed, is no longer in question."""
        self.sealed = None
        if (clearance := self.clearance) and clearance.state in ("open", "passed"):
            clearance.supersede(at)
            self._tell("clearance_superseded", clearance, at)

    def public_in(self, language: str) -> list[int]:
        """The numbers of the versions in this language that are, or were, public; the last one is."""
        return [version.number for version in self.public_versions if version.language == language]

    @property
    def public_revisions(self) -> list[int]:
        """The numbers of the revisions that are everyone's: the published one and its corrigenda."""
        published = [self.published_revision] if self.published_revision else []
        return [*published, *(corrigendum.revision for corrigendum in self.corrigenda)]

    def _become_public(self, at: datetime) -> list[str]:
        """From now on it is everyone's, with the versions in other languages that are up to date; returns the languages."""
        self.published_at = self.listed_at = at
        self.published_on = f"{at:%Y-%m-%d}"
        self.published_revision = self.current.number if self.current else None
        ready = [(language, made[-1]) for language, made in sorted(self.translations.items()) if not made[-1].behind]
        self.public_versions = [PublicVersion(language, version.number, at) for language, version in ready]
        return [self.language, *(language for language, _ in ready)]

    def _tell_languages(self, versions: list[PublicVersion]) -> None:
        """Say that these versions are public."""
        for version in versions:
            digest, url = self.translations[version.language][version.number - 1].digest, f"{self.url}?language={version.language}"
            facts = {"language": version.language, "number": version.number, "digest": digest, "at": version.at, "url": url}
            self._say("language_published", version.at, **facts, pillars=self.pillars, with_document=version.at == self.published_at)


def voice(order: str, who: ToDocument, on_behalf_of: str | None) -> tuple[str, bool]:
    """The entity that speaks here, and whether the secretariat enters it from a letter."""
    entity = on_behalf_of or who.by.entity
    if entity and who.by.speaks_for(entity):
        return entity, False
    if on_behalf_of is None and who.by.is_secretariat:
        raise Refusal.invalid("on_behalf_of", "The secretariat names the entity it enters this for.", rule="on-behalf-entity")
    RIGHTS.must(f"{order}.on_behalf_of", replace(who, own=[entity] if entity else []))
    return entity or "", True
