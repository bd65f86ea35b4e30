"""The register of the Global Plan of Action against trafficking in persons: its 61 paragraphs (A/RES/64/293, annex).

Each is of one of the four pillars, or of the general part. The titles are the platform's own, made to find one's way in a list
of 61: they say in a few words what a paragraph is about, in English and in French, and never how the resolution puts it.
Who wants to know what States agreed reads the resolution, at the ``source``.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from services.kernel import Refusal


@dataclass(frozen=True)
class Part:
    """Consecutive paragraphs, first and last included."""

    pillar: str
    first: int
    last: int

    @property
    def paragraphs(self) -> range:
        return range(self.first, self.last + 1)


PARTS = (
    Part("general", 1, 11),
    Part("prevention", 12, 24),
    Part("protection", 25, 42),
    Part("prosecution", 43, 49),
    Part("partnerships", 50, 61),
)
PILLARS = tuple(part.pillar for part in PARTS if part.pillar != "general")
FIRST, LAST = PARTS[0].first, PARTS[-1].last

TITLES = (
    # The general part
    ("Condemnation of trafficking as a crime", "Condamnation de la traite en tant que crime"),
    ("Definition of trafficking under the Protocol", "Définition de la traite selon le Protocole"),
    ("Victims' rights at the heart of every response", "Droits des victimes au cœur de toute action"),
    ("Ratification of the treaties against trafficking", "Ratification des traités contre la traite"),
    ("Conference of the Parties and review of implementation", "Conférence des Parties et examen de l'application"),
    ("Recommendations of the Working Group on Trafficking", "Recommandations du Groupe de travail sur la traite"),
    ("Human Rights Council's work on trafficking", "Travaux du Conseil des droits de l'homme"),
    ("Special rapporteurs and representatives concerned with trafficking", "Rapporteurs et représentants spéciaux concernés par la traite"),
    ("UNODC's central role and its technical assistance", "Rôle central de l'ONUDC et son assistance technique"),
    ("Contribution of OHCHR, UNICEF, ILO and IOM", "Apport de quatre organismes (HCDH, UNICEF, OIT, OIM)"),
    ("Coordination among UN bodies through ICAT and UN.GIFT", "Coordination des organismes par le Groupe et l'Initiative mondiale"),
    # Prevention
    ("Root causes that make people vulnerable", "Causes profondes de la vulnérabilité à la traite"),
    ("Every form of trafficking, wherever it occurs", "Toutes les formes de traite, en tous lieux"),
    ("Trafficking in broader UN policies and programmes", "Traite dans les politiques générales de l'ONU"),
    ("Comprehensive national and regional prevention policies", "Politiques nationales et régionales globales de prévention"),
    ("Research and disaggregated data on trafficking", "Recherche et données ventilées sur la traite"),
    ("Procedures for identifying victims among vulnerable groups", "Procédures de repérage des victimes parmi les groupes vulnérables"),
    ("Awareness campaigns for the public and those at risk", "Campagnes de sensibilisation du public et des personnes menacées"),
    ("Education in human rights as lasting prevention", "Éducation aux droits de l'homme comme prévention durable"),
    ("Identity documents and registration of births", "Pièces d'identité et enregistrement des naissances"),
    ("Reduction of the demand behind trafficking", "Réduction de la demande à l'origine de la traite"),
    ("Economic exploitation and the awareness of consumers", "Exploitation économique et sensibilisation des consommateurs"),
    ("Public services' capacity for prevention", "Capacités de prévention des services publics"),
    ("Exchange of good practices in prevention", "Échange de bonnes pratiques en matière de prévention"),
    # Protection
    ("Human rights and counter-trafficking as mutual support", "Complémentarité entre droits de l'homme et lutte antitraite"),
    ("Victims' rights, reintegration and the existing guidelines", "Droits et réinsertion des victimes selon les directives"),
    ("Recognition of trafficked persons as victims of crime", "Victimes de la traite reconnues comme victimes d'infraction"),
    ("National services for victims and referral mechanisms", "Services nationaux aux victimes et mécanismes d'orientation"),
    ("Training of officials likely to meet victims", "Formation des agents en contact avec les victimes"),
    ("Non-punishment of victims of trafficking", "Absence de sanctions contre les victimes"),
    ("Privacy and safety of victims, families and witnesses", "Vie privée et sécurité des victimes et témoins"),
    ("Physical, psychological and social recovery of victims", "Rétablissement physique, psychologique et social des victimes"),
    ("Victims' permission to stay, temporarily or permanently", "Séjour temporaire ou permanent des victimes"),
    ("Safe and preferably voluntary return of victims", "Retour sûr et de préférence volontaire des victimes"),
    ("Workers' rights in law against the risk", "Droits légaux des travailleurs face au risque"),
    ("Specialized services and health care, HIV included", "Services spécialisés et soins de santé, VIH compris"),
    ("Protection of children trafficked or at risk", "Protection des enfants victimes ou menacés de traite"),
    ("United Nations voluntary trust fund for victims", "Fonds de contributions volontaires pour les victimes"),
    ("Compensation for the harm victims have suffered", "Réparation du préjudice subi par les victimes"),
    ("Civil society's role in assisting victims", "Rôle de la société civile auprès des victimes"),
    ("Information for victims and their voice in proceedings", "Information des victimes et parole dans les procédures"),
    ("Time to recover and advice before cooperating", "Délai de rétablissement et conseils avant de coopérer"),
    # Prosecution
    ("Criminalization and prosecution of trafficking in all forms", "Incrimination et poursuite de toutes les formes de traite"),
    ("Liability of all offenders, legal persons included", "Responsabilité de tous les auteurs, personnes morales comprises"),
    ("Investigations, confiscation of assets and proportionate penalties", "Enquêtes, confiscation des avoirs et peines proportionnées"),
    ("Technical assistance for stronger criminal justice", "Assistance technique pour une justice pénale plus forte"),
    ("Corrupt officials involved in trafficking", "Agents publics corrompus mêlés à la traite"),
    ("Cooperation of States against related crimes", "Coopération des États contre les infractions connexes"),
    (
        "Information exchange among police, immigration and border services",
        "Échange de renseignements entre police, immigration et frontières",
    ),
    # Partnerships
    ("Capacity-building and coherence across the United Nations", "Renforcement des capacités et cohérence des Nations Unies"),
    ("Cooperation at all levels and shared practices", "Coopération à tous les niveaux et pratiques partagées"),
    ("Agreements on mutual legal assistance and extradition", "Accords d'entraide judiciaire et d'extradition"),
    ("Joint work with civil society, business and media", "Action commune avec société civile, entreprises et médias"),
    ("Regional and international law enforcement cooperation", "Coopération policière régionale et internationale"),
    ("International cooperation and assistance to countries concerned", "Coopération internationale et assistance aux pays concernés"),
    ("Stronger ICAT for coordination between agencies", "Renforcement du Groupe interinstitutions pour la coordination"),
    ("Help to States in laws, borders and capacities", "Aide aux États pour lois, frontières et capacités"),
    ("Coherence and efficiency of UN technical assistance", "Cohérence et efficacité de l'assistance technique onusienne"),
    ("Call to the Secretary-General to strengthen ICAT", "Appel au Secrétaire général à renforcer le Groupe"),
    ("UNODC's data collection and biennial global report", "Collecte de données et rapport biennal de l'ONUDC"),
    ("Voluntary contributions and new sources of funding", "Contributions volontaires et nouvelles sources de financement"),
)
"""In English and French, of paragraph 1 and on."""


_PILLAR_OF = {number: part.pillar for part in PARTS for number in part.paragraphs}

REGISTER: tuple[dict, ...] = tuple(
    {
        "paragraph": number,
        "pillar": _PILLAR_OF[number],
        "titles": {"en": english, "fr": french},
        "source": f"A/RES/64/293, annex, paragraph {number}",
    }
    for number, (english, french) in enumerate(TITLES, FIRST)
)
"""Every paragraph in order: ``paragraph``, ``pillar``, ``titles`` by language, ``source``."""


def pillar_of(paragraph: int) -> str:
    """The pillar a paragraph belongs to, or ``general``. Raises ValueError outside 1 to 61."""
    if paragraph not in _PILLAR_OF:
        raise ValueError(f"The Global Plan has paragraphs {FIRST} to {LAST}, not {paragraph}.")
    return _PILLAR_OF[paragraph]


def faults(pillars: Collection[str], paragraphs: Collection[int] = (), path: str = "") -> Iterator[Refusal]:
    """What among these is no pillar, or no paragraph. ``path``: prefix of the fields' paths."""
    for i, pillar in enumerate(pillars):
        if pillar not in PILLARS:
            yield Refusal.invalid(f"{path}pillars.{i}", f"{pillar} is no pillar.", rule="pillar", accepted=list(PILLARS))
    for i, paragraph in enumerate(paragraphs):
        if paragraph not in _PILLAR_OF:
            yield Refusal.invalid(
                f"{path}paragraphs.{i}",
                f"The Global Plan of Action has no paragraph {paragraph}.",
                rule="gpa-paragraph",
                accepted=f"{FIRST} to {LAST}",
            )


def pillars_served(pillars: Collection[str], paragraphs: Collection[int]) -> list[str]:
    """The parts of the Global Plan that something serves: by naming the pillar, or one of its paragraphs."""
    named = {*pillars, *map(pillar_of, paragraphs)}
    return [part.pillar for part in PARTS if part.pillar in named]
