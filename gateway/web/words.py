"""Every string of the pages, in English and French, and how each language writes an instant."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from gateway.web.mirror import is_on, mirrored
from gateway.web.words_account import ACCOUNT
from gateway.web.words_briefings import BRIEFINGS
from gateway.web.words_calendar import CALENDAR
from gateway.web.words_chairs import CHAIRS
from gateway.web.words_desk import DESK
from gateway.web.words_documents import DOCUMENTS
from gateway.web.words_done import DONE
from gateway.web.words_events import EVENTS
from gateway.web.words_house import KEEPING
from gateway.web.words_missions import MISSIONS
from gateway.web.words_workplan import WORKPLAN
from press.manuscript import RIGHT_TO_LEFT

LANGUAGES = ("en", "fr")

NAMES = {"en": "English", "fr": "français", "es": "español", "ru": "русский", "ar": "العربية", "zh": "中文"}
"""The official languages of the UN, each as it calls itself."""

HOUSE: dict[str, tuple[str, str]] = {
    "accepted_by": ("accepted by {entities}", "accepté par {entities}"),
    "actions": ("Action items", "Suites à donner"),
    "actions_count": ("{done} of {count} action items done", "suites données : {done} sur {count}"),
    "actions_open": ("Action items still open", "Suites encore à donner"),
    "activities": ("Activities", "Activités"),
    "adopted_on": ("Adopted on {date}", "Adopté le {date}"),
    "adoptions": ("Adopted orders", "Ordres adoptés"),
    "after": ("Proposed", "Proposé"),
    "agenda": ("Agenda", "Ordre du jour"),
    "amendment_add": ("Adds", "Ajoute"),
    "amendment_change": ("Changes", "Modifie"),
    "amendment_drop": ("Drops", "Supprime"),
    "amendments": ("Amendments", "Amendements"),
    "along_with": ("with", "avec"),
    "api": ("For software", "Pour les logiciels"),
    "api_all": ("All of it", "Tout"),
    "api_answered_example": ("An answer, for example", "Une réponse, par exemple"),
    "api_sent_example": ("What is sent, for example", "Ce qui s’envoie, par exemple"),
    "api_sent": ("What subscribers are sent: AsyncAPI 3.0", "Ce que reçoivent les abonnés : AsyncAPI 3.0"),
    "api_machine": ("The same for machines: OpenAPI 3.1", "La même pour les machines : OpenAPI 3.1"),
    "api_reading": ("The API", "L’interface de programmation"),
    "as_calendar": ("As a calendar (iCalendar)", "En calendrier (iCalendar)"),
    "as_calendar_of": ("Calendar of {entity} (iCalendar)", "Calendrier : {entity} (iCalendar)"),
    "as_picture": ("As a picture (SVG)", "En image (SVG)"),
    "as_print": ("For printing", "À imprimer"),
    "as_sheet": ("As a spreadsheet (XLSX)", "En feuille de calcul (XLSX)"),
    "asked_by": ("asked for by {entity}", "demandé par {entity}"),
    "attended": ("Was there", "Présence"),
    "attended_by": ("attended by {entities}", "présents : {entities}"),
    "attending_no": ("no", "non"),
    "attending_tentative": ("perhaps", "peut-être"),
    "attending_yes": ("yes", "oui"),
    "away": ("Not available now", "Indisponible pour le moment"),
    "away_detail": (
        "This part does not answer. The rest of the page is complete; try again in a moment.",
        "Cette partie ne répond pas. Le reste de la page est complet ; réessayez dans un instant.",
    ),
    "away_partly": ("Not asked, because not available now: {services}.", "Non consulté, car indisponible pour le moment : {services}."),
    "back_home": ("Back to the home page", "Retour à l’accueil"),
    "balance": ("Balance", "Solde"),
    "balance_line": (
        "Needed {needed} {currency}, secured {secured} {currency}, gap {gap} {currency}",
        "Besoins {needed} {currency}, acquis {secured} {currency}, manque {gap} {currency}",
    ),
    "baseline_other": (
        "The plan has changed since it was first adopted. What changed, and why:",
        "Le plan a changé depuis sa première adoption. Ce qui a changé, et pourquoi :",
    ),
    "baseline_same": ("The plan stands as it was first adopted.", "Le plan est tel qu’il a d’abord été adopté."),
    "before": ("Until then", "Jusque-là"),
    "body": ("Body", "Corps"),
    "briefings": ("Briefings", "Réunions d’information"),
    "calendar": ("Calendar", "Calendrier"),
    "calendar_empty": ("Nothing is entered for {year}.", "Rien n’est inscrit pour {year}."),
    "calendar_of": ("ICAT: calendar of {entity}", "ICAT : calendrier ({entity})"),
    "calendar_of_all": ("ICAT: calendar", "ICAT : calendrier"),
    "cancelled_because": ("Dropped: {reason}", "Abandonné : {reason}"),
    "carried_over": ("Carried over", "Reportées"),
    "carried_to": ("Goes on in the", "Se poursuit dans le"),
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
    "chair": ("Chair", "Présidence"),
    "chaired": ("Chaired", "A présidé"),
    "chairs": ("Chairs", "Présidences"),
    "choose_password": ("Choose a password", "Choisissez un mot de passe"),
    "choose_password_do": ("Open my account", "Ouvrir mon compte"),
    "colon": (":", " :"),
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
    "coming": ("To come", "À venir"),
    "concrete_actions": ("Concrete actions", "Mesures concrètes"),
    "concrete_explain": (
        "Members’ own measures for the Global Plan, beside the joint activities.",
        "Les mesures propres des membres pour le Plan d’action mondial, à côté des activités communes.",
    ),
    "confirm_do": ("Confirm the subscription", "Confirmer l’abonnement"),
    "confirm_done": ("Your subscription is confirmed.", "Votre abonnement est confirmé."),
    "confirm_explain": (
        "You asked to be told of the Group’s matters. Nothing is sent before you confirm it here.",
        "Vous avez demandé à être informé des affaires du Groupe. Rien n’est envoyé avant votre confirmation ici.",
    ),
    "confirm_title": ("Confirm a subscription", "Confirmer un abonnement"),
    "contributes": ("Contributes to", "Contribue à"),
    "coverage": ("Coverage of the Global Plan", "Couverture du Plan d’action mondial"),
    "coverage_cell": (
        "Paragraph {paragraph}, {title}: activities {activities}, concrete actions {actions}",
        "Paragraphe {paragraph}, {title} : activités {activities}, mesures concrètes {actions}",
    ),
    "coverage_title": ("What of the Global Plan {year} serves", "Mise en œuvre du Plan d’action mondial en {year}"),
    "deadline": ("By", "Avant le"),
    "deadline_adoption": ("Positions until {date}", "Positions jusqu’au {date}"),
    "decisions": ("Decisions", "Décisions"),
    "decisions_count": ("decisions: {count}", "décisions : {count}"),
    "deliverables": ("Deliverables", "Produits"),
    "delivered_of": ("{delivered} of {planned} delivered", "{delivered} sur {planned} réalisés"),
    "digest": ("Digest", "Empreinte"),
    "done": ("done", "fait"),
    "done_mark": ("✓ {title}", "✓ {title}"),
    "donors": ("Donors", "Donateurs"),
    "dossier": ("The dossier: what is open", "Le dossier : ce qui reste ouvert"),
    "dossier_empty": ("Nothing is open.", "Rien n’est ouvert."),
    "dossier_signed": ("The dossier, as it was signed", "Le dossier, tel qu’il a été signé"),
    "endangered": ("This endangers the activity.", "Cela met l’activité en danger."),
    "endorsed": ("Endorsed by", "Approuvé par"),
    "endorsed_by": ("Endorsed by {entities}", "Approuvé par {entities}"),
    "entities": ("Entities", "Entités"),
    "entity": ("Entity", "Entité"),
    "expected": ("Expected", "Attendus"),
    "fairness": ("Fairness over the years", "L’équité au fil des ans"),
    "fairness_explain": (
        "Share: one part of each term in as many as were seated then. Balance: times chaired, less that share.",
        "Part : pour chaque mandat, une part sur le nombre de sièges d’alors. Solde : présidences exercées, moins cette part.",
    ),
    "fallen_away": ("Fell away", "Fonds perdus"),
    "fell_away": ("fell away on {date}", "perdu le {date}"),
    "foreword": ("Foreword", "Avant-propos"),
    "form_stale": (
        "This form was open too long or came from elsewhere. Please try again.",
        "Ce formulaire est resté ouvert trop longtemps ou vient d’ailleurs. Veuillez réessayer.",
    ),
    "funding": ("Funding", "Financement"),
    "gaps": ("Gaps", "Lacunes"),
    "gaps_are": ("Served by nothing: {gaps}", "Sans activité ni mesure : {gaps}"),
    "global_plan": ("Global Plan of Action", "Plan d’action mondial"),
    "global_plan_explain": (
        "The 61 paragraphs of the Global Plan of Action (A/RES/64/293, annex), under short titles of our own.",
        "Les 61 paragraphes du Plan d’action mondial (A/RES/64/293, annexe), sous des titres abrégés qui sont les nôtres.",
    ),
    "group_name": (
        "Inter-Agency Coordination Group against Trafficking in Persons",
        "Groupe interinstitutions de coordination contre la traite des personnes",
    ),
    "handover": ("Handover", "Passation"),
    "handover_to": ("Handover to {year}", "Passation vers {year}"),
    "home": ("My desk", "Mon bureau"),
    "home_visitor": ("Welcome", "Bienvenue"),
    "incoming": ("Incoming", "Entrante"),
    "invitation": ("Invitation", "Invitation"),
    "invitation_done": (
        "Your account is open. You can log in now, under the name {name}.",
        "Votre compte est ouvert. Vous pouvez vous connecter, sous le nom {name}.",
    ),
    "issued_on": ("Issued on {date}", "Publiée le {date}"),
    "join": ("Join online", "Participer en ligne"),
    "kind_action_item": ("Action item", "Suite à donner"),
    "kind_activity": ("Activity", "Activité"),
    "kind_briefing": ("Briefing", "Réunion d’information"),
    "kind_consultation": ("Consultation", "Consultation"),
    "kind_deliverable": ("Deliverable", "Produit"),
    "kind_document": ("Document", "Document"),
    "kind_information_note": ("Information note", "Note d’information"),
    "kind_issue_paper": ("Issue paper", "Document thématique"),
    "kind_joint_statement": ("Joint statement", "Déclaration commune"),
    "kind_meeting": ("Meeting", "Réunion"),
    "kind_milestone": ("Milestone", "Étape"),
    "kind_outcome": ("Outcome", "Résultat"),
    "kind_plan": ("Workplan", "Plan de travail"),
    "kind_presentation": ("Presentation", "Présentation"),
    "kind_side_event": ("Side event", "Manifestation parallèle"),
    "lead": ("Lead", "Chef de file"),
    "legend_accepted": ("accepted", "accepté"),
    "legend_activity": ("a joint activity", "une activité commune"),
    "legend_concrete": ("a member’s own concrete action", "une mesure concrète d’un membre"),
    "legend_gap": ("a gap: nothing serves it", "une lacune : ni activité ni mesure"),
    "legend_late": ("delivered late", "réalisé en retard"),
    "legend_on_time": ("delivered on time", "réalisé à temps"),
    "legend_planned": ("promised", "promis"),
    "legend_stand_in": ("stands in", "assure l’intérim"),
    "legend_today": ("the present", "le présent"),
    "legend_unknown": ("nobody knows", "inconnu"),
    "library": ("Library", "Bibliothèque"),
    "library_empty": ("Nothing is published yet.", "Rien n’est encore publié."),
    "log_in": ("Log in", "Se connecter"),
    "login_name": ("Login name", "Nom de connexion"),
    "log_out": ("Log out", "Se déconnecter"),
    "map": ("The 61 paragraphs", "Les 61 paragraphes"),
    "matrix": ("Who serves which pillar", "Qui agit dans quel pilier"),
    "matrix_explain": (
        "Joint activities led or contributed to, plus concrete actions of its own.",
        "Activités communes menées ou soutenues, plus mesures concrètes propres.",
    ),
    "meetings": ("Meetings", "Réunions"),
    "members": ("Members of the Group", "Membres du Groupe"),
    "met_on": ("met on {date}", "franchie le {date}"),
    "milestones": ("Milestones", "Étapes"),
    "milestones_met": ("Milestones met: {met} of {milestones}", "Étapes franchies : {met} sur {milestones}"),
    "name": ("Name", "Nom"),
    "navigation": ("Main", "Principale"),
    "next_page": ("Next page", "Page suivante"),
    "no_actions": ("No action item.", "Aucune suite à donner."),
    "no_activities": ("There is no activity yet.", "Il n’y a pas encore d’activité."),
    "no_agenda": ("There is no agenda yet.", "Il n’y a pas encore d’ordre du jour."),
    "no_briefings": ("No briefing is announced.", "Aucune réunion d’information n’est annoncée."),
    "no_concrete_actions": ("No concrete action is declared.", "Aucune mesure concrète n’est déclarée."),
    "no_decisions": ("No decision is recorded.", "Aucune décision n’est consignée."),
    "no_gaps": ("Nothing is left without an activity or a concrete action", "Rien n’est sans activité ni mesure concrète"),
    "no_meetings": ("No meeting is called.", "Aucune réunion n’est convoquée."),
    "no_objection_by": ("No objection from {entities}", "Sans objection : {entities}"),
    "no_plan": ("There is no plan for {year} yet.", "Il n’y a pas encore de plan pour {year}."),
    "no_plans": ("There is no plan to be seen.", "Il n’y a pas de plan à voir."),
    "nobody_known": ("not known", "inconnue"),
    "nobody_signed": ("Nobody has signed yet.", "Personne n’a encore signé."),
    "none_settled": ("not settled", "non fixée"),
    "not_delivered": ("not delivered", "non réalisé"),
    "notes": ("Notes", "Notes"),
    "number": ("No. {number}", "nº {number}"),
    "offer_line": (
        "{entity} would co-chair {year} with {other}",
        "{entity} coprésiderait {year} avec {other}",
    ),
    "offers": ("Offers to co-chair", "Offres de coprésidence"),
    "on_time": ("On time", "À temps"),
    "open_to": ("Open to", "Ouvert à"),
    "opened_to_accounts": ("accounts", "les comptes"),
    "opened_to_all": ("everyone", "tous"),
    "outgoing": ("Outgoing", "Sortante"),
    "papers": ("Papers", "Documents"),
    "paragraph": ("Paragraph", "Paragraphe"),
    "paragraphs_are": ("paragraphs {list}", "paragraphes {list}"),
    "paragraphs_not_served": ("Served by nothing: {list}", "Paragraphes sans activité ni mesure : {list}"),
    "paragraphs_served": ("Paragraphs served: {list}", "Paragraphes mis en œuvre : {list}"),
    "parameters": ("Parameters", "Paramètres"),
    "password": ("Password", "Mot de passe"),
    "password_rule": ("Ten characters or more.", "Dix caractères ou plus."),
    "people": ("Who comes, who came", "Qui vient, qui est venu"),
    "pillar": ("Pillar", "Pilier"),
    "pillar_general": ("General part", "Partie générale"),
    "pillar_partnerships": ("Partnerships", "Partenariats"),
    "pillar_prevention": ("Prevention", "Prévention"),
    "pillar_prosecution": ("Prosecution", "Poursuites"),
    "pillar_protection": ("Protection", "Protection"),
    "place": ("Place", "Lieu"),
    "plan": ("Workplan {year}", "Plan de travail {year}"),
    "plan_adopted": ("Plan adopted", "Adoption du plan"),
    "plan_see": ("See the plan", "Voir le plan"),
    "plans": ("Workplans", "Plans de travail"),
    "presented": ("Presented: {where}", "Présenté : {where}"),
    "problem_about": ("About this refusal", "À propos de ce refus"),
    "progress": ("Progress", "Avancement"),
    "published_on": ("Published on {date}", "Publié le {date}"),
    "rank": ("Order", "Ordre"),
    "rehearsal_at": (
        "Rehearsal: the pages show {date} in who chairs, what awaits and what is public; records of documents and plans are those of now. "
        "For another instant add {example} to this page’s address, for the present ?at= alone.",
        "Répétition : présidence, attentes et publications sont celles du {date} ; les dossiers des documents et des plans sont ceux "
        "d’aujourd’hui. Pour un autre instant, ajoutez {example} à l’adresse, pour le présent ?at= seul.",
    ),
    "reminder_coming": ("to come", "à venir"),
    "reminder_sent": ("sent", "envoyé"),
    "reminders": ("Reminders", "Rappels"),
    "reply": ("Reply", "Réponse"),
    "report": ("Annual report", "Rapport annuel"),
    "report_final": ("Closed on the record as of {date}.", "Arrêté sur le dossier au {date}."),
    "report_meetings": ("Meetings and briefings", "Réunions"),
    "report_papers": ("Papers", "Documents publiés"),
    "report_pillars": (
        "An activity counts under each pillar that it serves, by a paragraph too; one that serves none, in the whole and by entity alone.",
        "Une activité compte pour chaque pilier qu’elle sert, fût-ce par un paragraphe ; sans pilier, au total et par entité seulement.",
    ),
    "report_so_far": (
        "So far, from the record as of {date}. For the Group alone.",
        "État provisoire, selon le dossier au {date}. Réservé au Groupe.",
    ),
    "report_statements": ("Statements", "Déclarations"),
    "report_title": ("Annual report {year}", "Rapport annuel {year}"),
    "rota": ("The coming years", "Les années à venir"),
    "row_doubled": ("The activity {activity} has a row already.", "L’activité {activity} a déjà une ligne."),
    "row_of_none": (
        "There is no activity {activity} in the sheet of activities.",
        "Il n’y a pas d’activité {activity} dans la feuille des activités.",
    ),
    "row_of_new": (
        "This row has no identifier. For a new activity choose one: a short name, as demand-paper, of small letters, digits and hyphens.",
        "Cette ligne n’a pas d’identifiant. Pour une nouvelle activité, choisissez un nom court, comme demand-paper : minuscules, chiffres "
        "et traits d’union.",
    ),
    "row_unnamed": ("This row names no activity.", "Cette ligne ne nomme aucune activité."),
    "rule": ("Rule", "Règle"),
    "seated_years": ("Years with a seat", "Années avec un siège"),
    "seats": ("Seats of the working group", "Sièges du groupe de travail"),
    "see_also": ("See also", "Voir aussi"),
    "served_by": ("What serves which paragraph", "Activités et mesures par paragraphe"),
    "served_of": ("{served} of {of} served", "{served} sur {of} mis en œuvre"),
    "serving": ("Serving", "En exercice"),
    "share": ("Share", "Part"),
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
        "Aucun en-tête de la feuille {sheet} n’est des nôtres. Trouvé : {found}.",
    ),
    "sheet_help": (
        """This workbook is the year’s plan. Change it, add rows, and send it back: the plan takes all of it, or nothing.
