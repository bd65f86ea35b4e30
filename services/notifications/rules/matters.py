"""What is told: an event of another service becomes a matter, and its topic gives it the next number.

Whatever is under embargo is not in the events that come here. What they say is public, or the Group's own: then the matter is one of
``reminders`` and names whom it is for. Titles are in English and French; a document's own title stays as its authors wrote it.

What is the Group's own is held to its audience in three places. *Asking*: only an entity's focal points and the secretariat may subscribe
to ``reminders``. *Sending*: deliveries are made for those in the audience alone, and of these for members as of the announcement, whatever
subscriptions are on record. *Showing*: missions, readers and visitors are told that there are none; focal points see those for their
entity, the secretariat all. Numbers are the topic's, so an entity's own have holes between them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from services.kernel import Actor, Aggregate, Refusal
from services.notifications.rules.instants import minute, span

BRIEFINGS, PUBLICATIONS, STATEMENTS = "briefings", "publications", "statements"
WORKPLAN, CHAIRMANSHIP, REMINDERS = "workplan", "chairmanship", "reminders"

PUBLIC = (BRIEFINGS, PUBLICATIONS, STATEMENTS, WORKPLAN, CHAIRMANSHIP)
OF_THE_GROUP = frozenset({REMINDERS})
"""Topics that are the Group's own: no mission or reader may ask for them, and a matter of theirs without an audience is for nobody."""

THE_SECRETARIAT = "secretariat"
"""What stands in an audience for the secretariat; entities stand there by their codes, which are in capitals."""

Words = dict[str, str]
"""One text by language; ``en`` and ``fr`` always."""

PAPERS: dict[str, Words] = {
    "issue_paper": {"en": "Issue paper", "fr": "Document thématique"},
    "information_note": {"en": "Information note", "fr": "Note d'information"},
    "joint_statement": {"en": "Joint statement", "fr": "Déclaration commune"},
}


@dataclass(frozen=True)
class Matter:
    """One thing to tell. ``at``: the instant it became so, UTC; ``url``: a path of the public site;
    ``data``: JSON-able particulars of its kind, instants written in ISO 8601; no ``pillars`` means all four.
    ``audience``: whom alone it is for, None when it is public; an empty one is for nobody."""

    topic: str
    kind: str
    title: Words
    summary: Words
    at: datetime
    url: str
    pillars: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    audience: list[str] | None = None


@dataclass
class Topic(Aggregate):
    """One of the six topics; ``last`` is the highest number it gave. Numbers are consecutive from 1, so that software
    can tell what it missed."""

    id: str
    last: int = 0

    def announce(self, matter: Matter, at: datetime) -> int:
        """Give the matter the topic's next number, which is returned. ``at``: the instant of the announcement."""
        if matter.topic != self.id:
            raise ValueError(f"A matter of {matter.topic} is none of {self.id}.")
        self.last += 1
        told = asdict(matter)
        del told["topic"]
        if matter.audience is None:
            del told["audience"]
        self.happen("announced", at, topic=self.id, number=self.last, matter=told)
        return self.last


def is_for(topic: str, matter: Mapping[str, Any], addressees: Collection[str]) -> bool:
    """Whether a matter of the topic, as announced, may be told to who is any of the addressees (entities' codes, or
    ``THE_SECRETARIAT``; none for whoever is outside). An audience that got lost on the way makes nothing public: matters of
    ``OF_THE_GROUP`` are then for nobody."""
    audience = matter.get("audience")
    if audience is None:
        return topic not in OF_THE_GROUP
    return not set(audience).isdisjoint(addressees)


def shown(by: Actor, page: Mapping[str, Any], *, inside: bool) -> dict[str, Any]:
    """A page of a topic's matters as this person may see it: public ones, those for the entity they speak for, and to the secretariat
    all. To who is not ``inside`` the Group as of the asking there are none of its own topics: raises Refusal(not_found)."""
    topic = page["topic"]
    if topic in OF_THE_GROUP and not inside:
        raise Refusal.not_found(f"There are no matters of {topic} for you to see.")
    if by.is_secretariat or by.is_system:
        return dict(page)
    own = [by.entity] if by.entity and by.speaks_for(by.entity) else []
    return {**page, "items": [item for item in page["items"] if is_for(topic, item["matter"], own)]}


def published(event: Mapping[str, Any]) -> Matter:
    """``documents.published``: an issue paper or an information note is public."""
    paper = _paper(event)
    return Matter(
        PUBLICATIONS,
        "published",
        title={"en": f"{paper['en']} published: {event['title']}", "fr": f"{paper['fr']} publié{_e(event)} : {event['title']}"},
        summary=dict.fromkeys(("en", "fr"), event["summary"] or event["title"]),
        at=event["at"],
        url=event["url"],
        pillars=list(event["pillars"]),
        data=_told(event, "document", "kind", "number", "title", "language", "digest"),
    )


