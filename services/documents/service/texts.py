"""The text: orders and questions on revisions, sections and languages.

Whatever compares runs in a thread, so that heartbeats and other questions are not held up; what it compares is read before.
"""

from eventlet import tpool

from contracts import documents as c
from messaging.service import command, query
from services.documents import rules
from services.documents.rules import translating, views
from services.documents.service.asking import act, sees_drafts, shown
from services.documents.store import composition, documents, texts


def kept(document: rules.Document, text: rules.Text) -> None:
    """A text that the document now names is written before the write that names it; the revision before it is there."""
    texts.keep(text, *(revision.outline for revision in document.revisions[-2:-1]))


def kept_rendering(document: rules.Document, language: str, made: tuple[rules.Text, rules.Text]) -> None:
    """So are the text of a version in another language, and what it renders: sections of the original, which are there."""
    before, last = document.translations[language][-2:-1], document.translations[language][-1]
    texts.keep(made[0], *(version.outline for version in before))
    texts.keep(made[1], *(version.source for version in before), document.revisions[last.revision - 1].outline)


class Texts:
    """The orders and questions on texts."""

    @command(c.SaveRevision)
    def save_revision(self, order):
        said = (order.base, order.title, order.sections, order.summary)
        return shown(act(order, lambda d, **who: kept(d, d.save_revision(*said, read=texts.text, **who))), order)

    @command(c.SaveSection)
    def save_section(self, order):
        said = (order.section, order.base, order.heading, order.text, order.summary)
        return shown(act(order, lambda d, **who: kept(d, d.save_section(*said, read=texts.text, **who))), order)

    @command(c.ImportText)
    def import_text(self, order):
        return self.save_revision(order) | {"notes": order.notes}

    @command(c.SaveTranslation)
    def save_translation(self, order):
        said = (order.language, order.revision, order.base, order.title, order.sections, order.checked, order.summary)
        language, read = order.language, texts.text
        return shown(act(order, lambda d, **who: kept_rendering(d, language, d.save_translation(*said, read=read, **who))), order)

    @command(c.DecideLanguages)
    def decide_languages(self, order):
        return shown(act(order, lambda d, **who: d.decide_languages(order.languages, **who)), order)

    @command(c.PublishTranslation)
    def publish_translation(self, order):
        return shown(act(order, lambda d, **who: d.publish_translation(order.language, **who)), order)

    @query(c.CheckText)
    def check_text(self, ask):
        document, who = documents.load(ask.document).aggregate, {"by": ask.by, "at": ask.at, "group": composition.value()}
        text, newest = document.check_text(ask.title, ask.sections, read=texts.text, **who)
        changes = tpool.execute(rules.compare, newest, text) if newest else []
        return document.as_sent(text) | {"document": ask.document, "notes": ask.notes, "changes": changes}

    @query(c.Revisions)
    def revisions(self, ask):
        document = documents.load(ask.document).aggregate
        return views.revisions(document, drafts=sees_drafts(ask, document), at=ask.at, limit=ask.limit, after=ask.after)

    @query(c.GetRevision)
    def get_revision(self, ask):
        document = documents.load(ask.document).aggregate
        drafts = sees_drafts(ask, document)
        found = views.readable(document, ask.number, drafts=drafts, at=ask.at, language=ask.language)
        return views.revision(document, found, texts.text(found.outline), language=ask.language, drafts=drafts)

    @query(c.GetSection)
    def get_section(self, ask):
        document = documents.load(ask.document).aggregate
        found = views.readable(document, ask.number, drafts=sees_drafts(ask, document), at=ask.at)
        return views.section(document, found, texts.text(found.outline), ask.section)

    @query(c.CompareRevisions)
    def compare_revisions(self, ask):
        document = documents.load(ask.document).aggregate
        who = {"drafts": sees_drafts(ask, document), "at": ask.at, "language": ask.language}
        base, other = (texts.text(views.readable(document, number, **who).outline) for number in (ask.base, ask.other))
        answer = {"document": ask.document, "language": ask.language or document.language, "base": ask.base, "other": ask.other}
        return answer | {"sections": tpool.execute(rules.compare, base, other)}

    @query(c.CompareTranslation)
    def compare_translation(self, ask):
        document = documents.load(ask.document).aggregate
        views.of_the_group(document, drafts=sees_drafts(ask, document), at=ask.at)
        beside = document.beside(ask.language, texts.text)
        return views.translation(document, ask.language, *beside, tpool.execute(translating.renderings, *beside))
