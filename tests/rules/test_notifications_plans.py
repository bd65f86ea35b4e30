"""What is told of a plan before it is adopted, and of its amendments: to those whom it awaits, with the page on which they act."""

import pytest

from services.kernel import utc
from services.notifications.rules import matters
from services.notifications.rules.matters import OF_THE_GROUP

AT = utc(2014, 2, 3, 9)
DEADLINE = utc(2014, 2, 14, 16)
PLAN = {"year": 2014, "amendment": None, "digest": "5d" * 32, "counting": ["ILO", "IOM"]}
AMENDMENT = PLAN | {"amendment": "publish-remedies"}
OPENED = {"procedure": "silence", "deadline": DEADLINE}
ADOPTED = AMENDMENT | {"kind": "change", "activity": "remedies", "endorsed_by": []}


def test_a_consultation_is_told_to_those_asked_unless_they_were_told_why_it_is_back():
    opened = {"year": 2014, "digest": "5d" * 32, "again": False, "asked": ["ILO", "IOM"]}
    told = matters.consultation_opened(opened, AT)
    assert (told.topic, told.audience, told.url, told.at) == ("reminders", ["ILO", "IOM"], "/workplans/2014", AT)
    assert told.title == {"en": "Views asked for: Workplan 2014", "fr": "Avis demandés : Plan de travail 2014"}
    assert matters.consultation_opened(opened | {"again": True}, AT) is None


def test_those_who_count_are_asked_for_their_position():
    plan = matters.adoption_opened(PLAN | OPENED, AT)
    assert (plan.audience, plan.url) == (["ILO", "IOM"], "/workplans/2014")
    assert plan.title == {"en": "Position asked for: Workplan 2014", "fr": "Position demandée : Plan de travail 2014"}
    assert plan.summary["en"] == "By silence, until 2014-02-14 16:00 UTC."
    amendment = matters.adoption_opened(AMENDMENT | {"procedure": "express", "deadline": None}, AT)
    assert amendment.url == "/workplans/2014/amendments/publish-remedies"
    assert amendment.title["en"] == "Position asked for: Workplan 2014, amendment publish-remedies"
    assert amendment.title["fr"] == "Position demandée : Plan de travail 2014, amendement publish-remedies"
    assert amendment.summary == {"en": "By express positions.", "fr": "Par positions expresses."}
    assert (amendment.data["amendment"], amendment.data["deadline"]) == ("publish-remedies", None)


def test_more_time_and_that_it_runs_out_are_told():
    extended = matters.adoption_extended(PLAN | {"deadline": DEADLINE, "before": AT}, AT)
    assert extended.summary["fr"] == "Jusqu'au 2014-02-14 16:00 UTC ; c'était le 2014-02-03 09:00 UTC."
    assert extended.audience == ["ILO", "IOM"]
    reminded = matters.adoption_reminded(AMENDMENT | {"deadline": DEADLINE, "days": 3, "entities": ["IOM"]}, AT)
    assert reminded.title["en"] == "Position due in 3 days: Workplan 2014, amendment publish-remedies"
    assert reminded.title["fr"] == "Position attendue dans 3 jours : Plan de travail 2014, amendement publish-remedies"
    assert reminded.summary["en"] == "Due 2014-02-14 16:00 UTC. Awaited from IOM."
    assert reminded.audience == ["IOM"], "who has spoken is left in peace"


@pytest.mark.parametrize(
    ("matter", "title", "summary"),
    [
        (
            lambda: matters.adoption_broken(PLAN | {"objecting": ["ILO", "IOM"]}, AT, ["WHO", "IOM"]),
            {"en": "Adoption broken: Workplan 2014", "fr": "Adoption rompue : Plan de travail 2014"},
            {"en": "By ILO, IOM. The text can be changed again.", "fr": "Par ILO, IOM. Le texte peut de nouveau être modifié."},
        ),
        (
            lambda: matters.adoption_lapsed(PLAN | {"awaiting": ["IOM"]}, AT, ["WHO"]),
            {"en": "Not adopted by its deadline: Workplan 2014", "fr": "Non adopté à l'échéance : Plan de travail 2014"},
            {
                "en": "Not agreed by IOM. The text can be changed again.",
                "fr": "Sans l'accord de IOM. Le texte peut de nouveau être modifié.",
            },
        ),
        (
            lambda: matters.amendment_adopted(ADOPTED, AT, ["WHO"]),
            {
                "en": "Adopted: Workplan 2014, amendment publish-remedies",
                "fr": "Adopté : Plan de travail 2014, amendement publish-remedies",
            },
            {"en": "The plan is changed accordingly.", "fr": "Le plan est modifié en conséquence."},
        ),
    ],
)
def test_how_an_adoption_ends_is_told_to_who_counted_and_who_chairs(matter, title, summary):
    told = matter()
    assert (told.title, told.summary) == (title, summary)
    assert told.audience == ["ILO", "IOM", "WHO"]


def test_who_endorsed_an_amendment_is_told():
    told = matters.amendment_adopted(ADOPTED | {"endorsed_by": ["ILO", "IOM"]}, AT, [])
    assert told.summary["en"] == "The plan is changed accordingly. Endorsed by ILO, IOM."


def test_whose_position_is_stale_is_told():
    told = matters.adoption_superseded(PLAN | {"successor": "7e" * 32}, AT)
    assert told.title["fr"] == "N'est plus soumis aux entités : Plan de travail 2014"
    assert told.audience == ["ILO", "IOM"]


def test_what_does_not_say_whom_it_awaits_is_for_nobody_and_never_public():
    told = matters.adoption_extended(PLAN | {"counting": [], "deadline": DEADLINE, "before": AT}, AT)
    assert (told.topic in OF_THE_GROUP, told.audience) == (True, [])
