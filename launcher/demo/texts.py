"""What the entities write in the demo: the year's plan, one issue paper through its revisions, the joint statement, and the
beginnings of two more papers. The subjects are on record (A/70 ¶73, 74, 79); every sentence is ours."""

from typing import Any

Sections = list[dict[str, str]]


def sections(**texts: str) -> Sections:
    """A text in order: each name is a heading, underscores read as spaces."""
    return [{"heading": name.replace("_", " "), "text": text} for name, text in texts.items()]


def rewritten(text: Sections, heading: str, words: str, instead: str) -> Sections:
    """The text with some words of one section replaced by others."""
    assert any(section["heading"] == heading and words in section["text"] for section in text), f"{heading!r} does not say {words!r}"
    return [section | {"text": section["text"].replace(words, instead)} if section["heading"] == heading else section for section in text]


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
    },
]

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

DEMAND_WITH_RIGHTS = rewritten(
    DEMAND_FIRST,
    "What States can do",
    "and buy, as the largest customers there are, only what was made freely.",
    "and buy, as the largest customers there are, only what was made freely. "
    "No measure against demand may worsen the lot of those it is meant to free: each is weighed by what it does to their rights.",
)

DEMAND_COMMENTS: list[dict[str, Any]] = [
    {
        "entity": "UNHCR",
        "section": 1,
        "quotation": "Most work against it has looked at those who are recruited and at those who recruit.",
        "text": "Please name refugees and asylum seekers: without papers or the right to work they are who is asked for.",
        "outcome": "accepted",
        "reason": "",
    },
    {
        "entity": "UNICEF",
        "section": 2,
        "quotation": "a person who buys a service from someone who cannot refuse",
        "text": "A child can never consent; say so here, and not in a note.",
        "outcome": "accepted",
        "reason": "",
    },
    {
        "entity": "UNODC",
        "section": 3,
        "quotation": "Punishing the buyer alone moves demand more often than it ends it.",
        "text": "The evidence differs from country to country. Either give sources or delete the sentence.",
        "outcome": "accepted_in_part",
        "reason": "The sentence stays, as what members have seen where they work, and says so.",
    },
    {
        "entity": "IOM",
        "section": 4,
        "quotation": "give inspectors the means to go where exploitation is",
        "text": "Could this become a list of model provisions?",
        "outcome": "rejected",
        "reason": "A list would double the paper; it is kept for an information note.",
    },
]

DEMAND_FINAL = rewritten(
    rewritten(
        rewritten(
            DEMAND_WITH_RIGHTS,
            "Why demand",
            "This paper looks at the other end: at the buyers.",
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
