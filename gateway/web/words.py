"""Every string of the pages, in English and French, and how each language writes an instant."""

from datetime import UTC, datetime

LANGUAGES = ("en", "fr")

WORDS: dict[str, tuple[str, str]] = {
    "agenda": ("Agenda", "Ordre du jour"),
    "activities": ("Activities", "Activités"),
    "adopted_on": ("Adopted on {date}", "Adopté le {date}"),
    "api": ("For software", "Pour les logiciels"),
    "api_reading": ("The API", "L’interface de programmation"),
    "api_machine": ("The same for machines: OpenAPI 3.1", "La même pour les machines : OpenAPI 3.1"),
    "awaits": ("What awaits {entity}", "Ce qui attend {entity}"),
    "awaits_secretariat": ("What awaits the secretariat", "Ce qui attend le secrétariat"),
    "away": ("Not available now", "Indisponible pour le moment"),
    "away_detail": (
        "This part does not answer. The rest of the page is complete; try again in a moment.",
        "Cette partie ne répond pas. Le reste de la page est complet ; réessayez dans un instant.",
    ),
    "away_partly": ("Not asked, because not available now: {services}.", "Non consulté, car indisponible pour le moment : {services}."),
    "back_home": ("Back to the home page", "Retour à l’accueil"),
    "body": ("Body", "Corps"),
    "briefings": ("Briefings", "Réunions d’information"),
    "chair": ("Chair", "Présidence"),
    "chairs": ("Chairs", "Présidences"),
    "choose_password": ("Choose a password", "Choisissez un mot de passe"),
    "choose_password_do": ("Open my account", "Ouvrir mon compte"),
    "confirm_do": ("Confirm the subscription", "Confirmer l’abonnement"),
    "confirm_done": ("Your subscription is confirmed.", "Votre abonnement est confirmé."),
    "confirm_explain": (
        "You asked to be told of the Group’s matters. Nothing is sent before you confirm it here.",
        "Vous avez demandé à être informé des affaires du Groupe. Rien n’est envoyé avant votre confirmation ici.",
    ),
    "confirm_title": ("Confirm a subscription", "Confirmer un abonnement"),
    "deadline": ("By", "Avant le"),
    "deadline_adoption": ("Positions until {date}", "Positions jusqu’au {date}"),
    "digest": ("Digest", "Empreinte"),
    "endorsed": ("Endorsed by", "Approuvé par"),
    "endorsed_by": ("Endorsed by {entities}", "Approuvé par {entities}"),
    "form_stale": (
        "This form was open too long or came from elsewhere. Please try again.",
        "Ce formulaire est resté ouvert trop longtemps ou vient d’ailleurs. Veuillez réessayer.",
    ),
    "group_name": (
        "Inter-Agency Coordination Group against Trafficking in Persons",
        "Groupe interinstitutions de coordination contre la traite des personnes",
    ),
    "home": ("My desk", "Mon bureau"),
    "home_visitor": ("Welcome", "Bienvenue"),
    "if_nothing": ("If nothing is done:", "Si rien n’est fait :"),
    "incoming": ("Incoming", "Entrante"),
    "invitation": ("Invitation", "Invitation"),
    "invitation_done": ("Your account is open. You can log in now.", "Votre compte est ouvert. Vous pouvez vous connecter."),
    "issued_on": ("Issued on {date}", "Publiée le {date}"),
    "kind_briefing": ("Briefing", "Réunion d’information"),
    "kind_consultation": ("Consultation", "Consultation"),
    "kind_information_note": ("Information note", "Note d’information"),
    "kind_issue_paper": ("Issue paper", "Document thématique"),
    "kind_joint_statement": ("Joint statement", "Déclaration commune"),
    "kind_presentation": ("Presentation", "Présentation"),
    "kind_side_event": ("Side event", "Manifestation parallèle"),
    "lead": ("Lead", "Chef de file"),
    "library": ("Library", "Bibliothèque"),
    "library_empty": ("Nothing is published yet.", "Rien n’est encore publié."),
    "log_in": ("Log in", "Se connecter"),
    "log_out": ("Log out", "Se déconnecter"),
    "members": ("Members of the Group", "Membres du Groupe"),
    "name": ("Name", "Nom"),
    "navigation": ("Main", "Principale"),
    "next_page": ("Next page", "Page suivante"),
    "no_briefings": ("No briefing is announced.", "Aucune réunion d’information n’est annoncée."),
    "no_plan": ("There is no plan for {year} yet.", "Il n’y a pas encore de plan pour {year}."),
    "no_plans": ("There is no plan to be seen.", "Il n’y a pas de plan à voir."),
    "nobody_known": ("not known", "inconnue"),
    "none_settled": ("not settled", "non fixée"),
    "nothing_awaits": ("Nothing awaits you.", "Rien ne vous attend."),
    "number": ("No. {number}", "nº {number}"),
    "open_to": ("Open to", "Ouvert à"),
    "opened_to_all": ("everyone", "tous"),
    "opened_to_accounts": ("accounts", "les comptes"),
    "outgoing": ("Outgoing", "Sortante"),
    "papers": ("Papers", "Documents"),
    "parameters": ("Parameters", "Paramètres"),
    "password": ("Password", "Mot de passe"),
    "password_rule": ("Ten characters or more.", "Dix caractères ou plus."),
    "place": ("Place", "Lieu"),
    "plan": ("Workplan {year}", "Plan de travail {year}"),
    "plans": ("Workplans", "Plans de travail"),
    "plan_see": ("See the plan", "Voir le plan"),
    "problem_about": ("About this refusal", "À propos de ce refus"),
    "published_on": ("Published on {date}", "Publié le {date}"),
    "rule": ("Rule", "Règle"),
    "seats": ("Seats of the working group", "Sièges du groupe de travail"),
    "serving": ("Serving", "En exercice"),
    "signatories": ("Signed by {entities}", "Signée par {entities}"),
    "skip": ("Skip to the content", "Aller au contenu"),
    "state": ("State", "État"),
    "state_adopted": ("adopted", "adopté"),
    "state_adoption": ("in adoption", "en cours d’adoption"),
    "state_announced": ("announced", "annoncée"),
    "state_begun": ("begun", "commencé"),
    "state_cancelled": ("cancelled", "annulé"),
    "state_closed": ("closed", "clos"),
    "state_consultation": ("in consultation", "en consultation"),
    "state_delivered": ("delivered", "réalisé"),
    "state_draft": ("draft", "projet"),
    "state_ended": ("ended", "terminé"),
    "state_held": ("held", "tenue"),
    "state_in_force": ("in force", "en vigueur"),
    "state_late": ("late", "en retard"),
    "state_planned": ("planned", "prévu"),
    "state_proposed": ("proposed", "proposé"),
    "state_under_way": ("under way", "en cours"),
    "state_unknown": ("unknown", "inconnu"),
    "status": ("Status", "Statut"),
    "terms": ("Terms", "Mandats"),
    "time": ("Time", "Date"),
    "troika": ("The troika", "La troïka"),
    "unsubscribe_do": ("End the subscription", "Mettre fin à l’abonnement"),
    "unsubscribe_done": ("The subscription has ended. Nothing more will be sent.", "L’abonnement a pris fin. Rien ne sera plus envoyé."),
    "unsubscribe_explain": (
        "With one press the subscription ends, and nothing more is sent to you on it.",
        "D’une seule pression, l’abonnement prend fin et plus rien ne vous est envoyé à ce titre.",
    ),
    "unsubscribe_title": ("End a subscription", "Mettre fin à un abonnement"),
    "welcome": (
        "The Group’s platform: its papers and statements, its chairs, and for members and missions what concerns them.",
        "La plateforme du Groupe : ses documents, ses déclarations, ses présidences et ce qui concerne ses membres et les missions.",
    ),
    "who_chairs": ("Who chairs", "Qui préside"),
    "wrong_login": ("Name or password is wrong.", "Nom ou mot de passe incorrect."),
    "year": ("Year", "Année"),
    "calendar_of": ("ICAT: calendar of {entity}", "ICAT : calendrier de {entity}"),
    "calendar_of_all": ("ICAT: calendar", "ICAT : calendrier"),
    "cell_amount": ("An amount is a number.", "Un montant est un nombre."),
    "cell_date": (
        "This is no date. Enter a date, with its time in UTC if it has one.",
        "Ce n’est pas une date. Saisissez une date, avec son heure en UTC s’il y en a une.",
    ),
    "cell_error": ("This cell shows an error.", "Cette cellule affiche une erreur."),
    "cell_formula": (
        "This cell is computed. Enter the value itself: a formula is not carried out here.",
        "Cette cellule est calculée. Saisissez la valeur elle-même : une formule n’est pas exécutée ici.",
    ),
    "cell_no_heading": ("This cell stands under no heading.", "Cette cellule n’est sous aucun en-tête."),
    "cell_numbers": (
        "{found} is no number of a paragraph. Write numbers with commas between them.",
        "{found} n’est pas un numéro de paragraphe. Écrivez des numéros séparés par des virgules.",
    ),
    "cell_text": ("This is text, and no date or truth value.", "Il faut ici un texte, et non une date ou une valeur logique."),
    "cell_word": ("{found} is not one of the words that stand here.", "{found} n’est pas un des mots admis ici."),
    "column_activity": ("Activity", "Activité"),
    "column_amount": ("Amount", "Montant"),
    "column_contributors": ("Contributors", "Contributeurs"),
    "column_currency": ("Currency", "Monnaie"),
    "column_deliverable": ("Deliverable", "Produit"),
    "column_depends_on": ("Depends on", "Dépend de"),
    "column_doubled": ("The heading {heading} stands twice.", "L’en-tête {heading} figure deux fois."),
    "column_due": ("Due (UTC)", "Échéance (UTC)"),
    "column_due_reason": ("Why outside the year", "Pourquoi hors de l’année"),
    "column_kind": ("Kind", "Type"),
    "column_lead": ("Lead", "Chef de file"),
    "column_milestone": ("Milestone", "Étape"),
    "column_missing": ("The column {heading} is missing.", "La colonne {heading} manque."),
    "column_need": ("Need", "Besoin"),
    "column_objective": ("Objective", "Objectif"),
    "column_paragraphs": ("Global Plan paragraphs", "Paragraphes du Plan d’action mondial"),
    "column_pillars": ("Pillars", "Piliers"),
    "column_purpose": ("Purpose", "Destination"),
    "column_title": ("Title", "Titre"),
    "column_unknown": ("There is no column {heading} in this sheet.", "Il n’y a pas de colonne {heading} dans cette feuille."),
    "coverage_cell": (
        "Paragraph {paragraph}, {title}: activities {activities}, concrete actions {actions}",
        "Paragraphe {paragraph}, {title} : activités {activities}, mesures concrètes {actions}",
    ),
    "coverage_title": ("What of the Global Plan {year} serves", "Ce que {year} sert du Plan d’action mondial"),
    "delivered_of": ("{delivered} of {planned} delivered", "{delivered} sur {planned} réalisés"),
    "done_mark": ("✓ {title}", "✓ {title}"),
    "gaps_are": ("Served by nothing: {gaps}", "Servis par rien : {gaps}"),
    "legend_accepted": ("accepted", "accepté"),
    "legend_activity": ("a joint activity", "une activité commune"),
    "legend_concrete": ("a member’s own concrete action", "une mesure concrète d’un membre"),
    "legend_gap": ("a gap: nothing serves it", "une lacune : rien ne le sert"),
    "legend_late": ("delivered late", "réalisé en retard"),
    "legend_on_time": ("delivered on time", "réalisé à temps"),
    "legend_planned": ("promised", "promis"),
    "legend_stand_in": ("stands in", "assure l’intérim"),
    "legend_today": ("the present", "le présent"),
    "legend_unknown": ("nobody knows", "inconnu"),
    "no_gaps": ("Nothing is left without an activity or a concrete action", "Rien n’est sans activité ni mesure concrète"),
    "pillar_general": ("General part", "Partie générale"),
    "pillar_partnerships": ("Partnerships", "Partenariats"),
    "pillar_prevention": ("Prevention", "Prévention"),
    "pillar_prosecution": ("Prosecution", "Poursuites"),
    "pillar_protection": ("Protection", "Protection"),
    "kind_document": ("Document", "Document"),
    "kind_meeting": ("Meeting", "Réunion"),
    "kind_outcome": ("Outcome", "Résultat"),
    "row_doubled": ("The activity {activity} has a row already.", "L’activité {activity} a déjà une ligne."),
    "row_of_none": (
        "There is no activity {activity} in the sheet of activities.",
        "Il n’y a pas d’activité {activity} dans la feuille des activités.",
    ),
    "row_unnamed": ("This row names no activity.", "Cette ligne ne nomme aucune activité."),
    "served_of": ("{served} of {of} served", "{served} sur {of} servis"),
    "sheet_activities": ("Activities", "Activités"),
    "sheet_deliverables": ("Deliverables", "Produits"),
    "sheet_doubled": ("There are two sheets {sheet}.", "Il y a deux feuilles {sheet}."),
    "sheet_encrypted": (
        "This file is protected by a password, or is an old XLS. Save it as XLSX without a password.",
        "Ce fichier est protégé par un mot de passe ou est un ancien XLS. Enregistrez-le en XLSX sans mot de passe.",
    ),
    "sheet_entities": (
        "The file declares a document type (DTD), which no spreadsheet needs.",
        "Le fichier déclare un type de document (DTD), dont aucune feuille de calcul n’a besoin.",
    ),
    "sheet_headings": (
        "No heading of {sheet} is one of ours. Found: {found}.",
        "Aucun en-tête de {sheet} n’est des nôtres. Trouvé : {found}.",
    ),
    "sheet_help": (
        """This workbook is the year’s plan. Change it, add rows, and send it back: the plan takes all of it, or nothing.
Sheets, headings and their order within the first row stay as they are, in English or in French. Empty rows are passed over.
Each activity has an identifier of its own; deliverables, milestones and needs name it in their first column.
An empty identifier of a deliverable, milestone or need makes a new one; a row that is taken away is no longer promised.
An activity whose row is taken away stays in the plan as it is. Cancelled activities are not listed.
Lists are written with commas. Dates are in UTC; a date without a time is its first instant.
No merged cells, no formulas, no macros.""",
        """Ce classeur est le plan de l’année. Modifiez-le, ajoutez des lignes et renvoyez-le : le plan le prend en entier, ou pas du tout.
Les feuilles et les en-têtes de la première ligne restent tels quels, en anglais ou en français. Les lignes vides sont ignorées.
Chaque activité a son identifiant ; les produits, étapes et besoins le nomment dans leur première colonne.
L’identifiant vide d’un produit, d’une étape ou d’un besoin en crée un nouveau ; une ligne retirée n’est plus promise.
Une activité dont la ligne est retirée reste au plan telle quelle. Les activités annulées ne figurent pas ici.
Les listes s’écrivent avec des virgules. Les dates sont en UTC ; une date sans heure est son premier instant.
Ni cellules fusionnées, ni formules, ni macros.""",
    ),
    "sheet_macros": (
        "The file holds macros. Save it as XLSX, without them.",
        "Le fichier contient des macros. Enregistrez-le en XLSX, sans elles.",
    ),
    "sheet_merged": (
        "The cells {range} of {sheet} are merged. Each cell stands for itself here.",
        "Les cellules {range} de {sheet} sont fusionnées. Ici, chaque cellule vaut pour elle-même.",
    ),
    "sheet_milestones": ("Milestones", "Étapes"),
    "sheet_missing": ("The sheet {sheet} is missing.", "La feuille {sheet} manque."),
    "sheet_needs": ("Needs", "Besoins"),
    "sheet_no_workbook": (
        "This is no XLSX workbook that can be read.",
        "Ce n’est pas un classeur XLSX lisible.",
    ),
    "sheet_pillars": ("Pillars: {words}.", "Piliers : {words}."),
    "sheet_read_me": ("Read me", "Lisez-moi"),
    "sheet_refused": (
        "The spreadsheet was not taken in; nothing was changed. Problems: {count}.",
        "La feuille de calcul n’a pas été reprise ; rien n’a été modifié. Problèmes : {count}.",
    ),
    "sheet_rows": ("A plan has at most {most} rows.", "Un plan a au plus {most} lignes."),
    "sheet_too_much": (
        "Unpacked, this file is larger than any plan.",
        "Décompressé, ce fichier est plus grand que tout plan.",
    ),
    "sheet_unknown": ("There is no sheet {sheet} in a plan.", "Il n’y a pas de feuille {sheet} dans un plan."),
    "sheet_words": ("Kinds of deliverable: {words}.", "Types de produit : {words}."),
    "stands_in": ("{entity} stands in for {other}", "{entity} assure l’intérim de {other}"),
    "tally_cell": (
        "{pillar}: {delivered} of {planned} deliverables delivered",
        "{pillar} : {delivered} produits réalisés sur {planned}",
    ),
    "tally_title": ("Planned against delivered", "Prévu et réalisé"),
    "term_of": ("{entities} in the chair, {year}", "Présidence {year} : {entities}"),
    "terms_calendar": ("ICAT: the chair", "ICAT : la présidence"),
    "timeline": ("Who chaired, chairs and will chair", "Qui a présidé, préside et présidera"),
    "timeline_cell": ("{year}: {entity}, {state}", "{year} : {entity}, {state}"),
    "timeline_unknown": ("{year}: nobody knows who chaired", "{year} : présidence inconnue"),
}

