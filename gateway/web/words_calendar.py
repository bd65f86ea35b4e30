"""What the pages say of the calendar, of meetings, and of members' concrete actions, in English and French."""

_LETTER_FOR = (
    "For an entity that wrote a letter: its date and sender.",
    "Au nom d’une entité qui a écrit : date et expéditeur de sa lettre.",
)
_JOINED = ("Where one joins online", "Lien de participation en ligne")
_PEOPLE = ("The name of each person, one to a line.", "Le nom de chaque personne, un par ligne.")
_PARAGRAPHS = ("Their numbers, with commas between them, as: 43, 45", "Leurs numéros, séparés par des virgules, par exemple : 43, 45")
_TOLD_OF_MEETING = (
    "Whoever is expected is told at once. All times are in UTC.",
    "Tous ceux qui sont attendus l’apprennent aussitôt. Toutes les heures sont en UTC.",
)

CALENDAR: dict[str, tuple[str, str]] = {
    "act_assign_action": ("Record what an entity takes on", "Inscrire une suite à donner"),
    "act_call_meeting": ("Call a meeting", "Convoquer une réunion"),
    "act_cancel_meeting": ("Cancel this meeting", "Annuler cette réunion"),
    "act_change_action": ("Change owner or date", "Changer l’entité ou la date"),
    "act_change_concrete_action": ("Change this measure", "Modifier cette mesure"),
    "act_change_meeting": ("Change this meeting", "Modifier cette réunion"),
    "act_complete_action": ("Say that it is done", "Dire que c’est fait"),
    "act_declare_concrete_action": ("Declare a concrete action", "Déclarer une mesure concrète"),
    "act_drop_action": ("Drop it", "L’abandonner"),
    "act_end_concrete_action": ("End this measure", "Mettre fin à cette mesure"),
    "act_enter_concrete_action": ("Enter a concrete action from a letter", "Inscrire une mesure concrète reçue par lettre"),
    "act_enter_meeting_reply": ("Enter a reply from a letter", "Inscrire une réponse reçue par lettre"),
    "act_propose_agenda_item": ("Ask for an item of the agenda", "Demander un point à l’ordre du jour"),
    "act_record_attendance": ("Record who was there", "Inscrire les présences"),
    "act_record_decision": ("Record a decision", "Inscrire une décision"),
    "act_reply_to_meeting": ("Say whether you come", "Dire si vous venez"),
    "attendance_other": ("Another member that was there", "Un autre membre présent"),
    "calendar_by_month": ("By month", "Par mois"),
    "calendar_by_year": ("All of {year}", "Toute l’année {year}"),
    "calendar_goes_on": ("goes on", "suite"),
    "calendar_month_empty": ("Nothing is entered for this month.", "Rien n’est inscrit pour ce mois."),
    "calendar_months": ("Months", "Mois"),
    "calendar_see_of": ("Calendar of {entity}", "Calendrier : {entity}"),
    "calendar_see_all": ("Calendar of all", "Calendrier de tous"),
    "calendar_of_entity": ("Calendar of an entity", "Calendrier d’une entité"),
    "calendar_reply": ("your reply is awaited", "votre réponse est attendue"),
    "calendar_today": ("today", "aujourd’hui"),
    "calendar_utc": ("Days and times are in UTC.", "Les jours et les heures sont en UTC."),
    "calendar_yours": ("yours", "à vous"),
    "concrete_in_year": ("Holds in the year", "En cours l’année"),
    "concrete_outcome": ("How it ended", "Comment elle s’est terminée"),
    "concrete_years": ("From year to year", "De l’année à l’année"),
    "decided_under": ("Under:", "Au titre de :"),
    "explain_call_meeting": _TOLD_OF_MEETING,
    "explain_cancel_meeting": (
        "Whoever is expected is told at once that it will not be held. This cannot be taken back.",
        "Tous ceux qui sont attendus apprennent aussitôt qu’elle n’aura pas lieu. Cet acte est définitif.",
    ),
    "explain_change_meeting": _TOLD_OF_MEETING,
    "explain_declare_concrete_action": (
        "A measure of your own for the Global Plan. It serves a pillar, or a paragraph, at least.",
        "Une mesure qui vous est propre, pour le Plan d’action mondial. Elle sert au moins un pilier ou un paragraphe.",
    ),
    "explain_enter_concrete_action": (
        "A measure of an entity’s own for the Global Plan. It serves a pillar, or a paragraph, at least.",
        "Une mesure propre à une entité, pour le Plan d’action mondial. Elle sert au moins un pilier ou un paragraphe.",
    ),
    "explain_propose_agenda_item": (
        "It comes last; the chair may put it elsewhere.",
        "Il vient en dernier ; la présidence peut le placer ailleurs.",
    ),
    "explain_record_attendance": (
        "An entity for which nothing is chosen stays as it is on record.",
        "Une entité pour laquelle rien n’est choisi reste telle qu’elle est inscrite.",
    ),
    "explain_reply_to_meeting": (
        "You may change your reply until the meeting begins.",
        "Vous pouvez modifier votre réponse jusqu’au début de la réunion.",
    ),
    "field_assign_action_what": ("What is to be done", "Ce qui est à faire"),
    "field_call_meeting_link": _JOINED,
    "field_change_concrete_action_since": ("From the year", "Depuis l’année"),
    "field_change_concrete_action_until": ("Until the end of", "Jusqu’à la fin de"),
    "field_change_meeting_link": _JOINED,
    "field_complete_action_note": ("How it was done", "Comment c’est fait"),
    "field_declare_concrete_action_since": ("From the year", "Depuis l’année"),
    "field_declare_concrete_action_until": ("Until the end of", "Jusqu’à la fin de"),
    "field_due": ("Due", "Échéance"),
    "field_end_concrete_action_note": ("What came of it, or why it is withdrawn", "Ce qui en est résulté, ou pourquoi elle est retirée"),
    "field_end_concrete_action_outcome": ("It is", "Elle est"),
    "field_enter_concrete_action_since": ("From the year", "Depuis l’année"),
    "field_enter_concrete_action_until": ("Until the end of", "Jusqu’à la fin de"),
    "field_enter_meeting_reply_attending": ("Does it come?", "Vient-elle ?"),
    "field_item": ("Under which item of the agenda", "Au titre de quel point de l’ordre du jour"),
    "field_owner": ("Who does it", "Qui s’en charge"),
    "field_paragraphs": ("Paragraphs of the Global Plan", "Paragraphes du Plan d’action mondial"),
    "field_record_attendance_people": ("Its people, one to a line", "Ses représentants, un par ligne"),
    "field_record_decision_text": ("What was decided", "Ce qui a été décidé"),
    "hint_assign_action_owner": ("Its acronym, as OHCHR.", "Son sigle, par exemple OHCHR."),
    "hint_call_meeting_agenda": (
        "Each item on a line of its own; below it, each on a line that begins with a hyphen, its papers, as: - The plan so far "
        "/workplans/2015",
        "Un point par ligne ; au-dessous, un document par ligne précédée d’un trait d’union, par exemple : - Le plan à ce jour "
        "/workplans/2015",
    ),
    "hint_change_action_owner": ("Its acronym, as OHCHR.", "Son sigle, par exemple OHCHR."),
    "hint_change_concrete_action_paragraphs": _PARAGRAPHS,
    "hint_change_meeting_agenda": (
        "Each item on a line of its own; below it, each on a line that begins with a hyphen, its papers. An item that is taken out is "
        "no longer on the agenda.",
        "Un point par ligne ; au-dessous, un document par ligne précédée d’un trait d’union. Un point supprimé n’est plus à l’ordre "
        "du jour.",
    ),
    "hint_declare_concrete_action_paragraphs": _PARAGRAPHS,
    "hint_enter_concrete_action_letter": _LETTER_FOR,
    "hint_enter_concrete_action_paragraphs": _PARAGRAPHS,
    "hint_enter_meeting_reply_letter": _LETTER_FOR,
    "hint_enter_meeting_reply_people": _PEOPLE,
    "hint_reply_to_meeting_people": _PEOPLE,
    "reply_do": ("Send the reply", "Envoyer la réponse"),
}
