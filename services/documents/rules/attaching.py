"""Files beside the text: letters, tables, pictures (DOMAIN.md, *Documents*)."""

from datetime import datetime

from services.documents.rules.kinds import PUBLIC
from services.documents.rules.publishing import Publishing
from services.documents.rules.record import Attachment
from services.documents.rules.rights import RIGHTS, must_show
from services.kernel import Actor, Composition, Refusal
from services.kernel.rights import Party

MOST = 200
"""Files beside one document."""


class Attaching(Publishing):
    """What is attached to a document. The bytes are kept under their digest, and were examined before (``files.examined``)."""

    def attach(
        self,
        id: str,
        *,
        name: str,
        media_type: str,
        size: int,
        digest: str,
        public: bool,
        description: str,
        by: Actor,
        at: datetime,
        group: Composition,
    ) -> Attachment:
        """A drafter, or the secretariat, attaches a file; returns it. What is ``public`` is published with the document. Beside a text that
        the entities have before them, or have cleared, that is for the chair to do: none of them was asked about it. So it is beside what
        is public already, where it is public at once."""
        who = self._begin("attach", by, at, group)
        RIGHTS.must("attach", who)
        entity = None if by.is_secretariat else who.speaks_as(Party.DRAFTER)
        if public and (self.in_question or self.state in PUBLIC):
            RIGHTS.must("attach.public", who)
        if len(self.attachments) >= MOST:
            raise Refusal.conflict(f"There are {MOST} files beside this document.", rule="attachments-most", accepted=f"at most {MOST}")
        if any((one.digest, one.public) == (digest, public) for one in self.attachments):
            raise Refusal.conflict("These bytes are attached already.", rule="attached-once", field="content", accepted="another file")
        attached = Attachment(id, name, media_type, size, digest, public, description, by.person, entity, at)
        self.attachments.append(attached)
        facts = {"attachment": id, "digest": digest, "media_type": media_type, "size": size, "public": public}
        self._say("attached", at, **facts, entity=entity)
        return attached

    def attachment(self, id: str, *, drafts: bool, at: datetime) -> Attachment:
        """The file with this id, for one who may see ``drafts`` or not. Refuses as not found what there is not, or may not be known of."""
        must_show("get_attachment", self, drafts=drafts, at=at)
        found = next((one for one in self.seen_attachments(drafts=drafts, at=at) if one.id == id), None)
        if found is None:
            raise Refusal.not_found("There is no such file beside this document.", rule="attachment-exists", field="attachment")
        return found

    def seen_attachments(self, *, drafts: bool, at: datetime) -> list[Attachment]:
        """The files that this reader may have: all of them, or, outside the Group, those published with what is public."""
        return self.attachments if drafts else [one for one in self.attachments if one.public and self.is_public(at)]
