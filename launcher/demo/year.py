"""The Group's year, chapter after chapter: who does what, when, and what the others then see."""

from launcher.demo.chapters import chair, group, library, meetings, missions, papers, plan, statement
from launcher.demo.story import Story

CHAPTERS = (
    # 2013: the ground
    group.the_group,
    chair.the_rota,
    group.the_readers,
    missions.the_invitation,
    group.the_series,
    # 2014
    chair.the_first_of_january,
    missions.the_first_morning,
    plan.the_draft,
    plan.the_sheet,
    plan.the_adoption,
    plan.the_money,
    plan.the_measures,
    statement.taken_up,
    papers.the_rule,
    papers.the_files,
    papers.two_at_once,
    papers.the_comments,
    papers.the_clearance,
    papers.the_publication,
    missions.it_comes_back,
    meetings.geneva,
    plan.the_amendment,
    missions.silences,
    library.the_corrigendum,
    missions.the_return,
    statement.the_drafting,
    statement.the_signatures,
    statement.the_languages,
    statement.the_instant,
    papers.two_more_papers,
    meetings.vienna_is_called,
    chair.ninety_days_before,
    meetings.vienna,
    papers.the_presentation,
    chair.the_years_after,
    meetings.new_york_is_called,
    papers.remedies_is_commented,
    chair.the_handover,
    # 2015
    chair.the_next_term,
    meetings.the_consultation,
    missions.the_replies,
    meetings.before_new_york,
    missions.the_reminders,
    meetings.new_york,
    plan.the_carrying_over,
    plan.the_report,
    meetings.the_calendars,
    missions.the_feeds,
    library.the_shelves,
)
"""In the order of their dates: what the clock has passed, no order changes."""


class Year(Story):
    """The story with its chapters."""

    def run(self) -> None:
        """All chapters, in order. Raises Unexpected where the platform does not answer as it should."""
        for chapter in CHAPTERS:
            chapter(self)
        self.settled()