PROBLEMS: dict[str, tuple[str, str]] = {
    "invalid": (
        "Something in the input breaks a rule. The answer names the field, the rule, and what would be accepted. Nothing was changed.",
        "Un élément de la saisie enfreint une règle. La réponse nomme le champ, la règle et ce qui serait accepté. Rien n’a été modifié.",
    ),
    "malformed": (
        "The request could not be read: its body is no JSON object in UTF-8, or a header is not written as it should be.",
        "La demande n’a pas pu être lue : le corps n’est pas un objet JSON en UTF-8, ou un en-tête est mal écrit.",
    ),
    "not_authenticated": (
        "This needs an account. Log in, or send an API token that still works.",
        "Un compte est nécessaire. Connectez-vous ou présentez un jeton d’accès encore valable.",
    ),
    "not_allowed": (
        "You are known, and this is not yours to do. The answer says whose it is.",
        "Vous êtes reconnu, mais cet acte ne vous revient pas. La réponse dit à qui il revient.",
    ),
    "not_found": (
        "There is no such thing, or not for your eyes.",
        "Cela n’existe pas, ou n’est pas visible pour vous.",
    ),
    "method_not_allowed": (
        "This can be asked, but not in this manner; the header Allow lists how.",
        "Cela peut être demandé, mais pas de cette manière ; l’en-tête Allow dit comment.",
    ),
    "conflict": (
        "What you ask does not fit the present state of the thing. Look at it anew.",
        "Votre demande ne convient pas à l’état présent de la chose. Regardez-la de nouveau.",
    ),
    "too_late": (
        "The deadline has passed. It is the one that was shown, in UTC.",
        "Le délai est passé. C’est celui qui était affiché, en UTC.",
    ),
    "too_early": ("The time for this has not come yet.", "Le moment n’en est pas encore venu."),
    "stale": (
        "It has changed since you saw it, or your position names another text. Nothing was overwritten: look at what it is now.",
        "La chose a changé depuis que vous l’avez vue, ou votre position vise un autre texte. Rien n’a été écrasé.",
    ),
    "too_large": ("What you sent is larger than what is accepted here.", "Votre envoi dépasse la taille acceptée ici."),
    "unsupported_media_type": ("The API takes application/json in UTF-8.", "L’interface accepte application/json en UTF-8."),
    "key_reused": (
        "An idempotency key stands for one request. This one was used for another within the last 24 hours.",
        "Une clé d’idempotence vaut pour une seule demande. Celle-ci a servi à une autre dans les dernières 24 heures.",
    ),
    "too_many": (
        "Too many attempts in a short time. The header Retry-After says when to come back.",
        "Trop de tentatives en peu de temps. L’en-tête Retry-After dit quand revenir.",
    ),
    "internal": (
        "Something failed on our side. It was noted under the number shown.",
        "Une erreur s’est produite de notre côté. Elle a été notée sous le numéro affiché.",
    ),
    "unavailable": (
        "A part of the platform does not answer now. Nothing was lost; try again in a moment.",
        "Une partie de la plateforme ne répond pas. Rien n’est perdu ; réessayez dans un instant.",
    ),
    "timed_out": (
        "No answer came in time. What you asked may still be carried out; asking again with the same idempotency key is safe.",
        "Aucune réponse n’est venue à temps. Votre demande peut encore être exécutée ; la répéter avec la même clé est sans danger.",
    ),
}

