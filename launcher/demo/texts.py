"""What the entities write in the demo: the year's plan, one issue paper through its revisions, the joint statement, the beginnings
of two more papers, agendas and decisions; ``translated.py`` has the same in other languages. The subjects are on record (A/70
¶73–76, 79); every sentence is ours, and so is every amount of money, of which the record gives none, and every concrete action, of
which it says that none was ever listed (¶54)."""

from base64 import b64encode
from typing import Any

Sections = list[dict[str, str]]


def sections(**texts: str) -> Sections:
    """A text in order: each name is a heading, underscores read as spaces."""
    return [{"heading": name.replace("_", " "), "text": text} for name, text in texts.items()]


def rewritten(text: Sections, heading: str, words: str, instead: str) -> Sections:
    """The text with some words of one section replaced by others."""
    assert any(section["heading"] == heading and words in section["text"] for section in text), f"{heading!r} does not say {words!r}"
    return [section | {"text": section["text"].replace(words, instead)} if section["heading"] == heading else section for section in text]


def markdown(title: str, text: Sections) -> str:
    """The text as its drafter has it in a file of Markdown, with a page head that is the drafter's own, and a note that nothing calls."""
    written = "\n\n".join(f"## {section['heading']}\n\n{section['text']}" for section in text)
    return f"---\nstatus: first draft\n---\n\n# {title}\n\n{written}\n\n[^1]: To be checked with our statistics department.\n"


def base64(text: str) -> str:
    """The bytes of a text as they travel in JSON."""
    return b64encode(text.encode()).decode()


# The plan of the year ---------------------------------------------------------------------------------------------------------------------

WORKPLAN: list[dict[str, Any]] = [
    {
        "activity": "demand-paper",
        "title": "Issue paper: preventing trafficking by reducing demand",
        "lead": "ILO",
        "contributors": ["OHCHR", "UNODC", "UNHCR"],
        "pillars": ["prevention"],
        "paragraphs": [21, 22],
        "objective": "Say in one voice what the members have learned about demand, and what States can do about it.",
        "deliverables": [
            {"id": "paper", "kind": "document", "title": "The paper, published in the series", "due": "2014-06-30T16:00:00Z"},
        ],
        "milestones": [
            {"id": "first-draft", "title": "First full draft", "due": "2014-03-14T16:00:00Z"},
            {"id": "presented", "title": "Presented to States in Vienna", "due": "2014-10-31T16:00:00Z"},
        ],
        "needs": [{"id": "editing", "purpose": "Editing and layout", "amount": "8000", "currency": "CHF"}],
    },
    {
        "activity": "remedies-paper",
        "title": "Issue paper: effective remedies for trafficked persons",
        "lead": "OHCHR",
        "contributors": ["IOM", "UNICEF"],
        "pillars": ["protection"],
        "paragraphs": [39, 40],
        "objective": "Begin a paper on what a remedy must be to mend a life, beyond a sum of money.",
        "deliverables": [{"id": "begun", "kind": "outcome", "title": "A concept agreed and a first draft", "due": "2014-12-19T16:00:00Z"}],
        "milestones": [{"id": "concept", "title": "Concept agreed", "due": "2014-09-30T16:00:00Z"}],
        "needs": [{"id": "research", "purpose": "Policy research", "amount": "25000", "currency": "USD"}],
    },
    {
        "activity": "evaluation-paper",
        "title": "Issue paper: evaluating responses to trafficking",
        "lead": "IOM",
        "contributors": ["UNODC"],
        "pillars": ["prevention", "partnerships"],
        "paragraphs": [16, 58],
        "objective": "Begin a paper on how one can know whether a measure against trafficking does what it is meant to do.",
        "deliverables": [{"id": "begun", "kind": "outcome", "title": "A concept agreed", "due": "2014-12-19T16:00:00Z"}],
        "milestones": [],
        "needs": [{"id": "research", "purpose": "Policy research", "amount": "20000", "currency": "USD"}],
    },
    {
        "activity": "world-day",
        "title": "Joint statement for the World Day against Trafficking in Persons",
        "lead": "IOM",
        "contributors": ["ILO", "OHCHR", "UNHCR", "UNICEF", "UNODC"],
        "pillars": ["prevention", "partnerships"],
        "paragraphs": [18, 21],
        "objective": "Speak together on the first World Day, and be heard on it in all capitals at the same instant.",
        "deliverables": [{"id": "statement", "kind": "document", "title": "The statement, issued", "due": "2014-07-30T23:59:00Z"}],
        "milestones": [{"id": "cleared", "title": "Endorsed by every signatory", "due": "2014-07-25T15:00:00Z"}],
        "depends_on": ["demand-paper"],
    },
    {
        "activity": "meetings",
        "title": "Regular meetings of the working group",
        "lead": "UNODC",
        "contributors": ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF"],
        "pillars": ["partnerships"],
        "paragraphs": [11, 56, 59],
        "objective": "Exchange information, agree on policy and see the joint activities through.",
        "deliverables": [
            {"id": "geneva", "kind": "meeting", "title": "Meeting in Geneva", "due": "2014-06-30T16:00:00Z"},
            {"id": "vienna", "kind": "meeting", "title": "Meeting in Vienna", "due": "2014-10-31T16:00:00Z"},
            {
                "id": "new-york",
                "kind": "meeting",
                "title": "Meeting in New York",
                "due": "2015-01-31T16:00:00Z",
                "due_reason": "Held beside the consultation with permanent missions, in January.",
            },
        ],
        "milestones": [],
        "needs": [
            {"id": "secretariat", "purpose": "The secretariat's work for the Group", "amount": "60000", "currency": "USD"},
            {"id": "meetings", "purpose": "Rooms, interpretation and travel", "amount": "55000", "currency": "USD"},
        ],
    },
]

