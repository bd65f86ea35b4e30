"""The handover of the chair: what the chairs of one year pass on to those of the next, and that both sides signed it.

The dossier fills itself, so that a signature names the exact state of it that was signed (its digest). What moves afterwards
does not undo the signature: an open matter that closes on New Year's Eve must not send two chairs back to their desks. It stays,
counts, and is shown not to be of the dossier as it stands; who signed may sign again, until all have.

Each text that was signed is kept. Once all have signed, the last of them is the handover for good: it no longer follows the
record, and takes neither signatures nor notes, for a note that nobody signed would stand as if both sides had. Only when other
chairs become concerned before New Year is it open again.

Where the same entities go on there is nobody to hand over to, and where nobody chaired, nobody to hand over: neither is
reminded of anything, nor signs.
"""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.kernel import Composition, Refusal, digest_of, written, year_begins

REMINDERS = (90, 30, 7, 0)
"""Days before 1 January on which the troika is reminded. From the first of them on, the dossier may be signed."""

OUTGOING, INCOMING = "outgoing", "incoming"

Matter = dict[str, Any]
"""Something open, as ``dossier.standing`` shows it."""


@dataclass
class Note:
    """What a chair, or the secretariat, wrote into the dossier."""

    at: datetime
    person: str
    entity: str | None
    text: str


@dataclass
class Signature:
    """An entity's, on the dossier and notes that ``digest`` names; by ``person``, or from ``letter``."""

    entity: str
    side: str
    at: datetime
    person: str
    letter: str | None
    digest: str


@dataclass
class Signed:
    """A text that was signed: the dossier, and how many notes there were. Notes are only ever added, so that their number says
    which."""

    dossier: list[Matter]
    notes: int