def presented(event: Mapping[str, Any], at: datetime) -> Matter:
    """``documents.presented``: a publication was, or will be, presented. ``at``: the event's instant."""
    paper = _paper(event)
    margins = event["on_margins_of"]
    where = f"{event['where']}, {event['when']}"
    return Matter(
        PUBLICATIONS,
        "presented",
        title={
            "en": f"{paper['en']} presented in {event['where']}: {event['title']}",
            "fr": f"{paper['fr']} présenté{_e(event)} à {event['where']} : {event['title']}",
        },
        summary={
            "en": f"{where}, on the margins of {margins}." if margins else f"{where}.",
            "fr": f"{where}, en marge de : {margins}." if margins else f"{where}.",
        },
        at=at,
        url=f"/documents/{event['document']}",
        data=_told(event, "document", "kind", "number", "title", "where", "when", "on_margins_of"),
    )


def statement_issued(event: Mapping[str, Any]) -> Matter:
    """``documents.statement_issued``: the Group spoke with one voice."""
    signatories = ", ".join(event["signatories"])
    return Matter(
        STATEMENTS,
        "statement_issued",
        title={"en": f"Joint statement: {event['title']}", "fr": f"Déclaration commune : {event['title']}"},
        summary={
            "en": f"{event['occasion']}. Signed by {signatories}.",
            "fr": f"{event['occasion']}. Signée par {signatories}.",
        },
        at=event["at"],
        url=event["url"],
        pillars=list(event["pillars"]),
        data=_told(event, "document", "title", "occasion", "digest", "signatories"),
    )


LANGUAGES: dict[str, Words] = {
    "en": {"en": "English", "fr": "anglais"},
    "fr": {"en": "French", "fr": "français"},
    "es": {"en": "Spanish", "fr": "espagnol"},
    "ru": {"en": "Russian", "fr": "russe"},
    "ar": {"en": "Arabic", "fr": "arabe"},
    "zh": {"en": "Chinese", "fr": "chinois"},
}


def language_published(event: Mapping[str, Any], at: datetime) -> Matter | None:
    """``documents.language_published``: a publication can be read in one more language. None when it became public with the document,
    which was told then. ``at``: the event's instant."""
    if event["with_document"]:
        return None
    paper, language = PAPERS[event["kind"]], LANGUAGES[event["language"]]
    return Matter(
        STATEMENTS if event["kind"] == "joint_statement" else PUBLICATIONS,
        "language_published",
        title={"en": f"Now in {language['en']}: {event['title']}", "fr": f"Désormais en {language['fr']} : {event['title']}"},
        summary={
            "en": f"{paper['en']}; it can now be read in {language['en']} too.",
            "fr": f"{paper['fr']} ; peut désormais se lire aussi en {language['fr']}.",
        },
        at=at,
        url=event["url"],
        pillars=list(event["pillars"]),
        data=_told(event, "document", "kind", "title", "language", "number", "digest"),
    )


def corrigendum_issued(event: Mapping[str, Any], at: datetime) -> Matter:
    """``documents.corrigendum_issued``: a publication was corrected. ``at``: the event's instant."""
    return Matter(
        PUBLICATIONS,
        "corrigendum_issued",
        title={"en": f"Corrigendum: {event['title']}", "fr": f"Rectificatif : {event['title']}"},
        summary=dict.fromkeys(("en", "fr"), event["note"]),
        at=at,
        url=event["url"],
        pillars=list(event["pillars"]),
        data=_told(event, "document", "kind", "title", "corrigendum", "revision", "digest", "earlier", "note", "language"),
    )


def comment_round_opened(event: Mapping[str, Any], at: datetime) -> Matter:
    """``documents.comment_round_opened``: the comments of these members are asked for. ``at``: the event's instant."""
    until = minute(event["deadline"])
    return _of_a_draft(
        "comment_round_opened",
        event,
        at,
        title={"en": "Comments asked for: {}", "fr": "Commentaires demandés : {}"},
        summary={"en": f"Until {until}.", "fr": f"Jusqu'au {until}."},
        page="/comments",
        told=("number", "deadline"),
        audience=event["asked"],
    )


def clearance_opened(event: Mapping[str, Any], at: datetime) -> Matter:
    """``documents.clearance_opened``: a text is before the entities that count. ``at``: the event's instant."""
    return _of_a_draft(
        "clearance_opened",
        event,
        at,
        title={"en": "Position asked for: {}", "fr": "Position demandée : {}"},
        summary=_procedure(event["by"], event["deadline"]),
        page="/clearance",
        told=("digest", "deadline", "by"),
        audience=event["counting"],
    )


def clearance_extended(event: Mapping[str, Any], at: datetime) -> Matter:
    """``documents.clearance_extended``: there is more time to take a position. ``at``: the event's instant."""
    return _of_a_draft(
        "clearance_extended",
        event,
        at,
        title={"en": "More time to take a position: {}", "fr": "Délai prolongé pour prendre position : {}"},
        summary=_extended(event["deadline"], event["earlier"]),
        page="/clearance",
        told=("digest", "deadline", "earlier"),
        audience=event["counting"],
    )


