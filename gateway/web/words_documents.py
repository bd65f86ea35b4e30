"""What the documents' pages and pictures say, in English and French."""

DOCUMENTS: dict[str, tuple[str, str]] = {
    "board_cell": ("{entity}, revision {number}: {word}", "{entity}, révision {number} : {word}"),
    "board_empty": ("Nothing was put before the entities yet.", "Rien n’a encore été soumis aux entités."),
    "board_title": ("Who said what on: {title}", "Qui a dit quoi sur : {title}"),
    "on_behalf": ("entered by the secretariat from a letter", "inscrit par le secrétariat d’après une lettre"),
    "revision_short": ("Rev. {number}", "Rév. {number}"),
    "run_broken": ("broken", "rompue"),
    "run_lapsed": ("lapsed", "caduque"),
    "run_open": ("open", "ouverte"),
    "run_passed": ("passed", "acquise"),
    "run_superseded": ("superseded", "remplacée"),
    "word_awaited": ("awaited", "attendue"),
    "word_endorse": ("endorses", "approuve"),
    "word_no_objection": ("no objection", "sans objection"),
    "word_object": ("objects", "s’oppose"),
    "word_recuse": ("recuses itself", "se récuse"),
    "word_silence": ("no objection, by silence", "sans objection, par le silence"),
    "word_stand_aside": ("stands aside", "s’abstient sans bloquer"),
    "word_withdrawn": ("took its endorsement back", "a retiré son approbation"),
}
