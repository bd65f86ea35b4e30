"""What the pages say of briefings, and of who comes to one, in English and French."""

_ALL_PILLARS = ("None ticked: all pillars.", "Aucune case cochée : tous les piliers.")
_READ_BY_ALL = ("Those who are told read it too.", "Ceux qui en sont informés le lisent aussi.")

BRIEFINGS: dict[str, tuple[str, str]] = {
    "act_announce_briefing": ("Announce a briefing", "Annoncer une réunion d’information"),
    "act_cancel_briefing": ("Cancel this briefing", "Annuler cette réunion d’information"),
    "act_change_briefing": ("Change this briefing", "Modifier cette réunion d’information"),
    "act_reply_to_briefing": ("Reply", "Répondre"),
    "as_table": ("As a table (CSV)", "En tableau (CSV)"),
    "briefing_capacity": ("Room for", "Nombre de places"),
    "briefing_changed_meanwhile": (
        "What it is now stands above. What you typed is still in the form, and replaces it if you send it again.",
        "Ce qu’il en est désormais figure ci-dessus. Votre saisie est encore dans le formulaire et le remplacera si vous l’envoyez de "
        "nouveau.",
    ),
    "briefing_closed": ("Replies are no longer taken.", "Les réponses ne sont plus acceptées."),
    "briefing_coming": ("Coming", "Participants"),
    "briefing_is_cancelled": ("This briefing was cancelled.", "Cette réunion d’information a été annulée."),
    "briefing_left": ("Places left", "Places libres"),
    "briefing_people": ("{count} people", "{count} personnes"),
    "briefing_person": ("1 person", "1 personne"),
    "briefing_reply": ("Your reply", "Votre réponse"),
    "briefing_reply_by": ("Reply by", "Répondre avant le"),
    "briefing_reply_change": ("Change your reply", "Modifier votre réponse"),
    "briefing_reply_link": ("Say whether you come", "Dire si vous venez"),
    "briefing_told": (
        "Whoever asked for briefings is now told, each in the way they chose, and may reply.",
        "Tous ceux qui ont demandé les réunions d’information en sont maintenant informés, chacun par la voie choisie, et peuvent "
        "répondre.",
    ),
    "briefing_told_change": (
        "Whoever was told of it, or means to come, is now told of the change. In their calendars the entry moves.",
        "Tous ceux qui en ont été informés ou comptent venir sont maintenant informés du changement. Dans leurs agendas, l’entrée est "
        "mise à jour.",
    ),
    "briefing_told_end": (
        "Whoever was told of it, or means to come, is now told that it will not be held. In their calendars the entry is cancelled.",
        "Tous ceux qui en ont été informés ou comptent venir sont maintenant informés qu’elle n’aura pas lieu. Dans leurs agendas, "
        "l’entrée est annulée.",
    ),
    "column_guest_at": ("Replied at (UTC)", "Réponse le (UTC)"),
    "column_guest_attending": ("Comes", "Vient"),
    "column_guest_by": ("Replied by", "Réponse de"),
    "column_guest_letter": ("Letter", "Lettre"),
    "column_guest_message": ("Message", "Message"),
    "column_guest_name": ("Name", "Nom"),
    "column_guest_person": ("Person", "Personne"),
    "column_guest_place": ("Place", "Place"),
    "column_guest_subscriber": ("Subscriber", "Abonné"),
    "enter_reply": ("Enter a reply from a letter", "Inscrire une réponse reçue par lettre"),
    "explain_announce_briefing": (
        "Missions are told at once, each in the way they chose. All times are in UTC.",
        "Les missions sont informées aussitôt, chacune par la voie choisie. Toutes les heures sont en UTC.",
    ),
    "explain_cancel_briefing": (
        "Whoever was told of it, or means to come, is told at once that it will not be held. This cannot be taken back.",
        "Tous ceux qui en ont été informés ou comptent venir apprennent aussitôt qu’elle n’aura pas lieu. Cet acte est définitif.",
    ),
    "explain_change_briefing": (
        "Whoever was told of it, or means to come, is told at once of what is different. All times are in UTC.",
        "Tous ceux qui en ont été informés ou comptent venir apprennent aussitôt ce qui est différent. Toutes les heures sont en UTC.",
    ),
    "explain_reply_to_briefing": (
        "You may change your reply until replies are over. Whoever has a place keeps it; without a place left, one waits for the next.",
        "Vous pouvez modifier votre réponse tant que les réponses sont ouvertes. Qui a une place la garde ; s’il n’en reste plus, on "
        "attend la suivante.",
    ),
    "field_agenda": ("Agenda", "Ordre du jour"),
    "field_attending": ("Do you come?", "Venez-vous ?"),
    "field_capacity": ("Room for how many people", "Nombre de places"),
    "field_ends_at": ("Ends", "Fin"),
    "field_message": ("Message to the secretariat", "Message au secrétariat"),
    "field_papers": ("Papers", "Documents"),
    "field_people": ("Who comes", "Qui vient"),
    "field_place": ("Place", "Lieu"),
    "field_reply_by": ("Reply by", "Répondre avant le"),
    "field_starts_at": ("Starts", "Début"),
    "field_subscriber": ("Subscriber", "Abonné"),
    "guest_place_given": ("has a place", "a une place"),
    "guest_place_waiting": ("waits for a place", "attend une place"),
    "hint_agenda": ("Each point on a line of its own.", "Un point par ligne."),
    "hint_announce_briefing_pillars": _ALL_PILLARS,
    "hint_cancel_briefing_reason": _READ_BY_ALL,
    "hint_capacity": ("Empty: no limit.", "Vide : pas de limite."),
    "hint_change_briefing_pillars": _ALL_PILLARS,
    "hint_change_briefing_reason": _READ_BY_ALL,
    "hint_papers": (
        "Each on a line of its own: its title, then its address on this site or at https, as: The plan so far /workplans/2015",
        "Un document par ligne : son titre, puis son adresse sur ce site ou en https, par exemple : Le plan à ce jour /workplans/2015",
    ),
    "hint_people": (
        "If you come: the name of each person, one to a line, one at least.",
        "Si vous venez : le nom de chaque personne, un par ligne, un au moins.",
    ),
    "hint_reply_by": ("Empty: until it starts.", "Vide : jusqu’au début."),
    "hint_subscriber": ("Its code, as BRAZIL.", "Son code, par exemple BRAZIL."),
    "no_guests": ("Nobody has replied yet.", "Personne n’a encore répondu."),
    "on_line": ("Line {number}: {told}", "Ligne {number} : {told}"),
    "participants": ("Participants", "Participants"),
    "participants_count": (
        "{coming} with a place, {waiting} waiting; {regrets} regrets, {silent} without a reply",
        "Avec une place : {coming} ; en attente : {waiting} ; excusés : {regrets} ; sans réponse : {silent}",
    ),
    "preview_before": ("Before it goes out", "Avant l’envoi"),
    "preview_language": ("Language of the preview", "Langue de l’aperçu"),
    "preview_nobody": ("Nobody", "Personne"),
    "preview_nothing": (
        "Nothing in the form is other than it is now: missions would be told nothing, and nothing was sent.",
        "Rien dans le formulaire ne diffère de ce qui est : les missions ne seraient informées de rien, et rien n’a été envoyé.",
    ),
    "preview_reach": ("Subscriptions told", "Abonnements informés"),
    "preview_see": ("Preview what missions receive", "Voir ce que les missions recevront"),
    "preview_shown": ("What missions would receive", "Ce que les missions recevraient"),
    "preview_unsent": (
        "Nothing was sent, and nothing of this is kept. What you typed still stands in the form.",
        "Rien n’a été envoyé, et rien de ceci n’est conservé. Votre saisie est encore dans le formulaire.",
    ),
    "reply_kept": ("Your reply is on record.", "Votre réponse est enregistrée."),
    "your_places_given": ("You come, and have a place.", "Vous venez, et vous avez une place."),
    "your_places_waiting": (
        "There is not room for all of you yet. You are on the waiting list, and will be told when there is.",
        "Il n’y a pas encore de place pour vous tous. Vous êtes sur la liste d’attente, et serez averti dès qu’il y en a.",
    ),
    "your_reply_no": ("You do not come.", "Vous ne venez pas."),
    "your_reply_none": ("You have not replied yet.", "Vous n’avez pas encore répondu."),
    "your_reply_tentative": (
        "You do not know yet. No place is kept for you.",
        "Vous ne savez pas encore. Aucune place ne vous est gardée.",
    ),
}