@dataclass
class Handover:
    """The handover to the chairs of ``year``. ``since``: from when on there was somebody to pass the chair from and to, None while
    there is not; a reminder that would have fallen before then is not sent. ``reminded``: the days of those that were. ``signed``:
    the texts that were signed, by their digests, in the order of their first signatures; a signature from before texts were kept has
    none here, and its event tells it."""

    year: int
    since: datetime | None = None
    reminded: list[int] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    signatures: list[Signature] = field(default_factory=list)
    signed: dict[str, Signed] = field(default_factory=dict)
    completed_at: datetime | None = None
    escalated_at: datetime | None = None

    @property
    def at(self) -> datetime:
        return year_begins(self.year)

    @property
    def opens(self) -> datetime:
        return self.falls(REMINDERS[0])

    def falls(self, days: int) -> datetime:
        return self.at - timedelta(days=days)

    # Who is concerned: as the composition has it now, so that a swap or a stepping down changes who must sign.

    def outgoing(self, composition: Composition) -> list[str]:
        """Those who serve at the end of the year before, stand-ins counted."""
        before = composition.term(self.year - 1)
        return before.serving(before.ends) if before is not None and before.state != "unknown" else []

    def incoming(self, composition: Composition) -> list[str]:
        coming = composition.term(self.year)
        return list(coming.chairs) if coming is not None else []

    def concerned(self, composition: Composition) -> list[str]:
        return list(dict.fromkeys(self.outgoing(composition) + self.incoming(composition)))

    def is_needed(self, composition: Composition) -> bool:
        outgoing = set(self.outgoing(composition))
        return bool(outgoing) and outgoing != set(self.incoming(composition))

    def unsigned(self, composition: Composition) -> list[str]:
        """Those who must sign and have not. The signature of one no longer concerned is kept, and does not count."""
        signed = {signature.entity for signature in self.signatures}
        return [code for code in self.concerned(composition) if code not in signed] if self.is_needed(composition) else []

    def is_signed(self, composition: Composition) -> bool:
        """By both sides: with nobody adopted for the year, there is no other side yet."""
        return self.is_needed(composition) and bool(self.incoming(composition)) and not self.unsigned(composition)

    def state(self, composition: Composition, at: datetime) -> str:
        """``not_needed``, ``signed``, ``coming``, ``open`` or ``escalated``, by the calendar and not by when the clock last looked."""
        if not self.is_needed(composition):
            return "not_needed"
        if self.is_signed(composition):
            return "signed"
        if at >= self.at:
            return "escalated"
        return "coming" if at < self.opens else "open"

    # What is signed

    def digest(self, matters: list[Matter]) -> str:
        """What names the dossier with its notes. When a matter was told is no part of it: news that changes nothing changes it not."""
        dossier = [
            {name: matter[name] for name in ("kind", "id", "title", "state", "lead")}
            | {"due": matter["due"].isoformat() if matter["due"] else None}
            for matter in matters
        ]
        return digest_of({"dossier": dossier, "notes": [note.text for note in self.notes]})

    def settled(self, composition: Composition) -> str | None:
        """The digest of the text that the handover is for good: of the last signature that counts, once all have signed. None before,
        and where that text was not kept."""
        concerned = self.concerned(composition)
        last = next((s.digest for s in reversed(self.signatures) if s.entity in concerned), None)
        return last if last in self.signed and self.is_signed(composition) else None

    def must_be_unsettled(self, composition: Composition) -> None:
        """Refuse to add to what all have signed."""
        if self.is_signed(composition):
            raise Refusal.conflict(
                f"The handover to the chairs of {self.year} is signed by all of them; it stays as it is.",
                rule="handover-settled",
                field="year",
            )

    def take(self, signature: Signature, matters: list[Matter]) -> None:
        """Add a signature, and keep what it names: once, whoever else signs the same."""
        self.signatures.append(signature)
        self.signed.setdefault(signature.digest, Signed(list(matters), len(self.notes)))

    def must_take(self, entity: str, digest: str, matters: list[Matter], composition: Composition, at: datetime) -> None:
        """Refuse a signature that cannot be: not this entity's to give, too early, when all have signed, on another dossier, or given
        already."""
        if not self.is_needed(composition):
            raise Refusal.conflict(
                f"Nobody hands over to the chairs of {self.year}: the same go on, or nobody chaired.", rule="handover-needed", field="year"
            )
        if entity not in (concerned := self.concerned(composition)):
            raise Refusal.conflict(
                f"{entity} neither hands over to the chairs of {self.year} nor is one of them.",
                rule="handover-chairs",
                field="entity",
                accepted=concerned,
            )
        if at < self.opens:
            raise Refusal.too_early(
                f"The handover to {self.year} is signed from ninety days before it on.",
                rule="handover-opens",
                field="year",
                accepted=f"{written(self.opens)} or later",
            )
        self.must_be_unsettled(composition)
        if digest != (present := self.digest(matters)):
            raise Refusal(
                "stale",
                "This names the dossier as it stood once; it has moved since. Read it again, and sign what it says now.",
                field="digest",
                rule="signature-binds-dossier",
                accepted=present,
            )
        if any((signature.entity, signature.digest) == (entity, digest) for signature in self.signatures):
            raise Refusal.conflict(f"{entity} has signed exactly this.", rule="signed-once", field="entity")

    def view(self, matters: list[Matter], composition: Composition, at: datetime) -> dict[str, Any]:
        """The handover as the Group sees it: what is open now, ``matters``, with the notes; or for good what all have signed."""
        settled = self.settled(composition)
        shown = self.signed[settled] if settled else Signed(matters, len(self.notes))
        digest = settled or self.digest(matters)
        return {
            "year": self.year,
            "at": self.at,
            "outgoing": self.outgoing(composition),
            "incoming": self.incoming(composition),
            "state": self.state(composition, at),
            "reminders": [{"days": days, "at": self.falls(days), "sent": days in self.reminded} for days in REMINDERS],
            **self._text(digest, shown),
            "signatures": [asdict(signature) | {"current": signature.digest == digest} for signature in self.signatures],
            "signed": [self._text(other, text) for other, text in self.signed.items() if other != digest],
            "unsigned": self.unsigned(composition),
            "escalated_at": self.escalated_at,
        }

    def _text(self, digest: str, text: Signed) -> dict[str, Any]:
        return {"digest": digest, "dossier": text.dossier, "notes": [asdict(note) for note in self.notes[: text.notes]]}