def clearance_passed(event: Mapping[str, Any], at: datetime, chairs: Sequence[str]) -> Matter:
    """``documents.clearance_passed``: the text is the Group's own; for those that counted, who drafted it, and the chair, who takes it
    on. A statement is from then on under embargo, and there for those alone that endorsed it, draft it or chair: nobody else is told.
    ``at``: the event's instant, ``chairs``: who chairs then."""
    heard = event["endorsed_by"] if event["kind"] == "joint_statement" else event["counting"]
    return _of_a_draft(
        "clearance_passed",
        event,
        at,
        title={"en": "Cleared: {}", "fr": "Approuvé : {}"},
        summary={
            "en": "The text is the Group's own." + _said(" Endorsed by {}.", event["endorsed_by"]),
            "fr": "Le texte est celui du Groupe." + _said(" Approuvé expressément par {}.", event["endorsed_by"]),
        },
        page="/clearance",
        told=("digest", "endorsed_by"),
        audience=[*heard, *event["drafters"], *chairs],
    )


def clearance_broken(event: Mapping[str, Any], at: datetime, chairs: Sequence[str]) -> Matter:
    """``documents.clearance_broken``: an entity's word, or its leaving, ended a clearance. ``at``: the event's instant, ``chairs``: who
    chairs then."""
    return _of_a_draft(
        "clearance_broken",
        event,
        at,
        title={"en": "Clearance broken: {}", "fr": "Procédure d'approbation rompue : {}"},
        summary={
            "en": f"By {event['entity']}. The text goes back to drafting.",
            "fr": f"Par {event['entity']}. Le texte revient à la rédaction.",
        },
        page="/clearance",
        told=("digest", "entity"),
        audience=[*event["counting"], *event["drafters"], *chairs],
    )


def clearance_lapsed(event: Mapping[str, Any], at: datetime, chairs: Sequence[str]) -> Matter:
    """``documents.clearance_lapsed``: the deadline came, and the text had not passed. ``at``: the event's instant, ``chairs``: who chairs
    then."""
    return _of_a_draft(
        "clearance_lapsed",
        event,
        at,
        title={"en": "Not cleared by its deadline: {}", "fr": "Non approuvé à l'échéance : {}"},
        summary={
            "en": "The text goes back to drafting." + _said(" No word came from {}.", event["awaiting"]),
            "fr": "Le texte revient à la rédaction." + _said(" Aucune position reçue de {}.", event["awaiting"]),
        },
        page="/clearance",
        told=("digest", "deadline", "awaiting"),
        audience=[*event["counting"], *event["drafters"], *chairs],
    )


PARTS: dict[str, tuple[Words, str]] = {
    "comments": ({"en": "Comments due {away}: {}", "fr": "Commentaires attendus {away} : {}"}, "/comments"),
    "position": ({"en": "Position due {away}: {}", "fr": "Position attendue {away} : {}"}, "/clearance"),
    "timetable": ({"en": "Overdue, {step}: {}", "fr": "En retard, {step} : {}"}, ""),
}
"""How the reminder of each part still to be done is headed, and the page of the document on which it is done."""

STEPS: dict[str, Words] = {
    "first_draft": {"en": "first draft", "fr": "premier projet"},
    "comments": {"en": "comments answered", "fr": "réponse aux commentaires"},
    "final_text": {"en": "final text", "fr": "texte final"},
    "clearance_opened": {"en": "opening of the clearance", "fr": "ouverture de la procédure d'approbation"},
    "cleared": {"en": "clearance", "fr": "approbation"},
    "languages": {"en": "other languages", "fr": "autres langues"},
    "issued": {"en": "issue", "fr": "publication"},
}
"""The steps of a statement's timetable."""


def document_reminded(event: Mapping[str, Any], at: datetime, chairs: Sequence[str]) -> Matter:
    """``documents.reminded``: entities have yet to do their part; of a timetable the chair is told as well. ``at``: the event's instant,
    ``chairs``: who chairs then."""
    heading, page = PARTS[event["about"]]
    away, step = _away(event["days"]), STEPS.get(event["step"] or "", {})
    also = chairs if event["about"] == "timetable" else []
    return _of_a_draft(
        "document_reminded",
        event,
        at,
        title={name: words.format("{}", away=away[name], step=step.get(name, "")) for name, words in heading.items()},
        summary=_awaited(event["deadline"], event["entities"]),
        page=page,
        told=("about", "step", "deadline", "days"),
        audience=[*event["entities"], *also],
    )


BECAUSE: dict[str, Words] = {
    "endorsement_withdrawn": {"en": "An endorsement was taken back ({})", "fr": "Une approbation a été retirée ({})"},
    "membership_ended": {"en": "A signatory left the Group ({})", "fr": "Un signataire a quitté le Groupe ({})"},
    "new_revision": {"en": "The text was changed ({})", "fr": "Le texte a été modifié ({})"},
    "not_endorsed": {"en": "Endorsements are missing ({})", "fr": "Des approbations manquent ({})"},
}
"""Why a statement is not issued, and by whose act or silence."""


