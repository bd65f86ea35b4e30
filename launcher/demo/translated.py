"""What the entities write in the demo in languages other than English: the paper on demand in French, as it was after the two drafters'
work and as it was published, and the statement in the five other languages of the United Nations."""

from launcher.demo.texts import Sections, rewritten

# The sections stand in the order of the original's, each with the heading that it has in its own language.

DEMAND_TITLE = "Prévenir la traite des personnes en réduisant la demande"

DEMAND_FIRST: Sections = [
    {
        "heading": "Pourquoi la demande",
        "text": "La traite rapporte parce que quelqu’un, quelque part, gagne à ce que les personnes qui en sont victimes fabriquent et "
        "font. L’essentiel de la lutte a porté sur ceux que l’on recrute et sur ceux qui recrutent. Le présent document regarde l’autre "
        "bout : les acheteurs. Il ne nomme aucun pays, car ce qu’il dit vaut pour beaucoup.",
    },
    {
        "heading": "De quoi il s’agit",
        "text": "Nous parlons de demande là où l’envie d’un travail, de biens ou de services bon marché rencontre la disposition à ne pas "
        "demander pourquoi ils le sont.\n\n"
        "- un employeur qui veut des bras sans obligations ;\n"
        "- une entreprise qui commande en dessous du coût d’un travail décent ;\n"
        "- une personne qui achète un service à quelqu’un qui ne peut pas refuser.",
    },
    {
        "heading": "Ce que l’on a appris",
        "text": "Punir le seul acheteur déplace la demande plus souvent que cela n’y met fin. Là où l’inspection du travail entre dans les "
        "maisons, les fermes et les chantiers, l’exploitation devient chère et rare. Là où les frais de recrutement sont interdits et où "
        "l’interdiction est appliquée, aucune dette ne lie plus le travailleur à un seul employeur. Le droit de changer d’employeur a le "
        "même effet. Là où l’on peut se plaindre dans sa propre langue, l’exploitation vient au jour.",
    },
    {
        "heading": "Ce que les États peuvent faire",
        "text": "Les États peuvent étendre le droit du travail à tous ceux qui travaillent, donner aux inspecteurs les moyens d’aller là "
        "où l’on exploite, et n’acheter eux-mêmes, premiers clients qu’ils sont, que ce qui a été fait librement. Aucune mesure contre la "
        "demande ne doit aggraver le sort de ceux qu’elle veut libérer : chacune est jugée à ce qu’elle fait de leurs droits. Ce qu’ils "
        "achètent, ils peuvent en demander l’origine dans chaque contrat.",
    },
]

DEMAND_FINAL = rewritten(
    rewritten(
        rewritten(
            DEMAND_FIRST,
            "Pourquoi la demande",
            "les acheteurs. Il ne nomme aucun pays, car ce qu’il dit vaut pour beaucoup.",
            "les acheteurs, et ce qui leur fait trouver des réfugiés, des demandeurs d’asile et d’autres personnes sans papiers.",
        ),
        "De quoi il s’agit",
        "quelqu’un qui ne peut pas refuser.",
        "quelqu’un qui ne peut pas refuser, et à un enfant, qui ne peut jamais consentir.",
    ),
    "Ce que l’on a appris",
    "Punir le seul acheteur déplace la demande plus souvent que cela n’y met fin.",
    "Là où travaillent nos membres, punir le seul acheteur a déplacé la demande plus souvent que cela n’y a mis fin.",
)

DEMAND_CORRECTED = rewritten(
    DEMAND_FINAL,
    "Ce que l’on a appris",
    "Là où les frais de recrutement sont interdits",
    "Là où il est interdit de faire payer aux travailleurs leur recrutement",
)

