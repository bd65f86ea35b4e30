"""One mail of each kind, in any language, for tests that read them and for those that look at them."""

from services.kernel import utc
from services.notifications.channels import Parcel
from services.notifications.rules import matters

AT = utc(2015, 1, 5, 9)
SITE = "https://icat.example"
TITLES = {"es": "Consulta con las misiones", "ru": "Консультация с миссиями", "ar": "مشاورة مع البعثات الدائمة", "zh": "与常驻代表团的磋商"}
SUMMARIES = {
    "es": "Se ruega confirmar la asistencia.",
    "ru": "Просьба подтвердить участие.",
    "ar": "يرجى تأكيد الحضور قبل 15 كانون الثاني/يناير. رقم القاعة S-2725 (New York).",
    "zh": "请确认是否出席。",
}
BRIEFING = {
    "briefing": "consultation-2015",
    "uid": "consultation-2015@icat.example",
    "revision": 0,
    "title": "Consultation <with> permanent missions",
    "kind": "consultation",
    "starts_at": utc(2015, 1, 20, 15),
    "ends_at": utc(2015, 1, 20, 17),
    "place": "New York",
    "on_margins_of": "the Commission on Crime Prevention and Criminal Justice, at its reconvened twenty-third session",
    "agenda": [
        "Priorities for 2015; and beyond",
        "The paragraphs of the Global Plan of Action, and which of them nobody serves yet",
    ],
    "papers": [{"title": "Programme", "url": "/documents/programme"}, {"title": "الورقة الأولى", "url": "/documents/paper-1"}],
    "pillars": [],
}


def briefing(kind: str = "briefing_announced", **changes) -> dict:
    """A briefing as numbered, said in the six languages."""
    matter = matters.briefing(kind, {**BRIEFING, **changes}, AT)
    told = {name: value for name, value in vars(matter).items() if name not in ("topic", "audience")}
    told |= {"title": told["title"] | TITLES, "summary": told["summary"] | SUMMARIES}
    told["data"] = told["data"] | {"reply_by": "2015-01-15T23:00:00Z"}
    return {"topic": matter.topic, "number": 4, "matter": told}


def paper(number: int, title: str = "Preventing trafficking in persons by addressing demand", summary: str = "") -> dict:
    """A publication as numbered."""
    words = {"en": title, "fr": f"{title} (fr)"}
    summary = summary or "What the members of the Group found out about demand, and what they recommend. " * 3
    said = {"en": summary, "fr": summary}
    matter = {
        "kind": "published",
        "title": words,
        "summary": said,
        "at": AT,
        "url": f"/documents/paper-{number}",
        "pillars": [],
        "data": {},
    }
    return {"topic": "publications", "number": number, "matter": matter}


def note(title: str = "Mail to you is suspended", url: str = "/subscribers/BRAZIL", **data) -> dict:
    """A note to one subscriber."""
    french = "L'envoi de courrier est suspendu"
    summary = {"en": "Mail to it came back: 5.1.1.\nConfirm the address anew.", "fr": "Le courrier est revenu.\nConfirmez l'adresse."}
    return {
        "kind": "subscription_suspended",
        "title": {"en": title, "fr": french},
        "summary": summary,
        "at": AT,
        "url": url,
        "data": data,
    }


def parcels(language: str) -> dict[str, Parcel]:
    """One of each kind, by its name."""
    to = ("desk@brazil.example", language)
    links = {
        "token": "sub-1.proof-of-subscription",
        "replies": {"consultation-2015": "sub-1.proof-of-reply"},
        "bounce": "sub-1.abcdefghijklmnopqrst",
    }
    asking = {"owner": "Permanent Mission of Brazil", "topics": ("briefings", "statements")}
    return {
        "announced": Parcel("briefings_4_BRAZIL_sub-1", *to, told=briefing(), **links),
        "changed": Parcel("briefings_5_BRAZIL_sub-1", *to, told=briefing("briefing_changed", revision=1), **links),
        "cancelled": Parcel("briefings_6_BRAZIL_sub-1", *to, told=briefing("briefing_cancelled", revision=2, reason="Snow."), **links),
        "published": Parcel("publications_7_BRAZIL_sub-1", *to, told=paper(7), **links),
        "digest": Parcel("digest_sub-1_20150105T0800Z", *to, items=(paper(7), briefing(), paper(8)), **links),
        "suspended": Parcel("note_1_sub-1", *to, note=note(), **links),
        "place": Parcel("note_2_sub-1", *to, note=note("You have a place", briefing="consultation-2015"), **links),
        "confirmation": Parcel("confirmation_BRAZIL_sub-1", *to, token="sub-1.confirms-this-address", **asking),
        "invitation": Parcel("invitation_BRAZIL_inv-1", *to, token="inv-1.accepts", invited="Permanent Mission of Brazil"),
    }