def issue_stopped(event: Mapping[str, Any], at: datetime, chairs: Sequence[str]) -> Matter:
    """``documents.issue_stopped``: a statement will not be issued as things stand; for the chair, at once, and for who drafts it.
    ``at``: the event's instant, ``chairs``: who chairs then."""
    instant, entities = minute(event["issue_at"]), ", ".join(event["entities"]) or "–"
    why = {language: words.format(entities) for language, words in BECAUSE[event["because"]].items()}
    return _of_a_draft(
        "issue_stopped",
        event,
        at,
        title={"en": "Will not be issued as things stand: {}", "fr": "Ne sera pas publiée en l'état : {}"},
        summary={"en": f"{why['en']}. Its instant: {instant}.", "fr": f"{why['fr']}. Instant prévu : {instant}."},
        page="",
        told=("issue_at", "because", "entities"),
        audience=[*chairs, *event["drafters"]],
    )


def _of_a_draft(
    kind: str,
    event: Mapping[str, Any],
    at: datetime,
    *,
    title: Words,
    summary: Words,
    page: str,
    told: Sequence[str],
    audience: Sequence[str],
) -> Matter:
    """A matter of a text that is not public: the events tell its title and no more of it, and that to the Group alone."""
    paper = PAPERS[event["kind"]]
    return Matter(
        REMINDERS,
        kind,
        title={language: words.format(event["title"]) for language, words in title.items()},
        summary={"en": f"{paper['en']}. {summary['en']}", "fr": f"{paper['fr']}. {summary['fr']}"},
        at=at,
        url=f"/documents/{event['document']}{page}",
        data={"document_kind": event["kind"]} | _told(event, "document", "title", *told),
        audience=list(dict.fromkeys(audience)),
    )


def plan_adopted(event: Mapping[str, Any], at: datetime) -> Matter:
    """``workplan.plan_adopted``: the year's plan is in force. ``at``: the event's instant."""
    year, activities = event["year"], event["activities"]
    return Matter(
        WORKPLAN,
        "plan_adopted",
        title={"en": f"Workplan {year} adopted", "fr": f"Plan de travail {year} adopté"},
        summary={
            "en": _said("Endorsed by {}. ", event["endorsed_by"]) + f"Activities: {len(activities)}.",
            "fr": _said("Approuvé par {}. ", event["endorsed_by"]) + f"Activités : {len(activities)}.",
        },
        at=at,
        url=f"/workplans/{year}",
        pillars=sorted({pillar for activity in activities for pillar in activity["pillars"]}),
        data=_told(event, "year", "digest", "endorsed_by", "activities"),
    )


def consultation_opened(event: Mapping[str, Any], at: datetime) -> Matter | None:
    """``workplan.consultation_opened``: the views of these entities on a draft are asked for. None when it came back from adoption, of
    which they are told by how that ended. ``at``: the event's instant."""
    if event["again"]:
        return None
    return _of_a_plan(
        "consultation_opened",
        event,
        at,
        title={"en": "Views asked for: {}", "fr": "Avis demandés : {}"},
        summary={
            "en": "The draft is in consultation, and can still be changed.",
            "fr": "Le projet est en consultation, et peut encore être modifié.",
        },
        told=(),
        audience=event["asked"],
    )


def adoption_opened(event: Mapping[str, Any], at: datetime) -> Matter:
    """``workplan.adoption_opened``: a plan, or an amendment of one, is before the entities that count. ``at``: the event's instant."""
    return _of_a_plan(
        "adoption_opened",
        event,
        at,
        title={"en": "Position asked for: {}", "fr": "Position demandée : {}"},
        summary=_procedure(event["procedure"], event["deadline"]),
        told=("deadline", "procedure"),
        audience=event["counting"],
    )


def adoption_extended(event: Mapping[str, Any], at: datetime) -> Matter:
    """``workplan.adoption_extended``: there is more time to take a position. ``at``: the event's instant."""
    return _of_a_plan(
        "adoption_extended",
        event,
        at,
        title={"en": "More time to take a position: {}", "fr": "Délai prolongé pour prendre position : {}"},
        summary=_extended(event["deadline"], event["before"]),
        told=("deadline", "before"),
        audience=event["counting"],
    )


def adoption_reminded(event: Mapping[str, Any], at: datetime) -> Matter:
    """``workplan.adoption_reminded``: entities have yet to take a position. ``at``: the event's instant."""
    away, (heading, _) = _away(event["days"]), PARTS["position"]
    return _of_a_plan(
        "adoption_reminded",
        event,
        at,
        title={language: words.format("{}", away=away[language]) for language, words in heading.items()},
        summary=_awaited(event["deadline"], event["entities"]),
        told=("deadline", "days"),
        audience=event["entities"],
    )