# What Sweden gives for the secretariat, for meetings and for policy research, by the activity that it is for.
FUNDING: list[dict[str, str]] = [
    {"activity": "meetings", "funding": "secretariat", "amount": "60000", "currency": "USD", "note": "For the secretariat."},
    {"activity": "meetings", "funding": "meetings", "amount": "40000", "currency": "USD", "note": "For meetings of the six."},
    {"activity": "remedies-paper", "funding": "research", "amount": "25000", "currency": "USD", "note": "For policy research."},
]

CONCRETE_ACTIONS: list[dict[str, Any]] = [
    {
        "action": "cabin-crews",
        "entity": "ICAO",
        "title": "Cabin crews who know what they see",
        "description": "A course for those who spend hours beside a passenger whom somebody else speaks for.",
        "pillars": ["prevention"],
        "paragraphs": [17, 23],
        "until": 2017,
        "letter": "Letter of 3 February 2014",
    },
    {
        "action": "guardians",
        "entity": "UNICEF",
        "title": "A guardian for every child found alone",
        "description": "In ten countries, a guardian named within a day, who stays until there is a lasting solution.",
        "pillars": ["protection"],
        "paragraphs": [37],
        "until": 2017,
    },
    {
        "action": "prosecutors",
        "entity": "UNODC",
        "title": "Prosecutors learn from one another's cases",
        "description": "Judgments collected with their reasoning, and prosecutors of neighbouring States around one table.",
        "pillars": ["prosecution"],
        "paragraphs": [43, 46],
        "until": 2016,
    },
]

# What the meeting in Geneva wants of the paper on remedies: more than a beginning, and more time.
PAPER_ON_REMEDIES = {
    "id": "paper",
    "kind": "document",
    "title": "The paper, published in the series",
    "due": "2015-06-30T16:00:00Z",
    "due_reason": "The six want it published, and that takes until the middle of 2015.",
}

# What UNICEF asked for in the consultation, and the lead wrote into the plan.
CHILDREN_TOO = "Say in one voice what the members have learned about demand, that for children among it, and what States can do about it."

# The paper on demand ----------------------------------------------------------------------------------------------------------------------

DEMAND_TITLE = "Preventing trafficking in persons by reducing demand"
DEMAND_SUMMARY = "Why demand is more than one buyer's wish, where it can be reduced, and what States, employers and buyers can each do."

DEMAND_FIRST = sections(
    Why_demand=(
        "Trafficking pays because somebody, somewhere, gains from what trafficked people make and do. "
        "Most work against it has looked at those who are recruited and at those who recruit. "
        "This paper looks at the other end: at the buyers."
    ),
    What_is_meant=(
        "We speak of demand where a wish for cheap labour, goods or services meets a readiness not to ask how they come so cheap.\n\n"
        "- an employer who wants hands without obligations;\n"
        "- a business that orders below the cost of decent work;\n"
        "- a person who buys a service from someone who cannot refuse."
    ),
    What_has_been_learned=(
        "Punishing the buyer alone moves demand more often than it ends it. "
        "Where labour inspection reaches homes, farms and building sites, exploitation becomes dear and rare. "
        "Where recruitment fees are forbidden and the ban is enforced, debt no longer binds a worker to one employer."
    ),
    What_States_can_do=(
        "States can extend labour law to all who work, give inspectors the means to go where exploitation is, "
        "and buy, as the largest customers there are, only what was made freely."
    ),
)

