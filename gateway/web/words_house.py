"""What the secretariat's own pages say, in English and French: people, entities, dead letters, the trail."""

KEEPING: dict[str, tuple[str, str]] = {
    "account_of": ("Account of {name}", "Compte de {name}"),
    "act_change_person": ("Change this account", "Modifier ce compte"),
    "act_invite_person": ("Invite a person", "Inviter une personne"),
    "act_reinstate_person": ("Reinstate", "Rétablir"),
    "act_suspend_person": ("Suspend", "Suspendre"),
    "account_active": ("active", "actif"),
    "account_invited": ("invited", "invité"),
    "account_suspended": ("suspended", "suspendu"),
    "changed_by": ("By", "Par"),
    "explain_change_person": (
        "What the person may see and do changes at once, on every page and by every token.",
        "Ce que la personne peut voir et faire change aussitôt, sur toutes les pages et pour tous ses jetons.",
    ),
    "explain_invite_person": (
        "You are then shown an invitation, once. Hand it to the person, who chooses a password with it within fourteen days.",
        "Une invitation vous est alors montrée, une seule fois. Remettez-la à la personne, qui s’en sert pour choisir un mot de passe sous "
        "quatorze jours.",
    ),
    "explain_reinstate_person": (
        "The person may log in again, with the same password, and working tokens work again.",
        "La personne peut se connecter de nouveau, avec le même mot de passe, et ses jetons valables fonctionnent de nouveau.",
    ),
    "explain_suspend_person": (
        "Its sessions end at once and its tokens are silent until it is reinstated. Nothing is deleted.",
        "Ses sessions prennent fin aussitôt et ses jetons se taisent jusqu’à son rétablissement. Rien n’est supprimé.",
    ),
    "field_display_name": ("Full name", "Nom complet"),
    "field_invite_person_name": ("Login name", "Nom de connexion"),
    "field_roles": ("Roles", "Rôles"),
    "hint_change_person_entity": (
        "The code of the one entity or mission that the person acts for; empty for the secretariat and readers of none.",
        "Le code de la seule entité ou mission pour laquelle la personne agit ; vide pour le secrétariat et les lecteurs sans entité.",
    ),
    "hint_invite_person_entity": (
        "The code of the one entity or mission that the person acts for, as OHCHR; empty for the secretariat and readers of none.",
        "Le code de la seule entité ou mission pour laquelle la personne agit, par exemple OHCHR ; vide pour le secrétariat et les "
        "lecteurs sans entité.",
    ),
    "hint_invite_person_name": (
        "2 to 64 of a–z, 0–9, dot, hyphen, underscore. It cannot be changed later.",
        "De 2 à 64 signes parmi a–z, 0–9, point, trait d’union et soulignement. Il ne peut plus être changé.",
    ),
    "history_changed": ("changed", "modifié"),
    "history_invitation_accepted": ("accepted the invitation", "a accepté l’invitation"),
    "history_none": ("Nothing has happened yet.", "Rien ne s’est encore passé."),
    "history_opened": ("account opened", "compte ouvert"),
    "history_password_changed": ("changed the password", "a changé le mot de passe"),
    "history_token_made": ("made a token", "a créé un jeton"),
    "history_token_revoked": ("revoked a token", "a révoqué un jeton"),
    "house": ("Running the house", "Tenir la maison"),
    "invitation_of": ("Invitation of {name}", "Invitation de {name}"),
    "invitation_hand_over": (
        "Hand it to the person by a way you trust. It is entered at {address}, and is good until {date}.",
        "Remettez-la à la personne par une voie sûre. Elle se saisit à l’adresse {address} et vaut jusqu’au {date}.",
    ),
    "house_people": ("People", "Personnes"),
    "house_people_none": ("No account is like that.", "Aucun compte n’y correspond."),
    "person_history": ("What changed", "Ce qui a changé"),
    "role": ("Role", "Rôle"),
    "role_alternate": ("alternate", "suppléant"),
    "role_focal_point": ("focal point", "point focal"),
    "role_mission": ("permanent mission", "mission permanente"),
    "role_reader": ("reader", "lecteur"),
    "role_secretariat": ("secretariat", "secrétariat"),
    "since": ("from {date}", "à partir du {date}"),
    "when": ("When", "Quand"),
}