def adoption_broken(event: Mapping[str, Any], at: datetime, chairs: Sequence[str]) -> Matter:
    """``workplan.adoption_broken``: entities' words ended a silence. ``at``: the event's instant, ``chairs``: who chairs then."""
    objecting = ", ".join(event["objecting"])
    return _of_a_plan(
        "adoption_broken",
        event,
        at,
        title={"en": "Adoption broken: {}", "fr": "Adoption rompue : {}"},
        summary={"en": f"By {objecting}. The text can be changed again.", "fr": f"Par {objecting}. Le texte peut de nouveau être modifié."},
        told=("objecting",),
        audience=[*event["counting"], *chairs],
    )


def adoption_lapsed(event: Mapping[str, Any], at: datetime, chairs: Sequence[str]) -> Matter:
    """``workplan.adoption_lapsed``: the deadline came, and not all who count had agreed. ``at``: the event's instant, ``chairs``: who
    chairs then."""
    missing = ", ".join(event["awaiting"])
    return _of_a_plan(
        "adoption_lapsed",
        event,
        at,
        title={"en": "Not adopted by its deadline: {}", "fr": "Non adopté à l'échéance : {}"},
        summary={
            "en": f"Not agreed by {missing}. The text can be changed again.",
            "fr": f"Sans l'accord de {missing}. Le texte peut de nouveau être modifié.",
        },
        told=("awaiting",),
        audience=[*event["counting"], *chairs],
    )


def adoption_superseded(event: Mapping[str, Any], at: datetime) -> Matter:
    """``workplan.adoption_superseded``: positions that were asked for, or taken, are on a text that is no longer before the entities.
    ``at``: the event's instant."""
    return _of_a_plan(
        "adoption_superseded",
        event,
        at,
        title={"en": "No longer before the entities: {}", "fr": "N'est plus soumis aux entités : {}"},
        summary={
            "en": "The text changed, or was taken back. Positions taken on it no longer count.",
            "fr": "Le texte a changé, ou a été repris. Les positions prises à son sujet ne comptent plus.",
        },
        told=(),
        audience=event["counting"],
    )


def amendment_adopted(event: Mapping[str, Any], at: datetime, chairs: Sequence[str]) -> Matter:
    """``workplan.amendment_adopted``: the plan changed as it was proposed. ``at``: the event's instant, ``chairs``: who chairs then."""
    return _of_a_plan(
        "amendment_adopted",
        event,
        at,
        title={"en": "Adopted: {}", "fr": "Adopté : {}"},
        summary={
            "en": "The plan is changed accordingly." + _said(" Endorsed by {}.", event["endorsed_by"]),
            "fr": "Le plan est modifié en conséquence." + _said(" Approuvé expressément par {}.", event["endorsed_by"]),
        },
        told=("activity", "endorsed_by"),
        audience=[*event["counting"], *chairs],
    )


def _of_a_plan(
    kind: str, event: Mapping[str, Any], at: datetime, *, title: Words, summary: Words, told: Sequence[str], audience: Sequence[str]
) -> Matter:
    """A matter of a plan that is not adopted, or of an amendment of one that is: the Group's own."""
    year, amendment = event["year"], event.get("amendment")
    named = {
        "en": f"Workplan {year}" + _said(", amendment {}", _some(amendment)),
        "fr": f"Plan de travail {year}" + _said(", amendement {}", _some(amendment)),
    }
    return Matter(
        REMINDERS,
        kind,
        title={language: words.format(named[language]) for language, words in title.items()},
        summary=summary,
        at=at,
        url=f"/workplans/{year}" + _said("/amendments/{}", _some(amendment)),
        data=_told(event, "year", "amendment", "digest", *told),
        audience=list(dict.fromkeys(audience)),
    )


def _procedure(by: str, deadline: datetime | None) -> Words:
    """In which way positions are asked for, and until when."""
    silence, until = by == "silence", _some(minute(deadline) if deadline else None)
    return {
        "en": f"By {'silence' if silence else 'express positions'}" + _said(", until {}", until) + ".",
        "fr": ("Par silence" if silence else "Par positions expresses") + _said(", jusqu'au {}", until) + ".",
    }


def _extended(deadline: datetime, earlier: datetime) -> Words:
    until, before = minute(deadline), minute(earlier)
    return {"en": f"Until {until}; it was {before}.", "fr": f"Jusqu'au {until} ; c'était le {before}."}


def _awaited(deadline: datetime, entities: Sequence[str]) -> Words:
    due, names = minute(deadline), ", ".join(entities)
    return {"en": f"Due {due}. Awaited from {names}.", "fr": f"Échéance : {due}. Attendu de {names}."}


STATUSES: dict[str, Words] = {
    "delivered": {"en": "delivered", "fr": "réalisées"},
    "under_way": {"en": "under way", "fr": "en cours"},
    "late": {"en": "late", "fr": "en retard"},
    "planned": {"en": "planned", "fr": "prévues"},
    "cancelled": {"en": "cancelled", "fr": "annulées"},
}
"""How a year's activities may have ended, in the order in which they are told."""


