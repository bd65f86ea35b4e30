"""Who chairs: the order that the Group adopts, terms that begin by themselves, and how one chair hands over to the next."""

from collections import Counter
from typing import Any
from xml.etree import ElementTree

from launcher.demo import texts
from launcher.demo.api import eventually, once_heard
from launcher.demo.outside import entries_of
from launcher.demo.story import FACTS, Story, must, order_of


def the_rota(story: Story) -> None:
    """The rota is computed from the record; the Group adopts another order, and that one holds."""
    story.now("2013-12-02T10:00:00Z")
    tabled = story.secretariat.post("/chairs/rota/proposals", years=len(FACTS["adopted_terms"]))["tabled"]
    story.tell(f"The rota that follows from the record is put before the Group: {order_of(tabled['turns'])}")
    story.now("2013-12-06T15:00:00Z")
    turns = FACTS["adopted_terms"]
    story.secretariat.post("/chairs/rota/adoptions", turns=turns, decision=FACTS["adopted_terms_source"])
    for turn in turns:
        for code in turn["chairs"]:
            story.people[code].post(f"/chairs/terms/{turn['year']}/acceptances", entity=code)
    story.tell(f"The Group adopts its own order: {order_of(turns)}; both accept")
    eventually("the draft of the plan 2014, opened by the coming term", lambda: story.secretariat.find("/workplans/2014"))
    story.tell("The draft of the workplan 2014 opens by itself, from the coming term")


def the_first_of_january(story: Story) -> None:
    """Nobody presses anything: the term starts with the year."""
    story.tick("2013-12-31T23:59:59Z")
    must(story.chairs() == [], "nobody knows who chaired 2013, to its last second")
    story.tick("2014-01-01T00:00:00Z")
    story.told("chairmanship", "term_started", year=2014)
    story.tell(f"The term 2014 starts by itself: {' and '.join(story.chairs())} chairs")
    story.statement = _world_day(story, 2014)


def ninety_days_before(story: Story) -> None:
    """The clock reminds the troika, and the dossier of what a new chair inherits has filled itself."""
    story.tick("2014-10-03T00:00:00Z")
    story.told("reminders", "handover_reminded", year=2015, days=90)
    handover = _filled(story, "2014/remedies-paper", texts.VIENNA["meeting"])
    both = " and ".join(handover["outgoing"] + handover["incoming"])
    story.tell(f"Ninety days before the chair passes on, {both} are reminded; the dossier has filled itself: {_dossier(handover)}")


def the_years_after(story: Story) -> None:
    """The order after 2015 as the record gives it; two entities swap their years. History and forecast go out as picture and calendar."""
    ilo, unodc = story.people["ILO"], story.people["UNODC"]
    story.now("2014-10-13T10:00:00Z")
    tabled = story.people["IOM"].post("/chairs/rota/proposals", first_year=2016, years=3)["tabled"]["turns"]
    story.now("2014-10-14T10:00:00Z")
    story.secretariat.post("/chairs/rota/adoptions", turns=tabled, decision="Agreed in writing after the meeting in Vienna")
    story.tell(f"The order after 2015 is adopted as it follows from the record: {order_of(tabled)}")

    story.now("2014-10-20T10:00:00Z")
    first, second = tabled[:2]
    asked = ilo.post("/chairs/swaps", entity="ILO", year=2016, with_entity="UNODC", with_year=2017)
    must((first["chairs"], second["chairs"]) == (["ILO"], ["UNODC"]), "ILO and UNODC never chaired and come first")
    (swap,) = (swap for swap in asked["swaps"] if swap["state"] == "proposed")
    unodc.post(f"/chairs/swaps/{swap['swap']}/agreement")

    history = story.secretariat.get("/chairs/history", years=6)
    picture = ElementTree.fromstring(story.secretariat.fetch("/chairs/history.svg", years=6))
    must(picture.tag.endswith("svg"), "the timeline is a picture")
    terms = entries_of(story.api.visitor.fetch("/chairs/history.ics"))
    story.tell(
        f"ILO and UNODC swap their years: {order_of([term for term in history['terms'] if 2016 <= term['year'] <= 2018])}; "
        f"the timeline is drawn, and {len(terms)} terms are in the calendar for anyone"
    )
    never = [record["entity"] for record in history["entities"] if record["seated_since"] and not record["chaired"]]
    longest = ", ".join(history["longest_ago"])
    story.tell(f"Longest ago since they chaired: {longest}; never yet: {', '.join(never)}")