Sheets, headings and their order within the first row stay as they are, in English or in French. Empty rows are passed over.
Each activity has an identifier of its own; deliverables, milestones and needs name it in their first column.
For a new activity choose its identifier: a short name, as demand-paper, of small letters, digits and hyphens.
An empty identifier of a deliverable, milestone or need makes a new one; a row that is taken away is no longer promised.
An activity that no row names any more stays in the plan as it is. Cancelled activities are not listed.
Lists are written with commas. Dates are in UTC; a date without a time is the end of that day, 23:59.
No merged cells, no formulas, no macros.""",
        """Ce classeur est le plan de l’année. Modifiez-le, ajoutez des lignes et renvoyez-le : le plan le prend en entier, ou pas du tout.
Les feuilles et les en-têtes de la première ligne restent tels quels, en anglais ou en français. Les lignes vides sont ignorées.
Chaque activité a son identifiant ; les produits, étapes et besoins le nomment dans leur première colonne.
Pour une nouvelle activité, choisissez son identifiant : un nom court, comme demand-paper, de minuscules, chiffres et traits d’union.
L’identifiant vide d’un produit, d’une étape ou d’un besoin en crée un nouveau ; une ligne retirée n’est plus promise.
Une activité qu’aucune ligne ne nomme plus reste au plan telle quelle. Les activités annulées ne figurent pas ici.
Les listes s’écrivent avec des virgules. Les dates sont en UTC ; une date sans heure est la fin de ce jour, 23:59.
Ni cellules fusionnées, ni formules, ni macros.""",
    ),
    "sheet_macros": (
        "The file holds macros. Save it as XLSX, without them.",
        "Le fichier contient des macros. Enregistrez-le en XLSX, sans elles.",
    ),
    "sheet_merged": (
        "The cells {range} of {sheet} are merged. Each cell stands for itself here.",
        "Les cellules {range} de la feuille {sheet} sont fusionnées. Ici, chaque cellule vaut pour elle-même.",
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
    "signatories": ("Signed by {entities}", "Signée par {entities}"),
    "signatures": ("Signatures", "Signatures"),
    "signed_earlier": ("the dossier has changed since", "le dossier a changé depuis"),
    "signed_text": ("The dossier as signed by {entities}", "Le dossier tel que signé par {entities}"),
    "skip": ("Skip to the content", "Aller au contenu"),
    "stands_in": ("{entity} stands in for {other}", "{entity} assure l’intérim ({other})"),
    "state": ("State", "État"),
    "state_accepted": ("accepted", "accepté"),
    "state_adopted": ("adopted", "adopté"),
    "state_adoption": ("in adoption", "en cours d’adoption"),
    "state_agreed": ("agreed", "convenu"),
    "state_announced": ("announced", "annoncée"),
    "state_assigned": ("taken on", "attribuée"),
    "state_begun": ("begun", "commencé"),
    "state_called": ("called", "convoquée"),
    "state_cancelled": ("cancelled", "annulé"),
    "state_closed": ("closed", "clos"),
    "state_coming": ("to come", "à venir"),
    "state_consultation": ("in consultation", "en consultation"),
    "state_declared": ("declared", "déclarée"),
    "state_delivered": ("delivered", "réalisé"),
    "state_done": ("done", "faite"),
    "state_draft": ("draft", "projet"),
    "state_dropped": ("dropped", "abandonnée"),
    "state_ended": ("ended", "terminé"),
    "state_escalated": ("escalated to the secretariat", "signalée au secrétariat"),
    "state_held": ("held", "tenue"),
    "state_in_force": ("in force", "en vigueur"),
    "state_lapsed": ("lapsed", "caduc"),
    "state_late": ("late", "en retard"),
    "state_not_needed": ("not needed", "sans objet"),
    "state_open": ("open", "ouvert"),
    "state_planned": ("planned", "prévu"),
    "state_proposed": ("proposed", "proposé"),
    "state_refused": ("refused", "refusé"),
    "state_signed": ("signed", "signé"),
    "state_under_way": ("under way", "en cours"),
    "state_unknown": ("unknown", "inconnu"),
    "state_withdrawn": ("withdrawn", "retiré"),
    "status": ("Status", "Statut"),
    "subscribe": (
        "To subscribe in a calendar program, give it the address {address}, any user name, "
        "and as password an API token, made in your account.",
        "Pour s’abonner dans un logiciel d’agenda : l’adresse {address}, un nom d’utilisateur quelconque "
        "et, comme mot de passe, un jeton d’accès créé dans votre compte.",
    ),
    "swap_line": (
        "{entity} ({year}) with {other} ({other_year})",
        "{entity} ({year}) avec {other} ({other_year})",
    ),
    "swaps": ("Swaps", "Échanges"),
    "tabled": ("Before the Group", "Soumis au Groupe"),
    "tally_cell": (
        "{pillar}: {delivered} of {planned} deliverables delivered",
        "{pillar} : {delivered} produits réalisés sur {planned}",
    ),
    "tally_title": ("Planned against delivered", "Prévu et réalisé"),
    "term_of": ("{entities} in the chair, {year}", "Présidence {year} : {entities}"),
    "terms": ("Terms", "Mandats"),
    "terms_calendar": ("ICAT: the chair", "ICAT : la présidence"),
    "time": ("Time", "Date"),
    "timeline": ("Who chaired, chairs and will chair", "Qui a présidé, préside et présidera"),
    "timeline_cell": ("{year}: {entity}, {state}", "{year} : {entity}, {state}"),
    "timeline_unknown": ("{year}: nobody knows who chaired", "{year} : présidence inconnue"),
    "troika": ("The troika", "La troïka"),
    "unsigned": ("Still to sign", "Doivent encore signer"),
    "unsubscribe_do": ("End the subscription", "Mettre fin à l’abonnement"),
    "unsubscribe_done": ("The subscription has ended. Nothing more will be sent.", "L’abonnement a pris fin. Rien ne sera plus envoyé."),
    "unsubscribe_explain": (
        "With one press the subscription ends, and nothing more is sent to you on it.",
        "D’une seule pression, l’abonnement prend fin et plus rien ne vous est envoyé à ce titre.",
    ),
    "unsubscribe_title": ("End a subscription", "Mettre fin à un abonnement"),
    "until": ("until {date}", "jusqu’au {date}"),
    "waits_for": ("Waits for", "Attend"),
    "welcome": (
        "The Group’s platform: its papers and statements, its chairs, and for members and missions what concerns them.",
        "La plateforme du Groupe : ses documents, ses déclarations, ses présidences et ce qui concerne ses membres et les missions.",
    ),
    "what": ("What", "Quoi"),
    "who_chairs": ("Who chairs", "Qui préside"),
    "why_changed": ("Why it changed", "Pourquoi ce changement"),
    "year": ("Year", "Année"),
}

CATALOGUES = (HOUSE, DESK, CHAIRS, DOCUMENTS, MISSIONS, BRIEFINGS, CALENDAR, KEEPING, EVENTS, ACCOUNT, WORKPLAN, DONE)
"""Of each room of pages its own; none says over what another says."""

WORDS = {key: pair for catalogue in CATALOGUES for key, pair in catalogue.items()}

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
    return mirrored(WORDS[key][LANGUAGES.index(language)].format(**values))


def counted(language: str, key: str, count: int, **values: object) -> str:
    """A string of the catalogue that says how many, by that language's rule of its plural: in French none is one, too."""
    one = count == 1 or (language == "fr" and count == 0)
    return said(language, f"{key}_one" if one else f"{key}_other", count=count, **values)