def plan_closed(event: Mapping[str, Any], at: datetime) -> Matter:
    """``workplan.plan_closed``: the year is over and its annual report given. ``at``: the event's instant."""
    year, statuses = event["year"], event["statuses"]
    counted = {
        language: ", ".join(f"{statuses[status]} {words[language]}" for status, words in STATUSES.items() if statuses.get(status))
        for language in ("en", "fr")
    }
    total = sum(statuses.values())
    return Matter(
        WORKPLAN,
        "plan_closed",
        title={"en": f"Annual report {year} published", "fr": f"Rapport annuel {year} publié"},
        summary={
            "en": f"The workplan {year} is closed. Activities: {total}" + _said(" ({})", _some(counted["en"])) + ".",
            "fr": f"Le plan de travail {year} est clos. Activités : {total}" + _said(" ({})", _some(counted["fr"])) + ".",
        },
        at=at,
        url=f"/workplans/{year}/report",
        data=_told(event, "year", "digest", "statuses", "report"),
    )


def term_started(event: Mapping[str, Any], at: datetime) -> Matter:
    """``chairs.term_started``: another entity chairs, or two. ``at``: the event's instant, 1 January."""
    year, chairs = event["year"], event["chairs"]
    several = len(chairs) > 1
    return Matter(
        CHAIRMANSHIP,
        "term_started",
        title={
            "en": f"{' and '.join(chairs)} {'co-chair' if several else 'chairs'} the Group in {year}",
            "fr": f"{' et '.join(chairs)} {'coprésident' if several else 'préside'} le Groupe en {year}",
        },
        summary={
            "en": f"The term runs from 1 January to 31 December {year}.",
            "fr": f"Le mandat court du 1er janvier au 31 décembre {year}.",
        },
        at=at,
        url="/chairs",
        data=_told(event, "year", "chairs"),
    )


BRIEFING_TITLES: dict[str, Words] = {
    "briefing_announced": {"en": "Briefing: {}", "fr": "Réunion d'information : {}"},
    "briefing_changed": {"en": "Briefing changed: {}", "fr": "Réunion d'information modifiée : {}"},
    "briefing_cancelled": {"en": "Briefing cancelled: {}", "fr": "Réunion d'information annulée : {}"},
}


CALENDAR = ("briefing", "uid", "revision", "title", "starts_at", "ends_at", "place", "agenda", "papers")
"""What of a briefing makes its entry in a calendar."""


def briefing(kind: str, event: Mapping[str, Any], at: datetime) -> Matter:
    """``workplan.briefing_announced``, ``…_changed`` or ``…_cancelled`` (``kind`` without its producer). ``uid`` and
    ``revision`` let a change update the entry that the announcement made in a reader's calendar. ``at``: the event's instant."""
    when, margins, reason = _when_and_where(event), event["on_margins_of"], event.get("reason")
    return Matter(
        BRIEFINGS,
        kind,
        title={language: words.format(event["title"]) for language, words in BRIEFING_TITLES[kind].items()},
        summary={
            "en": when + (f", on the margins of {margins}." if margins else ".") + (f" Reason: {reason}" if reason else ""),
            "fr": when + (f", en marge de : {margins}." if margins else ".") + (f" Motif : {reason}" if reason else ""),
        },
        at=at,
        url=f"/briefings/{event['briefing']}",
        pillars=list(event["pillars"]),
        data=_told(event, *CALENDAR, "kind", "on_margins_of", "capacity", "reply_by", "reason"),
    )


MEETING_TITLES: dict[str, Words] = {
    "meeting_called": {"en": "Meeting called: {}", "fr": "Réunion convoquée : {}"},
    "meeting_changed": {"en": "Meeting changed: {}", "fr": "Réunion modifiée : {}"},
    "meeting_cancelled": {"en": "Meeting cancelled: {}", "fr": "Réunion annulée : {}"},
    "meeting_reminded": {"en": "Meeting {days}: {}", "fr": "Réunion {days} : {}"},
}


def meeting(kind: str, event: Mapping[str, Any], at: datetime) -> Matter:
    """``workplan.meeting_called``, ``…_changed``, ``…_cancelled`` or ``…_reminded`` (``kind`` without its producer), for the entities
    that are expected. It is an entry in their calendars as a briefing is in its guests', but a reminder makes none: it does not know
    the agenda, and would replace an entry that has it by one that has not (RFC 5546, 2.1.4). ``at``: the event's instant."""
    days = _away(event["days"]) if "days" in event else {"en": "", "fr": ""}
    online, reason = _some(event["link"]), _some(event.get("reason"))
    when, unanswered = _when_and_where(event), event.get("unanswered", [])
    entry, agenda = () if kind == "meeting_reminded" else ("uid", "revision"), event.get("agenda", [])
    return Matter(
        REMINDERS,
        kind,
        title={language: words.format(event["title"], days=days[language]) for language, words in MEETING_TITLES[kind].items()},
        summary={
            "en": f"{when}." + _said(" Reason: {}", reason) + _said(" Answers awaited: {}.", unanswered) + _said("\nOnline: {}", online),
            "fr": f"{when}."
            + _said(" Motif : {}", reason)
            + _said(" Réponses attendues : {}.", unanswered)
            + _said("\nEn ligne : {}", online),
        },
        at=at,
        url=f"/meetings/{event['meeting']}",
        data=_told(event, "meeting", *entry, "title", "starts_at", "ends_at", "place", "link", "days", "unanswered", "reason")
        | {"agenda": [item["title"] for item in agenda], "papers": [_plain(paper) for item in agenda for paper in item["papers"]]},
        audience=list(event["entities"]),
    )