STATEMENT: dict[str, tuple[str, Sections]] = {
    "fr": (
        "Sans demande, pas de traite",
        [
            {
                "heading": "D’une seule voix",
                "text": "C’est aujourd’hui la première Journée mondiale de la lutte contre la traite d’êtres humains. Nous travaillons "
                "pour les migrants et les réfugiés, pour les travailleurs et les enfants, pour les droits de l’homme et la justice, et "
                "voulons dire en ce jour une chose ensemble.",
            },
            {
                "heading": "Notre appel",
                "text": "Les victimes de la traite cousent, récoltent, bâtissent, nettoient et sont vendues, parce que ce qu’on leur fait "
                "faire trouve des acheteurs. Nous appelons tous ceux qui achètent, commandent ou emploient à demander qui l’a fait, et "
                "comment. Nous appelons les États à rendre facile la réponse honnête, et à se tenir aux côtés de celles et ceux à qui le "
                "mal est fait et auxquels protection et réparation sont dues.",
            },
        ],
    ),
    "es": (
        "Sin demanda no hay trata",
        [
            {
                "heading": "Una sola voz",
                "text": "Hoy es el primer Día Mundial contra la Trata de Personas. Trabajamos por los migrantes y los refugiados, por los "
                "trabajadores y los niños, por los derechos humanos y la justicia, y aprovechamos el día para decir juntos una sola cosa.",
            },
            {
                "heading": "Nuestro llamamiento",
                "text": "Las víctimas de la trata cosen, cosechan, construyen, limpian y son vendidas porque lo que se les obliga a hacer "
                "encuentra compradores. Pedimos a quienes compran, encargan o emplean que pregunten quién lo hizo, y cómo. Pedimos a los "
                "Estados que hagan fácil la respuesta honesta y que apoyen a quienes ya han sufrido el daño, a quienes se deben protección "
                "y reparación.",
            },
        ],
    ),
    "ru": (
        "Нет спроса — нет торговли людьми",
        [
            {
                "heading": "Одним голосом",
                "text": "Сегодня первый Всемирный день борьбы с торговлей людьми. Мы работаем ради мигрантов и беженцев, трудящихся и "
                "детей, ради прав человека и правосудия и хотим в этот день вместе сказать одно.",
            },
            {
                "heading": "Наш призыв",
                "text": "Жертвы торговли людьми шьют, собирают урожай, строят, убирают, и их продают, потому что на то, что их заставляют "
                "делать, находятся покупатели. Мы призываем всех, кто покупает, заказывает или нанимает, спрашивать, кто это сделал и "
                "как. Мы призываем государства сделать честный ответ простым и поддержать тех, кому уже причинён вред и кому "
                "полагаются защита и возмещение.",
            },
        ],
    ),
    "ar": (
        "لا طلب، لا اتجار",
        [
            {
                "heading": "صوت واحد",
                "text": "اليوم هو أول يوم عالمي لمكافحة الاتجار بالأشخاص. نحن نعمل من أجل المهاجرين واللاجئين، ومن أجل العمال والأطفال، "
                "ومن أجل حقوق الإنسان والعدالة، ونريد في هذا اليوم أن نقول معا شيئا واحدا.",
            },
            {
                "heading": "نداؤنا",
                "text": "ضحايا الاتجار يخيطون ويحصدون ويبنون وينظفون ويباعون، لأن ما يجبرون على فعله يجد مشترين. وندعو كل من يشتري أو يطلب "
                "أو يوظف إلى أن يسأل من صنع ذلك وكيف. وندعو الدول إلى أن تجعل الجواب الصادق سهلا، وأن تقف إلى جانب من لحق بهم الضرر، "
                "فلهم حق في الحماية والإنصاف.",
            },
        ],
    ),
    "zh": (
        "没有需求，就没有贩运",
        [
            {
                "heading": "同一个声音",
                "text": "今天是第一个世界打击贩运人口行动日。我们为移民和难民、为工人和儿童、为人权和正义而工作，愿在今天共同说一句话。",
            },
            {
                "heading": "我们的呼吁",
                "text": "被贩运者缝纫、收割、建造、清洁，并被出卖，因为他们被迫所做的事找得到买主。我们呼吁所有购买者、订货者和雇主询问："
                "是谁做的，怎样做的。我们呼吁各国使诚实的回答变得容易，并支持已经受到伤害的人，他们应当得到保护和补救。",
            },
        ],
    ),
}

WORDS = {"en": "harvest", "fr": "récoltent", "es": "cosechan", "ru": "урожай", "ar": "يحصدون", "zh": "收割"}
"""A word of the statement in each language, by which it is found."""