_UNITS = ((timedelta(days=2), timedelta(days=1), "days"), (timedelta(hours=1), timedelta(hours=1), "hours"))
"""From how much time on one counts in which unit; below, in minutes."""


def left_of(language: str, deadline: datetime, at: datetime) -> str:
    """How long it is until a deadline, or since it, in whole days, hours or minutes: never more than there are."""
    span, which = (deadline - at, "ahead") if deadline > at else (at - deadline, "past")
    unit, name = next(((unit, name) for least, unit, name in _UNITS if span >= least), (timedelta(minutes=1), "minutes"))
    return counted(language, f"{which}_{name}", span // unit)


def decimal_of(language: str, number: float, *, signed: bool = False) -> str:
    """A number with two digits behind its sign for fractions, as that language writes it."""
    text = f"{number:+.2f}" if signed else f"{number:.2f}"
    return (text.replace(".", ",") if language == "fr" else text).replace("-", "−")


def amount_of(language: str, amount: str) -> str:
    """An amount of money, its thousands apart, as that language writes it."""
    text = f"{Decimal(amount):,.2f}"
    return text.replace(",", "\u202f").replace(".", ",") if language == "fr" else text


def month_of(language: str, instant: str | date) -> str:
    """The month of an instant or of a day with its year, in UTC."""
    at = datetime.fromisoformat(instant).astimezone(UTC) if isinstance(instant, str) else instant
    return mirrored(f"{_MONTHS[language][at.month - 1].capitalize()} {at.year}")


def date_of(language: str, instant: str | datetime, *, time: bool = True) -> str:
    """An instant as a person of that language writes it, always in UTC and saying so."""
    at = (datetime.fromisoformat(instant) if isinstance(instant, str) else instant).astimezone(UTC)
    day = f"{'1er' if language == 'fr' and at.day == 1 else at.day} {_MONTHS[language][at.month - 1]} {at.year}"
    return mirrored(f"{day}, {at:%H:%M} UTC" if time else day)


def span_of(language: str, starts: str, ends: str) -> str:
    """From when to when something is, as ``date_of`` writes each; of what ends on the same day the day is said once."""
    began, ended = (datetime.fromisoformat(instant).astimezone(UTC) for instant in (starts, ends))
    if began.date() != ended.date():
        return mirrored(f"{date_of(language, began)} – {date_of(language, ended)}")
    return mirrored(f"{date_of(language, began, time=False)}, {began:%H:%M}–{ended:%H:%M} UTC")


def direction_of(language: str) -> str:
    """How a page in that language runs: ``ltr`` or ``rtl``."""
    return "rtl" if is_on() or language in RIGHT_TO_LEFT else "ltr"