def action_assigned(event: Mapping[str, Any], at: datetime) -> Matter:
    """``workplan.action_assigned``: a meeting gave an entity something to do. ``at``: the event's instant."""
    return _action("action_assigned", event, at, {"en": "Action item", "fr": "Action à mener"})


def action_changed(event: Mapping[str, Any], at: datetime) -> Matter:
    """``workplan.action_changed``: it has another owner or date; told to who has it now, and to who had it. ``at``: the event's instant."""
    matter = _action("action_changed", event, at, {"en": "Action item changed", "fr": "Action à mener modifiée"})
    owners = dict.fromkeys((event["owner"], event["before"].get("owner", event["owner"])))
    reason = {"en": f" Reason: {event['reason']}", "fr": f" Motif : {event['reason']}"}
    return replace(matter, audience=list(owners), summary={language: said + reason[language] for language, said in matter.summary.items()})


def action_reminded(event: Mapping[str, Any], at: datetime) -> Matter:
    """``workplan.action_reminded``: what an entity has to do is due soon, today, or was. ``at``: the event's instant."""
    away, late = _away(event["days"]), event["days"] < 0
    due = {
        "en": f"Action item {'' if late else 'due '}{away['en']}",
        "fr": f"Action {'' if late else 'attendue '}{away['fr']}",
    }
    return _action("action_reminded", event, at, due)


def _action(kind: str, event: Mapping[str, Any], at: datetime, what: Words) -> Matter:
    due = minute(event["due"])
    return Matter(
        REMINDERS,
        kind,
        title={"en": f"{what['en']}: {event['what']}", "fr": f"{what['fr']} : {event['what']}"},
        summary={
            "en": f"{event['owner']} took this upon itself in the meeting “{event['title']}”. Due {due}.",
            "fr": f"Confiée à {event['owner']} lors de la réunion « {event['title']} ». Échéance : {due}.",
        },
        at=at,
        url=f"/meetings/{event['meeting']}",
        data=_told(event, "meeting", "title", "action", "what", "owner", "due", "days"),
        audience=[event["owner"]],
    )


def handover_reminded(event: Mapping[str, Any], at: datetime) -> Matter:
    """``chairs.handover_reminded``: the chair passes on soon, or today; for the troika. ``at``: the event's instant."""
    year, outgoing, incoming = event["year"], event["outgoing"], event["incoming"]
    away, unsigned = _away(event["days"]), event["unsigned"]
    return Matter(
        REMINDERS,
        "handover_reminded",
        title={
            "en": f"The chair passes on {away['en']}: handover to the term of {year}",
            "fr": f"La présidence change {away['fr']} : passation au mandat {year}",
        },
        summary={
            "en": f"1 January {year}"
            + _said(", from {}", outgoing)
            + _said(", to {}", incoming)
            + ". "
            + (_said("Signatures of the dossier awaited: {}.", unsigned) or "All have signed the dossier."),
            "fr": f"1er janvier {year}"
            + _said(", présidence sortante : {}", outgoing)
            + _said(", présidence entrante : {}", incoming)
            + ". "
            + (_said("Signatures du dossier attendues : {}.", unsigned) or "Tous ont signé le dossier."),
        },
        at=at,
        url=f"/chairs/handovers/{year}",
        data=_told(event, "year", "days", "outgoing", "incoming", "unsigned"),
        audience=list(event["entities"]),
    )


def handover_escalated(event: Mapping[str, Any], at: datetime) -> Matter:
    """``chairs.handover_escalated``: the term began on a dossier that not all have signed; for the secretariat. ``at``: the event's
    instant."""
    year, unsigned = event["year"], ", ".join(event["unsigned"])
    return Matter(
        REMINDERS,
        "handover_escalated",
        title={
            "en": f"Handover to the term of {year} not signed by {unsigned}",
            "fr": f"Passation au mandat {year} non signée par {unsigned}",
        },
        summary={
            "en": f"The term of {year} has begun, and signatures of its handover dossier are still awaited: {unsigned}.",
            "fr": f"Le mandat {year} a commencé, et des signatures de son dossier de passation sont encore attendues : {unsigned}.",
        },
        at=at,
        url=f"/chairs/handovers/{year}",
        data=_told(event, "year", "unsigned"),
        audience=[THE_SECRETARIAT],
    )