def the_handover(story: Story) -> None:
    """The outgoing chair writes what no record holds and signs; the incoming one does not come to it in time."""
    story.tick("2014-12-02T00:00:00Z")
    story.now("2014-12-08T10:00:00Z")
    story.people["IOM"].post("/chairs/handovers/2015/notes", text=texts.HANDOVER_NOTE)
    story.now("2014-12-10T10:00:00Z")
    _filled(story, story.begun["remedies-paper"], texts.NEW_YORK["meeting"])
    handover = _sign(story, "IOM", 2015)
    story.tell(f"IOM signs, with a note, what it hands over: {_dossier(handover)}; {' and '.join(handover['unsigned'])} has yet to")
    story.tick("2014-12-25T00:00:00Z")


def the_next_term(story: Story) -> None:
    """The year turns: the term ends, the next one begins, though its handover is not signed by all; the secretariat is told."""
    story.tick("2014-12-31T23:59:59Z")
    outgoing = story.chairs()
    story.tick("2015-01-01T00:00:00Z")
    story.told("chairmanship", "term_started", year=2015)
    story.told("reminders", "handover_escalated", year=2015, unsigned=["UNHCR"])
    story.tell(f"The term 2015 starts by itself: {' and '.join(story.chairs())} follows {' and '.join(outgoing)}")
    handover = story.secretariat.get("/chairs/handovers/2015")
    must(handover["state"] == "escalated", "what is unsigned at the turn of the year is escalated")
    story.tell(f"What {' and '.join(handover['unsigned'])} has not signed is put before the secretariat, and the term starts all the same")
    eventually("the draft of the plan 2015, opened by the term", lambda: story.secretariat.find("/workplans/2015"))
    story.tell("The draft of the workplan 2015 is open, by the event of the term")
    _world_day(story, 2015)

    story.now("2015-01-02T10:00:00Z")
    handover = _sign(story, "UNHCR", 2015)
    must(handover["state"] == "signed", "the handover is signed by both")
    story.tell(f"UNHCR signs too, a day late: the handover is {handover['state']}")


def _world_day(story: Story, year: int) -> str:
    """The statement for the year's World Day, which the platform itself proposes as the term starts, with its timetable."""
    statement = eventually(f"the proposal of a statement in {year}", lambda: story.secretariat.find(f"/documents/world-day-{year}"))
    must([statement["lead"], *statement["co_drafters"]] == story.chairs(), "who chairs leads the statement")
    steps = ", ".join(f"{step['step'].replace('_', ' ')} {step['due'][:10]}" for step in statement["timetable"])
    story.tell(f"So is the statement for {statement['issue_at'][:10]} proposed, led by {statement['lead']}; worked out backwards: {steps}")
    return statement["id"]


def _filled(story: Story, *matters: str) -> dict[str, Any]:
    """The handover to 2015, once its dossier has heard of these matters."""

    def heard() -> dict[str, Any] | None:
        handover = story.people["UNHCR"].get("/chairs/handovers/2015")
        return handover if {*matters} <= {matter["id"] for matter in handover["dossier"]} else None

    return eventually(f"a dossier that has heard of {', '.join(matters)}", heard)


def _dossier(handover: dict[str, Any]) -> str:
    """How many matters of which kind are open."""
    counted = Counter(matter["kind"].replace("_", " ") for matter in handover["dossier"])
    return ", ".join(f"{kind} {count}" for kind, count in sorted(counted.items()))


def _sign(story: Story, entity: str, year: int) -> dict[str, Any]:
    """An entity signs the dossier as it stands; while news still comes in, it reads again."""
    person, at = story.people[entity], f"/chairs/handovers/{year}"
    story.settled()
    return once_heard(lambda: person.post(f"{at}/signatures", entity=entity, digest=person.get(at)["digest"]), "signature-binds-dossier")
