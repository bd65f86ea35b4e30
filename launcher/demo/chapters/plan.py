"""The plan of the year: drafted by the six, changed in a spreadsheet, adopted, amended, carried over, and closed with its report."""

from datetime import datetime
from functools import partial
from typing import Any
from xml.etree import ElementTree

from launcher.demo import texts
from launcher.demo.api import eventually, once_heard
from launcher.demo.sheet import Sheet
from launcher.demo.story import FACTS, NOT_HEARD_YET, Story, must

PLAN = "/workplans/2014"


def the_draft(story: Story) -> None:
    """Each lead drafts its activities, with what they need and what must come before them; a circle of these is refused."""
    story.now("2014-01-13T09:30:00Z")
    for activity in texts.WORKPLAN:
        once_heard(partial(story.people[activity["lead"]].post, f"{PLAN}/activities", **activity), *NOT_HEARD_YET)
    drafted = ", ".join(f"{activity['activity']} ({activity['lead']})" for activity in texts.WORKPLAN)
    story.tell(f"Drafted for 2014: {drafted}")
    circle = story.people["ILO"].refused(422, "PATCH", f"{PLAN}/activities/demand-paper", depends_on=["world-day"])
    story.tell(f"The statement waits for the paper; that the paper wait for the statement is refused ({circle['rule']})")
    must(story.people["BRA"].find(PLAN) is None, "a mission knows of no draft")


def the_sheet(story: Story) -> None:
    """In the consultation the chair takes the plan home as a spreadsheet, and brings it back changed: all of it, or nothing."""
    iom = story.people["IOM"]
    story.now("2014-01-20T09:30:00Z")
    draft = iom.post(f"{PLAN}/consultation")
    story.draft = draft["digest"]
    taken = iom.fetch(f"{PLAN}/plan.xlsx")

    story.now("2014-01-24T16:00:00Z")
    bad = Sheet(taken)
    bad.write("Activities", ("demand-paper",), "Global Plan paragraphs", "21, 62")
    bad.write("Milestones", ("remedies-paper", "concept"), "Due (UTC)", datetime(2016, 3, 1, 12))
    bad.write("Needs", ("meetings", "meetings"), "Currency", "ZZZ")
    problems = iom.check(f"{PLAN}/imports/checks", bad.saved())["problems"]
    refused = iom.refused_sheet(422, f"{PLAN}/imports", bad.saved())
    must(len(problems) == len(refused["problems"]) == 3, "each of the three mistakes in the sheet is told")
    must(iom.get(PLAN)["digest"] == draft["digest"], "a sheet with a mistake changes nothing")
    where = "; ".join(f"{problem['sheet']} {problem['cell']}, {problem['heading']} ({problem['rule']})" for problem in problems)
    story.tell(f"A spreadsheet of the plan comes back with {len(problems)} mistakes, and nothing changes: {where}")

    story.now("2014-01-27T14:00:00Z")
    good = Sheet(taken)
    good.write("Activities", ("demand-paper",), "Objective", texts.CHILDREN_TOO)
    good.write("Milestones", ("demand-paper", "first-draft"), "Due (UTC)", datetime(2014, 3, 21, 16))
    must(iom.check(f"{PLAN}/imports/checks", good.saved())["changed"] == ["demand-paper"], "the check tells what would change")
    imported = iom.send(f"{PLAN}/imports", good.saved())
    story.tell(
        f"UNICEF asks that the paper name children: the sheet is put right and taken in; changed is {', '.join(imported['changed'])}, "
        f"{len(imported['unchanged'])} activities stand as they were"
    )


def the_adoption(story: Story) -> None:
    """The six adopt by six express positions bound to the plan's exact text."""
    story.now("2014-02-03T09:00:00Z")
    plan = story.people["IOM"].post(f"{PLAN}/adoption", by="express", deadline="2014-02-14T16:00:00Z")
    stale = story.people["UNICEF"].refused(412, "POST", f"{PLAN}/positions", digest=story.draft, word="endorse")
    story.tell(f"UNICEF's word on the text of January is refused ({stale['rule']}): a position binds one exact text")
    for hour, code in enumerate(plan["adoption"]["counting"], 9):
        story.now(f"2014-02-11T{hour:02}:00:00Z")
        plan = story.people[code].post(f"{PLAN}/positions", digest=plan["digest"], word="endorse")
    must(plan["state"] == "in_force", "the plan is in force with the last word")
    story.told("workplan", "plan_adopted", year=2014)
    story.tell(f"The workplan 2014 is adopted, endorsed by {', '.join(plan['endorsed_by'])}")


def the_money(story: Story) -> None:
    """Sweden's contribution is recorded for the secretariat, the meetings and policy research: it ends with 2015, and leaves gaps."""
    given = FACTS["funding"]
    story.now("2014-02-12T10:00:00Z")
    for funding in texts.FUNDING:
        of = story.activity(funding["activity"])["lead"]
        said = {name: value for name, value in funding.items() if name != "activity"}
        story.people[of].post(f"{PLAN}/activities/{funding['activity']}/funding", **said, donor=given["donor"], ends=given["ends"])
    needs = [(activity["activity"], row) for activity in story.secretariat.get(PLAN)["activities"] for row in activity["balance"]]
    gaps = ", ".join(f"{activity} {_money(row, 'gap')}" for activity, row in needs if float(row["gap"]))
    story.tell(f"{given['donor']}'s money is recorded until the end of 2015; still to be found: {gaps} (amounts are the demo's own)")