ChairsAt = Callable[[datetime], Sequence[str]]
Maker = Callable[[Mapping[str, Any], datetime, ChairsAt], Matter | None]
"""Makes the matter of an event from its data, its instant, and what tells who chairs at an instant, asked only where it matters."""


def _by_kind(make: Callable[[str, Mapping[str, Any], datetime], Matter], kind: str) -> Maker:
    return lambda event, at, chairs: make(kind, event, at)


def _with_chairs(make: Callable[[Mapping[str, Any], datetime, Sequence[str]], Matter]) -> Maker:
    return lambda event, at, chairs: make(event, at, chairs(at))


BY_EVENT: dict[str, Maker] = {
    "documents.published": lambda event, at, chairs: published(event),
    "documents.presented": lambda event, at, chairs: presented(event, at),
    "documents.statement_issued": lambda event, at, chairs: statement_issued(event),
    "documents.corrigendum_issued": lambda event, at, chairs: corrigendum_issued(event, at),
    "documents.language_published": lambda event, at, chairs: language_published(event, at),
    "documents.comment_round_opened": lambda event, at, chairs: comment_round_opened(event, at),
    "documents.clearance_opened": lambda event, at, chairs: clearance_opened(event, at),
    "documents.clearance_extended": lambda event, at, chairs: clearance_extended(event, at),
    "documents.clearance_passed": _with_chairs(clearance_passed),
    "documents.clearance_broken": _with_chairs(clearance_broken),
    "documents.clearance_lapsed": _with_chairs(clearance_lapsed),
    "documents.reminded": _with_chairs(document_reminded),
    "documents.issue_stopped": _with_chairs(issue_stopped),
    "workplan.consultation_opened": lambda event, at, chairs: consultation_opened(event, at),
    "workplan.adoption_opened": lambda event, at, chairs: adoption_opened(event, at),
    "workplan.adoption_extended": lambda event, at, chairs: adoption_extended(event, at),
    "workplan.adoption_reminded": lambda event, at, chairs: adoption_reminded(event, at),
    "workplan.adoption_broken": _with_chairs(adoption_broken),
    "workplan.adoption_lapsed": _with_chairs(adoption_lapsed),
    "workplan.adoption_superseded": lambda event, at, chairs: adoption_superseded(event, at),
    "workplan.amendment_adopted": _with_chairs(amendment_adopted),
    "workplan.plan_adopted": lambda event, at, chairs: plan_adopted(event, at),
    "workplan.plan_closed": lambda event, at, chairs: plan_closed(event, at),
    **{f"workplan.{kind}": _by_kind(briefing, kind) for kind in BRIEFING_TITLES},
    **{f"workplan.{kind}": _by_kind(meeting, kind) for kind in MEETING_TITLES},
    "workplan.action_assigned": lambda event, at, chairs: action_assigned(event, at),
    "workplan.action_changed": lambda event, at, chairs: action_changed(event, at),
    "workplan.action_reminded": lambda event, at, chairs: action_reminded(event, at),
    "chairs.term_started": lambda event, at, chairs: term_started(event, at),
    "chairs.handover_reminded": lambda event, at, chairs: handover_reminded(event, at),
    "chairs.handover_escalated": lambda event, at, chairs: handover_escalated(event, at),
}
"""What is told of an event, by its name."""


def _when_and_where(event: Mapping[str, Any]) -> str:
    return f"{span(event['starts_at'], event['ends_at'])}, {event['place']}"


def _away(days: int) -> Words:
    """How far away what is reminded of is; below nothing it is past."""
    if days == 0:
        return {"en": "today", "fr": "aujourd'hui"}
    if days == 1:
        return {"en": "tomorrow", "fr": "demain"}
    en, fr = (f"{abs(days)} day{'s' * (abs(days) > 1)}", f"{abs(days)} jour{'s' * (abs(days) > 1)}")
    return {"en": f"in {en}", "fr": f"dans {fr}"} if days > 0 else {"en": f"{en} late", "fr": f"en retard de {fr}"}


def _paper(event: Mapping[str, Any]) -> Words:
    words, number = PAPERS[event["kind"]], event["number"]
    return dict(words) if number is None else {"en": f"{words['en']} {number}", "fr": f"{words['fr']} n° {number}"}


def _e(event: Mapping[str, Any]) -> str:
    """The French participle's feminine ending: a note and a declaration have it."""
    return "" if event["kind"] == "issue_paper" else "e"


def _said(sentence: str, names: Sequence[str]) -> str:
    """The sentence about these names; nothing where there is none, as of a plan that silence adopted."""
    return sentence.format(", ".join(names)) if names else ""


def _some(value: str | None) -> list[str]:
    return [value] if value else []


def _told(event: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: _plain(event[name]) for name in names if name in event}


def _plain(value: Any) -> Any:
    """The value in JSON's own kinds; instants and dates in ISO 8601."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