DEMAND_RIGHTS = (
    "only what was made freely.",
    " No measure against demand may worsen the lot of those it is meant to free: each is weighed by what it does to their rights.",
)
"""What OHCHR adds in Word, and after which words."""

DEMAND_WITH_RIGHTS = rewritten(DEMAND_FIRST, "What States can do", DEMAND_RIGHTS[0], "".join(DEMAND_RIGHTS))

# What two drafters write at once, each in a section of their own; and what the first of them writes in the other's.
AT_ONCE_ILO = " It names no country, for what it says holds in many."
AT_ONCE_OHCHR = " A right to change employers does the same."
AT_ONCE_BOTH = " Where workers can complain in their own language, it comes to light."
AT_HOME_ILO = " What they buy they can ask about in every contract."

DEMAND_AT_HOME = rewritten(
    rewritten(DEMAND_WITH_RIGHTS, "What has been learned", "to one employer.", f"to one employer.{AT_ONCE_BOTH}"),
    "What States can do",
    "to their rights.",
    f"to their rights.{AT_HOME_ILO}",
)
DEMAND_MERGED = rewritten(
    rewritten(DEMAND_AT_HOME, "Why demand", "the other end: at the buyers.", f"the other end: at the buyers.{AT_ONCE_ILO}"),
    "What has been learned",
    "to one employer.",
    f"to one employer.{AT_ONCE_OHCHR}",
)

DEMAND_COMMENTS: list[dict[str, Any]] = [
    {
        "entity": "UNHCR",
        "at": "2014-04-01T11:00:00Z",
        "section": 1,
        "quotation": "Most work against it has looked at those who are recruited and at those who recruit.",
        "text": "Please name refugees and asylum seekers: without papers or the right to work they are who is asked for.",
        "outcome": "accepted",
        "reason": "",
    },
    {
        "entity": "UNICEF",
        "at": "2014-04-02T11:00:00Z",
        "section": 2,
        "quotation": "a person who buys a service from someone who cannot refuse",
        "text": "A child can never consent; say so here, and not in a note.",
        "outcome": "accepted",
        "reason": "",
    },
    {
        "entity": "UNODC",
        "at": "2014-04-03T11:00:00Z",
        "section": 3,
        "quotation": "Punishing the buyer alone moves demand more often than it ends it.",
        "text": "The evidence differs from country to country. Either give sources or delete the sentence.",
        "outcome": "accepted_in_part",
        "reason": "The sentence stays, as what members have seen where they work, and says so.",
        "replies": [
            ("OHCHR", "We have it from our field offices, and no study that could be quoted."),
            ("UNODC", "Then say that members have seen it, and where."),
        ],
    },
    {
        "entity": "IOM",
        "at": "2014-04-09T11:00:00Z",
        "section": 4,
        "quotation": "give inspectors the means to go where exploitation is",
        "text": "Could this become a list of model provisions?",
        "outcome": "rejected",
        "reason": "A list would double the paper; it is kept for an information note.",
    },
    {
        "entity": "IOM",
        "at": "2014-04-09T11:30:00Z",
        "section": 1,
        "quotation": AT_ONCE_ILO.strip(),
        "text": "Those who read this will look for their own country in any case. Strike it.",
        "outcome": "accepted",
        "reason": "",
    },
]

DEMAND_FINAL = rewritten(
    rewritten(
        rewritten(
            DEMAND_MERGED,
            "Why demand",
            f"This paper looks at the other end: at the buyers.{AT_ONCE_ILO}",
            "This paper looks at the other end: at the buyers, and at why they find refugees, asylum seekers and others without papers.",
        ),
        "What is meant",
        "a person who buys a service from someone who cannot refuse.",
        "a person who buys a service from someone who cannot refuse, and from a child, who can never consent.",
    ),
    "What has been learned",
    "Punishing the buyer alone moves demand more often than it ends it.",
    "Where our members work, punishing the buyer alone has moved demand more often than it has ended it.",
)

DEMAND_LETTER = """Letter of 6 May 2014

UNHCR endorses the issue paper on demand, as it was put before the working group on 28 April 2014.
"""

DEMAND_CORRECTED = rewritten(
    DEMAND_FINAL, "What has been learned", "Where recruitment fees are forbidden", "Where recruitment fees paid by workers are forbidden"
)
DEMAND_NOTE = "Section “What has been learned”: it is fees paid by workers that are meant, not those paid by employers."

# The statement of the first World Day -----------------------------------------------------------------------------------------------------

STATEMENT_TITLE = "No demand, no trade"
STATEMENT_SUMMARY = "The members' first joint statement: what trafficked people are made to produce and to do finds buyers, and need not."

