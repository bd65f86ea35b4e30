"""The account as people read it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from launcher.demo.account import CHANNELS, Account, attended
from launcher.demo.outside import text_of
from launcher.demo.story import (
    ANEW,
    BOUNCING,
    BY_INVITATION,
    BY_NUMBER,
    DESK,
    GATHERED,
    MISSIONS,
    ORDINARY,
    PAUSING,
    QUIET,
    ROTATING,
    mail_of,
)

WAYS = {
    BY_INVITATION: "what it chose; an inbox, a feed and a calendar besides",
    ROTATING: "its webhook's secret replaced",
    BY_NUMBER: "its queue from June; what was before, by number",
    QUIET: "not at night",
    BOUNCING: "its mailbox closed for a month, then caught up",
    PAUSING: "paused, then caught up",
    ANEW: "a paper once more",
}
"""In which way a mission was told, where it was another than of all at once."""


def lines(account: Account, home: Path, memory: dict[str, float]) -> Iterator[str]:
    """The account, line by line. ``memory``: MiB by process."""
    yield "\nWho did what"
    yield from _of_the_chair(account)
    yield from _of_the_plan(account)
    yield from _of_the_meetings(account)
    yield from _of_the_papers(account)
    yield f"  Changes made by   {', '.join(f'{name} {count}' for name, count in _changes(account).most_common())}"

    yield "\nWhat the missions were told"
    for item in sorted(account.matters, key=lambda item: item["matter"]["at"]):
        matter = item["matter"]
        yield f"  {matter['at'][:10]}  {item['topic']:<12} {item['number']}  {matter['title']['en']}"

    yield "\nWhat the six were reminded of, and the secretariat"
    for item in sorted(account.reminders, key=lambda item: item["matter"]["at"]):
        matter = item["matter"]
        yield f"  {matter['at'][:10]}  {_whom(account, matter['audience']):<14}  {matter['title']['en']}"
    received = ", ".join(f"{'the secretariat' if code == DESK else code} {count}" for code, count in account.reminded().items())
    yield f"  In their mailboxes: {received}; in the missions' none."

    yield f"\nWhat {MISSIONS[BY_INVITATION]} received, in which language, and where it finds that"
    for told in account.brazil:
        yield f"  {told.at[:10]:<10}  {told.language}  {', '.join(told.where):<27}  {told.title}"

    yield "\nWhat each mission received"
    width = max(map(len, MISSIONS.values()))
    yield f"      {'':<{width}} {'mail':>6} {'webhook':>8} {'queue':>6}  in"
    for code, counted in account.wire.by_mission().items():
        mail, webhook, queue = (counted.get(channel, "") for channel in CHANNELS)
        way = f"digests, of {account.gathered.total()} matters" if code == GATHERED else WAYS.get(code, "")
        spoken = ", ".join(account.languages(code))
        yield f"  {code} {MISSIONS[code]:<{width}} {mail:>6} {webhook:>8} {queue:>6}  {spoken}  {way}".rstrip()
    total, purposes = account.wire.by_channel(), account.by_purpose()
    yield f"      {'together':<{width}} {total['mail']:>6} {total['webhook']:>8} {total['amqp']:>6}"
    yield f"  Each of the {len(ORDINARY)} that asked for all at once has every matter once on each of its channels, and its own notes."
    yield f"  Messages: with one matter {purposes['matter']}, digests {purposes['digest']}, notes {purposes['note']}."
    sent = "Matters sent {sent}, failed {failed}".format(**account.to_missions())
    yield f"  {sent}; every webhook's signature was checked, every queue read with the missions' own client."

    yield "\nThe secretariat's board"
    for row in sorted(account.board, key=lambda row: row["announced_at"]):
        which = f"{row['announced_at'][:10]}  {row['topic']:<12} {row['number']}"
        channels = ", ".join(f"{channel} {tally['sent']}" for channel, tally in sorted(row["by_channel"].items()))
        yield f"  {which}  sent {row['sent']} ({channels}), failed {row['failed']}, waiting {row['waiting']}"

    yield "\nWhere to look"
    mailbox = account.story.mail
    yield f"  Mails: {len(mailbox.mails())} files in {home / 'mail'}; logs: {home / 'logs'}. The last mail to Brazil begins:"
    last = mailbox.mails(mail_of("BRA"))[-1]
    yield f"    Subject: {last['Subject']}"
    yield from (f"    {line}" for line in text_of(last).splitlines()[:8] if line.strip())
    services = ", ".join(f"{name} {size:.0f}" for name, size in memory.items())
    yield f"  Events in the journals: {account.events}. Memory of the five processes: {sum(memory.values()):.0f} MiB ({services})."


def _of_the_chair(account: Account) -> Iterator[str]:
    yield f"  In the chair      {_terms(account.chairs())}"
    handover = account.handover
    signed = ", ".join(f"{signature['entity']} on {signature['at'][:10]}" for signature in handover["signatures"])
    yield f"  Handover {handover['year']}     signed by {signed}; escalated {handover['escalated_at'][:10]}, when the term began"
    yield f"  To chair          {_terms([term for term in account.history['terms'] if term['state'] == 'adopted'])}"
    seated = (record for record in account.history["entities"] if record["seated_since"])
    turns = [f"{record['entity']} {len(record['chaired'])} ({record['balance']:+.2f})" for record in seated]
    yield f"    turns so far    {', '.join(turns)}; in brackets, how far above or below a fair share"


def _of_the_plan(account: Account) -> Iterator[str]:
    plan, total = account.plan, account.report["total"]
    yield f"  Workplan {plan['year']}     {plan['state'].replace('_', ' ')}; endorsed by {_and(plan['endorsed_by'])}"
    yield f"    planned against delivered: {total['delivered']} of {total['deliverables']} deliverables, {total['on_time']} on time"
    for activity in plan["activities"]:
        promised = activity["deliverables"]
        done = f"{sum(item['delivered_at'] is not None for item in promised)} of {len(promised)}"
        goes_on = f"; goes on in {activity['carried_to']['year']}" if activity["carried_to"] else ""
        whom = f"{activity['lead']}, with {_and(activity['contributors'])}"
        yield f"    {activity['activity']:<16}  {account.status(activity):<10} {done:<7} {whom}{goes_on}"
    for amendment in plan["amendments"]:
        yield f"    amended         {amendment['settled_at'][:10]}: {amendment['reason']}"
    for row in account.report["funding"]["balance"]:
        figures = f"{row['needed']} needed, {row['secured']} secured, {row['gap']} still to be found"
        yield f"    money           {row['currency']} {figures} (amounts are the demo's own)"
    gaps = account.coverage["gaps"]
    yield f"    coverage        {61 - len(gaps)} of 61 paragraphs, {len(account.measures)} concrete actions counted; gaps: {_spans(gaps)}"
    yield f"  Workplan {account.drafted['year']}     {account.drafted['state']}, opened {account.drafted['opened_at']} by the term itself"
    for activity in account.drafted["activities"]:
        yield f"    {activity['activity']:<16}  carried over from {activity['carried_from']['year']}"


def _of_the_meetings(account: Account) -> Iterator[str]:
    for meeting in account.meetings:
        done = sum(action["state"] == "done" for action in meeting["actions"])
        results = f"decisions: {len(meeting['decisions'])}" + (f", action items done: {done} of {len(meeting['actions'])}" if done else "")
        yield f"  Meeting           {meeting['starts_at'][:10]}, {meeting['place']}: {_and(attended(meeting))}; {results}"
    when = f"{account.briefing['place']}, {account.briefing['starts_at']}"
    yield f"  Consultation      {when}; in the calendars of {len(set(account.invited()))} mailboxes"
    guests = account.guests
    coming = ", ".join(f"{reply['subscriber']} {len(reply['people'])}" for reply in guests["replies"] if reply["place"] == "given")
    counted = f"{guests['coming']} of {guests['capacity']} places ({coming}); regrets {guests['regrets']}, silent {guests['silent']}"
    yield f"    who comes       {counted}"


def _of_the_papers(account: Account) -> Iterator[str]:
    paper, statement = account.paper, account.statement
    written = Counter(revision["entity"] for revision in paper["revisions"])
    yield f"  Issue paper {paper['number']}     “{paper['title']}”, published {paper['published_at']}"
    yield f"    written by      {', '.join(f'{entity} (revisions: {count})' for entity, count in written.items())}"
    answered = [f"{comment['entity']} ({comment['disposition']['outcome'].replace('_', ' ')})" for comment in account.comments]
    yield f"    commented by    {', '.join(answered)}"
    words = [f"{row['entity']} {_said(row['positions'][-1])}" for row in account.paper_board if row["positions"]]
    yield f"    cleared by      {', '.join(words)}"
    languages = ", ".join(f"{version['language']} ({version['title']})" for version in paper["languages"])
    yield f"    other languages {languages}"
    for corrected in paper["corrigenda"]:
        yield f"    corrected       {corrected['at'][:10]}: {corrected['note']}"
    for shown in paper["presentations"]:
        yield f"    presented in    {shown['where']}, {shown['when']}; {shown['on_margins_of']}"
    for begun in account.begun.values():
        yield f"  Begun             “{begun['title']}”, {begun['state'].replace('_', ' ')}; led by {begun['lead']}"
    yield f"  Joint statement   “{statement['title']}”, {statement['occasion']}; issued {statement['published_at']}"
    endorsed = {row["entity"]: row["positions"][-1]["at"] for row in account.signed if row["word"] == "endorse"}
    yield f"    endorsed by     {_and(list(endorsed))}, the last one at {max(endorsed.values())}"
    yield f"    other languages {', '.join(version['language'] + ' (' + version['title'] + ')' for version in statement['languages'])}"
    yield f"  Files made        {', '.join(f'{format} {count}' for format, count in sorted(account.story.files.items()))}"


def _whom(account: Account, audience: list[str]) -> str:
    """Whom a reminder is for, in few words."""
    if {*audience} == {*account.story.six}:
        return "the six"
    return ", ".join(audience) if len(audience) < 4 else f"{len(audience)} members"


def _changes(account: Account) -> Counter[str]:
    """How many changes each person made, the missions' people taken together; who confirms by a link does so as a visitor."""
    counted: Counter[str] = Counter()
    for name, count in account.story.api.changes.items():
        counted["missions" if name.upper() in MISSIONS else "links in mails" if name == "visitor" else name] += count
    return counted


def _terms(terms: list[dict[str, Any]]) -> str:
    return "; ".join(f"{_and(term['chairs'])} {term['year']}" for term in terms)


def _and(codes: list[str]) -> str:
    return ", ".join([*codes[:-2], " and ".join(codes[-2:])])


def _spans(numbers: list[int]) -> str:
    """Numbers with those in a row drawn together: 1–3, 7."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][-1] == number - 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    return ", ".join(str(span[0]) if len(span) == 1 else f"{span[0]}–{span[-1]}" for span in spans)


def _said(position: dict[str, Any]) -> str:
    how = " by silence" if position["tacit"] else " by letter" if position["on_behalf"] else ""
    return position["word"].replace("_", " ") + how
