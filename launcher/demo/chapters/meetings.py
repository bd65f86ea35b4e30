"""The meetings of the six in Geneva, Vienna and New York, and the consultation with permanent missions."""

from typing import Any

from launcher.demo import texts
from launcher.demo.api import eventually
from launcher.demo.outside import entries_of, invited_to
from launcher.demo.story import Story, mail_of, must


def geneva(story: Story) -> None:
    """The six are called to Geneva; the meeting moves, and with it the entry in everyone's calendar."""
    story.now("2014-05-22T10:00:00Z")
    called = _call(story, "IOM", texts.GENEVA, "2014-06-10")
    story.told("reminders", "meeting_called", meeting=called["meeting"])
    story.now("2014-05-26T10:00:00Z")
    moved = story.people["IOM"].patch(
        f"/meetings/{called['meeting']}",
        starts_at="2014-06-12T08:00:00Z",
        ends_at="2014-06-12T15:00:00Z",
        reason="The room is free two days later.",
    )
    story.moved = moved["meeting"]
    must((moved["uid"], moved["revision"]) == (called["uid"], called["revision"] + 1), "a meeting that moves stays the same entry")
    story.told("reminders", "meeting_changed", meeting=called["meeting"], revision=moved["revision"])
    eventually("the meeting moved in every calendar", lambda: _moved_in_calendars(story, moved))
    story.tell(f"The six are called to Geneva; the meeting moves to {moved['starts_at'][:10]}: one calendar entry, by mail and in the feed")

    story.now("2014-05-28T10:00:00Z")
    story.people["OHCHR"].post(
        f"/meetings/{called['meeting']}/agenda",
        item="voices",
        title="Hearing those who have been trafficked",
        papers=[{"title": texts.DEMAND_TITLE, "url": f"/documents/{story.paper}"}],
    )
    _reply(story, called["meeting"], absent="UNICEF")
    story.tick("2014-06-05T08:00:00Z")
    story.tick("2014-06-11T08:00:00Z")
    story.now("2014-06-13T09:00:00Z")
    met = _record(story, "IOM", called["meeting"], texts.GENEVA_DECISIONS, texts.GENEVA_ACTIONS, absent="UNICEF")
    story.delivered("UNODC", "meetings", "geneva", "Met in Geneva.")
    story.tell(_met(met, "Geneva"))


def vienna_is_called(story: Story) -> None:
    """The six are called to Vienna, where the Conference of the Parties meets the same week."""
    story.now("2014-09-29T15:00:00Z")
    called = _call(story, "IOM", texts.VIENNA, "2014-10-08")
    story.told("reminders", "meeting_called", meeting=called["meeting"])
    _reply(story, called["meeting"])


def vienna(story: Story) -> None:
    """The six meet in Vienna; one of them takes something upon itself."""
    story.tick("2014-10-07T08:00:00Z")
    story.now("2014-10-09T09:00:00Z")
    met = _record(story, "IOM", texts.VIENNA["meeting"], texts.VIENNA_DECISIONS, texts.VIENNA_ACTIONS)
    story.delivered("UNODC", "meetings", "vienna", "Met in Vienna, beside the Conference.")
    story.tell(_met(met, "Vienna"))


def new_york_is_called(story: Story) -> None:
    """The outgoing chair calls the meeting that the incoming one will lead."""
    story.now("2014-12-04T10:00:00Z")
    called = _call(story, "IOM", texts.NEW_YORK, "2015-01-21")
    story.told("reminders", "meeting_called", meeting=called["meeting"])
    story.tell(f"The six are called to {called['place']} on {called['starts_at'][:10]}, a day before the missions are heard")


def the_consultation(story: Story) -> None:
    """The new chair invites the missions to a consultation; the invitation is an entry for their calendars."""
    story.now("2015-01-05T10:00:00Z")
    briefing = story.people["UNHCR"].post(
        "/briefings",
        briefing="consultation-2015",
        title=texts.CONSULTATION_TITLE,
        kind="consultation",
        starts_at="2015-01-22T15:00:00Z",
        ends_at="2015-01-22T17:00:00Z",
        place="New York",
        agenda=texts.CONSULTATION_AGENDA,
        papers=[{"title": texts.DEMAND_TITLE, "url": f"/documents/{story.paper}"}],
        capacity=6,
        reply_by="2015-01-20T15:00:00Z",
    )
    story.briefing = briefing["briefing"]
    story.told("briefings", "briefing_announced", briefing=story.briefing)
    chairs = f"there are {briefing['capacity']} chairs"
    story.tell(f"UNHCR announces a consultation with the missions in {briefing['place']}, {briefing['starts_at']}; {chairs}")