TITLES: dict[str, str] = {
    "invalid": "La saisie enfreint une règle",
    "malformed": "La demande ne peut être lue",
    "not_authenticated": "Qui êtes-vous ?",
    "not_allowed": "Cet acte ne vous revient pas",
    "not_found": "Cela n’existe pas",
    "method_not_allowed": "Pas une méthode de cette ressource",
    "conflict": "L’état ne le permet pas",
    "too_late": "Le délai est passé",
    "too_early": "Le moment n’est pas venu",
    "stale": "Cela a changé depuis",
    "too_large": "Trop grand",
    "unsupported_media_type": "Format non accepté ici",
    "key_reused": "La clé d’idempotence a servi à autre chose",
    "too_many": "Trop de demandes",
    "internal": "Une erreur de notre côté",
    "unavailable": "Indisponible pour le moment",
    "timed_out": "Pas de réponse à temps ; l’acte peut encore être exécuté",
}

"""The titles of contracts.problems in French."""

_MONTHS = {
    "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
    "fr": ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
}


def said(language: str, key: str, **values: object) -> str:
    """A string of the catalogue, its places filled."""
    return WORDS[key][LANGUAGES.index(language)].format(**values)


def date_of(language: str, instant: str | datetime, *, time: bool = True) -> str:
    """An instant as a person of that language writes it, always in UTC and saying so."""
    at = (datetime.fromisoformat(instant) if isinstance(instant, str) else instant).astimezone(UTC)
    day = f"{'1er' if language == 'fr' and at.day == 1 else at.day} {_MONTHS[language][at.month - 1]} {at.year}"
    return f"{day}, {at:%H:%M} UTC" if time else day
