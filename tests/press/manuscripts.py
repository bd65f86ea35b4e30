"""One text in six languages, and Markdown as only an ill-wisher writes it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from press.manuscript import Manuscript, Section

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
URL = "https://icat.example.org/documents/remedies"

TITLES = {
    "en": "Effective remedies for victims of trafficking",
    "fr": "Des recours effectifs pour les victimes de la traite",
    "es": "Recursos efectivos para las víctimas de la trata",
    "ru": "Эффективные средства защиты для жертв торговли людьми",
    "ar": "سبل انتصاف فعالة لضحايا الاتجار",
    "zh": "为贩运受害者提供有效补救",
}
HEADINGS = {
    "en": ("Introduction", "Obstacles"),
    "fr": ("Introduction", "Obstacles"),
    "es": ("Introducción", "Obstáculos"),
    "ru": ("Введение", "Препятствия"),
    "ar": ("مقدمة", "العقبات"),
    "zh": ("导言", "障碍"),
}
TEXTS = {
    "en": """States owe **remedies** to *victims*.[^1] See the [principles](https://example.org/p) and `A/RES/64/293`.

### What they include

1. restitution;
2. compensation:
   - material,
   - moral.

> Whatever their status.

| State | Cases |
|:--|--:|
| First | 12 |

[^1]: Protocol, art. 6.
""",
    "fr": """Les États doivent des **recours** aux *victimes*[^1]. Voir les [principes](https://example.org/p) et `A/RES/64/293`.

### Ce qu’ils comprennent

1. la restitution ;
2. l’indemnisation :
   - matérielle,
   - morale.

> Quel que soit leur statut.

| État | Cas |
|:--|--:|
| Premier | 12 |

[^1]: Protocole, art. 6.
""",
    "es": """Los Estados deben **recursos** a las *víctimas*[^1]. Véanse los [principios](https://example.org/p) y `A/RES/64/293`.

### Qué incluyen

1. la restitución;
2. la indemnización:
   - material,
   - moral.

> Cualquiera que sea su situación.

| Estado | Casos |
|:--|--:|
| Primero | 12 |

[^1]: Protocolo, art. 6.
""",
    "ru": """Государства обязаны предоставить *жертвам* **средства защиты**[^1]. См. [принципы](https://example.org/p) и `A/RES/64/293`.

### Что они включают

1. реституцию;
2. компенсацию:
   - материальную,
   - моральную.

> Независимо от их статуса.

| Государство | Дела |
|:--|--:|
| Первое | 12 |

[^1]: Протокол, статья 6.
""",
    "ar": """على الدول أن توفر **سبل الانتصاف** لـ*الضحايا*[^1]. انظر [المبادئ](https://example.org/p) و`A/RES/64/293`.

### ما الذي تشمله

1. رد الحقوق؛
2. التعويض:
   - المادي،
   - المعنوي.

> بصرف النظر عن وضعهم.

| الدولة | القضايا |
|:--|--:|
| الأولى | 12 |

[^1]: البروتوكول، المادة 6.
""",
    "zh": """各国应当向*受害者*提供**补救**。[^1]见[《原则》](https://example.org/p)和`A/RES/64/293`。

### 补救包括的内容

1. 恢复原状；
2. 赔偿：
   - 物质损害，
   - 精神损害。

> 无论其身份如何。

| 国家 | 案件 |
|:--|--:|
| 甲国 | 12 |

[^1]: 《议定书》第六条。
""",
}
LANGUAGES = tuple(TEXTS)


def manuscript(language: str = "en", *texts: str, **changes: Any) -> Manuscript:
    """The text in a language, published as the fourth of its series; ``texts``: of sections in place of its own."""
    of = texts or (TEXTS[language], TEXTS[language])
    headings = HEADINGS[language]
    return replace(
        Manuscript(
            document="remedies",
            kind="issue_paper",
            title=TITLES[language],
            sections=tuple(Section(f"s{at}", headings[at % 2], text) for at, text in enumerate(of)),
            language=language,
            status="published",
            revision=7,
            digest=DIGEST,
            dated=datetime(2016, 10, 7, 12, tzinfo=UTC),
            date="2016-10-07",
            issuer="ICAT",
            url=URL,
            number=4,
            original=None if language == "en" else "en",
            citation="ICAT, 2016",
            entities=("ILO", "OHCHR"),
        ),
        **changes,
    )


PIECES = (
    *(
        "<script>alert(1)</script>",
        "<img src=http://ill.example/x onerror=alert(1)>",
        "<a href='javascript:alert(1)' onclick=x>",
        "<!--",
        "-->",
    ),
    *(
        "[x](javascript:alert(1))",
        "[x](JaVa&Tab;script:x)",
        "<javascript:x>",
        "[x](data:text/html;base64,eA==)",
        "[x](vbscript:x 'onload=1')",
    ),
    *(
        '![*p* ^[n] [l](http://ill.example)](http://ill.example/p.png "t")',
        "[x](//ill.example/a)",
        "[x](http://[)",
        "[x](%zz#a#b)",
        "[r]: javascript:x",
    ),
    *(
        "[r]",
        "[x](<a b>)",
        "[^1]",
        "[^1]: note [^1] [^2]\n\n",
        "[^2]: > quote\n\n    - [^1]\n",
        "^[in *line* ^[deep]]",
        "]]>",
        "<![CDATA[",
        "&#12;",
        "&#0;",
    ),
    *(
        "\x00",
        "\x0b",
        "\x1f",
        "\x85",
        "\ufffe",
        "\u202e",
        "\ud800",
        "# h\n",
        "###### h\n",
        "> ",
        "> # q\n",
        "- ",
        "1. ",
        "7) x\n",
        "    code\n",
        "```<style>\n",
    ),
    *(
        "| a | b |\n|:-|-:|\n| <b> | ![](x) |\n",
        "***",
        "\n---\n",
        "**",
        "*",
        "`",
        "``<i>``",
        "\\\n",
        "  \n",
        "\n",
        "\n\n",
        " ",
        "word",
        "ضحايا",
        "补救",
        "\"'>",
        "{}",
        "</style>",
    ),
    *(
        "![a ![b](http://ill.example/b)](c)",
        "[![p](q)](http://ok.example)",
        "url(http://ill.example)",
        "@import 'x'",
        "<http://ok.example>",
        "x" * 40,
    ),
)
"""What meets badly: in any order, any number of times."""

hostile = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
"""Markdown of an ill-wisher."""
