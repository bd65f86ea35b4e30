"""What decides here: the Group's composition, its record of terms, the order of coming years, and the handover of the chair.

Pure: imports the standard library, ``services.kernel`` and itself; told the instant and the actor, never asking. ``group`` is
the aggregate, ``rota`` the order its record proposes, ``periods`` when entities belong and sit, ``handover`` what passes from
chair to chair, ``dossier`` what of it other services tell; ``views``, ``history`` and ``waiting`` what each reader sees.
"""

from services.chairs.rules import dossier, history, views, waiting
from services.chairs.rules.group import Group

__all__ = ["Group", "dossier", "history", "views", "waiting"]