def before_new_york(story: Story) -> None:
    """The six reply; an action item that its owner was reminded of is done."""
    meeting = texts.NEW_YORK["meeting"]
    story.now("2015-01-06T10:00:00Z")
    _reply(story, meeting)
    (action,) = texts.VIENNA_ACTIONS
    story.tick("2015-01-09T16:00:00Z")
    story.told("reminders", "action_reminded", action=action["action"], days=7)
    story.now("2015-01-13T10:00:00Z")
    story.completed(action["owner"], texts.VIENNA, action["action"], "Eleven examples, with what they cost.")
    story.tell(f"{action['owner']} is reminded of what it took upon itself in Vienna, and has done it in time")
    story.tick("2015-01-14T08:00:00Z")
    story.tick("2015-01-20T08:00:00Z")


def new_york(story: Story) -> None:
    """The six meet in New York, beside the consultation."""
    meeting = texts.NEW_YORK["meeting"]
    story.now("2015-01-23T10:00:00Z")
    met = _record(story, "UNHCR", meeting, texts.NEW_YORK_DECISIONS, [])
    story.delivered("UNODC", "meetings", "new-york", "Met in New York, beside the consultation.")
    story.tell(_met(met, "New York"))


def the_calendars(story: Story) -> None:
    """The calendar of all and that of one entity, as any calendar program reads them."""
    ohchr = story.people["OHCHR"]
    of_all = entries_of(ohchr.fetch("/calendar.ics"))
    own = entries_of(ohchr.fetch("/entities/OHCHR/calendar.ics"))
    of_missions = entries_of(story.people["BRA"].fetch("/calendar.ics"))
    must(len({entry["uid"] for entry in of_all}) == len(of_all), "each entry stands in the calendar once")
    must(set(entry["uid"] for entry in of_missions) == {f"briefing-{story.briefing}@icat"}, "missions see briefings alone")
    story.calendars = {"all": len(of_all), "OHCHR": len(own), "missions": len(of_missions)}
    story.tell(
        f"Calendars to subscribe to: {len(of_all)} entries for the Group, {len(own)} for OHCHR, who has its own due dates among them, "
        f"{len(of_missions)} for missions"
    )


def _call(story: Story, chair: str, meeting: dict[str, Any], day: str) -> dict[str, Any]:
    return story.people[chair].post("/meetings", **meeting, starts_at=f"{day}T08:00:00Z", ends_at=f"{day}T15:00:00Z")


def _reply(story: Story, meeting: str, absent: str = "") -> None:
    for code in story.six:
        said = {"attending": "no"} if code == absent else {"attending": "yes", "people": [f"Focal point of {code}"]}
        story.people[code].post(f"/meetings/{meeting}/replies", entity=code, **said)


def _record(
    story: Story, chair: str, meeting: str, decisions: list[dict[str, Any]], actions: list[dict[str, Any]], absent: str = ""
) -> dict[str, Any]:
    """Who was there, what was decided, who took what upon itself; returns the meeting."""
    at, person = f"/meetings/{meeting}", story.people[chair]
    person.post(f"{at}/attendance", attendance=[{"entity": code, "attended": code != absent} for code in story.six])
    for decision in decisions:
        person.post(f"{at}/decisions", **decision)
    for action in actions:
        person.post(f"{at}/actions", **action)
    return person.get(at)


def _met(meeting: dict[str, Any], place: str) -> str:
    there = [row["entity"] for row in meeting["attendance"] if row["attended"]]
    decided = f"{len(meeting['decisions'])} decision{'s' * (len(meeting['decisions']) > 1)}"
    taken = "".join(f"; {action['owner']} takes on “{action['what']}” by {action['due'][:10]}" for action in meeting["actions"])
    return f"{', '.join(there)} met in {place}: {decided}{taken}"


def _moved_in_calendars(story: Story, meeting: dict[str, Any]) -> bool:
    """Whether each of the six was mailed one entry, at its first revision and at the new one, and the feed has it at the new."""
    revisions = [(meeting["uid"], number) for number in range(meeting["revision"] + 1)]
    by_mail = all(
        sorted((entry["uid"], entry["sequence"]) for mail in story.mail.mails(mail_of(code)) for entry in invited_to(mail)) == revisions
        for code in story.six
    )
    feed = entries_of(story.people["OHCHR"].fetch("/calendar.ics"))
    return by_mail and [entry["sequence"] for entry in feed if entry["uid"] == meeting["uid"]] == [meeting["revision"]]
