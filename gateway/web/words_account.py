"""What the pages of one's own account say, in English and French: logging in, second factor, sessions, tokens, one's people."""

ACCOUNT: dict[str, tuple[str, str]] = {
    "code": ("Code", "Code"),
    "code_hint": (
        "Six digits that your program shows now, or one of your recovery codes.",
        "Les six chiffres que votre programme affiche à l’instant, ou l’un de vos codes de secours.",
    ),
    "code_of": ("Code for {name}", "Code de {name}"),
    "history_handed_over": ("handed the work over", "a transmis ses fonctions"),
    "history_recovery_code_used": ("used a recovery code", "a utilisé un code de secours"),
    "history_second_factor_begun": ("began a second factor", "a entamé un second facteur"),
    "history_second_factor_confirmed": ("set up a second factor", "a mis en place un second facteur"),
    "history_second_factor_removed": ("removed the second factor", "a retiré le second facteur"),
    "history_second_factor_reset": ("took the lost second factor away", "a retiré le second facteur perdu"),
    "history_taken_over": ("took the work over", "a repris les fonctions"),
    "log_in_again": ("Begin again", "Recommencer"),
}