STATEMENT_FIRST = sections(
    One_voice=(
        "Today is the first World Day against Trafficking in Persons. We work for migrants and refugees, for workers and for children, "
        "for human rights and for justice, and use it to say one thing together."
    ),
    Our_call=(
        "Trafficked people sew, harvest, build, clean and are sold, because what they are made to do finds buyers. "
        "We call on all who buy, order or employ to ask who made it, and how. "
        "We call on States to make the honest answer the easy one."
    ),
)

STATEMENT_COMMENT = {
    "entity": "OHCHR",
    "at": "2014-06-26T10:00:00Z",
    "section": 2,
    "quotation": "We call on States to make the honest answer the easy one.",
    "text": "Add the duty towards those already harmed: protection and remedy are owed to them whoever the buyer was.",
    "outcome": "accepted",
    "reason": "",
}

STATEMENT_FINAL = rewritten(
    STATEMENT_FIRST,
    "Our call",
    "We call on States to make the honest answer the easy one.",
    "We call on States to make the honest answer the easy one, and to stand by those already harmed, who are owed protection and remedy.",
)

# The two papers begun ---------------------------------------------------------------------------------------------------------------------

REMEDIES_TITLE = "Effective remedies for trafficked persons"
REMEDIES_SUMMARY = "From the right to a remedy to a remedy that can be had: information, residence, counsel, compensation, recovery."
REMEDIES_FIRST = sections(
    The_question=(
        "A right to a remedy stands in many laws, and few trafficked persons ever receive one. "
        "This first draft follows one case from release to the last instalment of compensation, and notes where it can stop."
    ),
)

EVALUATION_TITLE = "Evaluating responses to trafficking in persons"
EVALUATION_SUMMARY = "How to know whether a measure works when those it is for are hidden, few are counted, and nobody counted before."

# The consultation with missions -----------------------------------------------------------------------------------------------------------

CONSULTATION_TITLE = "Consultation with permanent missions on the Group's activities and priorities for 2015 and beyond"
CONSULTATION_AGENDA = [
    "The past year: what was planned and what came of it",
    "Priorities for 2015 and beyond, as the working group sees them",
    "The missions' views and questions",
    "How and how often to meet from now on",
]

# Meetings of the six ----------------------------------------------------------------------------------------------------------------------

GENEVA: dict[str, Any] = {
    "meeting": "geneva-2014",
    "title": "Meeting of the working group in Geneva",
    "place": "Palais des Nations, Geneva",
    "agenda": [
        {"item": "plan", "title": "The year's plan at half-time", "papers": [{"title": "Workplan 2014", "url": "/workplans/2014"}]},
        {"item": "statement", "title": "A first joint statement for the World Day"},
        {"item": "papers", "title": "The papers to follow"},
    ],
}
GENEVA_DECISIONS = [
    {"item": "statement", "text": "The six speak together on 30 July, on demand; IOM drafts."},
    {"item": "papers", "text": "The paper on remedies is to be published, and the plan amended to say so."},
]
GENEVA_ACTIONS = [
    {"action": "draft-statement", "what": "Draft a statement for 30 July", "owner": "IOM", "due": "2014-06-27T16:00:00Z"},
    {"action": "remedies-concept", "what": "Bring the concept of the paper on remedies", "owner": "OHCHR", "due": "2014-09-15T16:00:00Z"},
]

VIENNA: dict[str, Any] = {
    "meeting": "vienna-2014",
    "title": "Meeting of the working group in Vienna",
    "place": "Vienna International Centre",
    "agenda": [
        {"item": "plan", "title": "What the year still owes"},
        {"item": "chairs", "title": "The chair after 2015"},
    ],
}
VIENNA_DECISIONS = [
    {"item": "chairs", "text": "The chair puts the rota for 2016 to 2018 to the six in writing, within the week."},
]
VIENNA_ACTIONS = [
    {"action": "examples", "what": "Send examples of remedies for children", "owner": "UNICEF", "due": "2015-01-16T16:00:00Z"},
]

NEW_YORK: dict[str, Any] = {
    "meeting": "new-york-2015",
    "title": "Meeting of the working group in New York",
    "place": "United Nations Headquarters, New York",
    "agenda": [
        {"item": "consultation", "title": "Before the consultation with permanent missions"},
        {"item": "plan", "title": "What goes over into the plan of 2015"},
    ],
}
NEW_YORK_DECISIONS = [
    {"item": "plan", "text": "What 2014 leaves unfinished is carried over; the plan of 2014 is closed with its report."},
]

HANDOVER_NOTE = "Two papers are begun and have no funds beyond Sweden's, which end with 2015: a donor must be found by the summer."

FOREWORD = "The first year with a statement of our own. What we begin together we now mean to finish together."