def the_measures(story: Story) -> None:
    """Members declare concrete actions of their own; the coverage of the Global Plan shows what nothing serves."""
    story.now("2014-02-13T10:00:00Z")
    for action in texts.CONCRETE_ACTIONS:
        (story.secretariat if "letter" in action else story.people[action["entity"]]).post("/concrete-actions", **action)
    coverage = story.secretariat.get(f"{PLAN}/coverage")
    picture = ElementTree.fromstring(story.secretariat.fetch(f"{PLAN}/coverage.svg"))
    must(picture.tag.endswith("svg"), "the coverage is a picture")
    story.tell(f"Members' own measures, of the demo's invention: {', '.join(action['title'] for action in texts.CONCRETE_ACTIONS)}")
    served = ", ".join(f"{part['pillar']} {len(part['served'])} of {part['last'] - part['first'] + 1}" for part in coverage["pillars"])
    story.tell(f"With them the year serves of the Global Plan's paragraphs: {served}; {len(coverage['gaps'])} gaps; the picture is drawn")


def the_amendment(story: Story) -> None:
    """What the six want beyond the adopted plan is an amendment, cleared by silence; the baseline keeps what was adopted first."""
    ohchr, iom = story.people["OHCHR"], story.people["IOM"]
    story.now("2014-06-13T11:00:00Z")
    promised = [*_wording(story.activity("remedies-paper")["deliverables"]), texts.PAPER_ON_REMEDIES]
    ohchr.post(
        f"{PLAN}/amendments",
        amendment="publish-remedies",
        kind="change",
        activity="remedies-paper",
        changes={"deliverables": promised},
        reason="Decided in Geneva: the paper is to be published, and not only begun.",
    )
    iom.post(f"{PLAN}/amendments/publish-remedies/clearance", by="silence", deadline="2014-06-20T16:00:00Z")
    story.tick("2014-06-20T16:00:00Z")
    plan = iom.get(PLAN)
    must([amendment["state"] for amendment in plan["amendments"]] == ["adopted"], "silence until the deadline adopts the amendment")
    before = iom.get(f"{PLAN}/baseline")
    must(before["digest"] == plan["baseline"] != plan["digest"], "the baseline stays what was adopted first")
    story.tell(f"Silence until {story.api.at} amends the plan; beside its baseline: {_difference(before, plan)}")


def the_carrying_over(story: Story) -> None:
    """What the year leaves unfinished goes on in the next year's draft."""
    story.now("2015-01-26T10:00:00Z")
    plan = story.people["UNHCR"].post(f"{PLAN}/carry-over")
    carried = [activity for activity in plan["activities"] if activity["carried_from"]]
    must([activity["activity"] for activity in carried] == ["remedies-paper"], "what is not delivered is carried over, and nothing else")
    (activity,) = carried
    must([row["id"] for row in activity["deliverables"]] == ["paper"], "what was delivered stays behind")
    eventually("the activity continued in the next year", lambda: story.activity("remedies-paper")["carried_to"])
    donors = ", ".join(f"{funding['donor']} {_money(funding, 'amount')}" for funding in activity["funding"])
    story.tell(f"Carried over into 2015: {activity['activity']}, with what it still owes, and with the money that lasts ({donors})")


def the_report(story: Story) -> None:
    """The plan is closed; its annual report is made of the record, for everyone to read."""
    story.now("2015-01-30T10:00:00Z")
    unhcr = story.people["UNHCR"]
    plan = unhcr.post(f"{PLAN}/closure", foreword=texts.FOREWORD)
    must(plan["state"] == "closed", "the plan is closed")
    story.told("workplan", "plan_closed", year=2014)
    report, page = story.people["BRA"].get(f"{PLAN}/report"), story.people["BRA"].fetch(f"{PLAN}/report.html").decode()
    must(report["final"] and report["digest"] == plan["report"], "the report that all read is the one that was kept")
    must(texts.FOREWORD in page and texts.DEMAND_TITLE in page, "the page tells what the report does")
    total = report["total"]
    story.tell(
        f"The plan 2014 is closed with its annual report: {total['delivered']} of {total['deliverables']} deliverables delivered, "
        f"{total['on_time']} on time; {total['carried_over']} activity carried over"
    )


def _wording(deliverables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: item[name] for name in ("id", "kind", "title", "due", "due_reason")} for item in deliverables]


def _difference(baseline: dict[str, Any], plan: dict[str, Any]) -> str:
    """What the plan promises and its baseline does not."""
    first = {(a["id"], d["id"]) for a in baseline["substance"]["activities"] for d in a["deliverables"]}
    now = {(a["activity"], d["id"]): d for a in plan["activities"] for d in a["deliverables"]}
    return "; ".join(f"{of[0]} also promises “{item['title']}” by {item['due'][:10]}" for of, item in now.items() if of not in first)


def _money(row: dict[str, Any], what: str) -> str:
    return f"{float(row[what]):,.0f} {row['currency']}"
