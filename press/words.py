"""The few words that a set page says of itself, in the six languages of the United Nations; in any other language, in English."""

from press.manuscript import Manuscript

LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")

_WORDS = {
    "issue_paper": ("Issue paper", "Document thématique", "Documento temático", "Тематический документ", "ورقة مواضيعية", "专题文件"),
    "information_note": (
        "Information note",
        "Note d’information",
        "Nota informativa",
        "Информационная записка",
        "مذكرة إعلامية",
        "情况说明",
    ),
    "joint_statement": (
        "Joint statement",
        "Déclaration conjointe",
        "Declaración conjunta",
        "Совместное заявление",
        "بيان مشترك",
        "联合声明",
    ),
    "number": ("No. {}", "nº {}", "núm. {}", "№ {}", "رقم {}", "第{}号"),
    "draft": ("Draft", "Projet", "Proyecto", "Проект", "مشروع", "草案"),
    "corrected": ("Corrected", "Version corrigée", "Versión corregida", "С исправлениями", "نسخة مصوّبة", "更正版"),
    "revision": ("Revision {}", "Révision {}", "Revisión {}", "Редакция {}", "التنقيح {}", "修订版{}"),
    "original": ("Original: {}", "Original : {}", "Original: {}", "Язык оригинала: {}", "الأصل: {}", "原文：{}"),
    "contents": ("Contents", "Table des matières", "Índice", "Содержание", "المحتويات", "目录"),
    "summary": ("Summary", "Résumé", "Resumen", "Резюме", "موجز", "摘要"),
    "corrigenda": ("Corrigenda", "Rectificatifs", "Correcciones", "Исправления", "تصويبات", "更正"),
    "uncorrected": (
        "Not yet in this version – {}",
        "Absent de cette version – {}",
        "Aún no figura en esta versión – {}",
        "Ещё не внесено в эту версию – {}",
        "لم يرد بعد في هذه النسخة – {}",
        "本版本尚未收入——{}",
    ),
    "notes": ("Notes", "Notes", "Notas", "Примечания", "الحواشي", "注释"),
    "back": ("Back to the text", "Retour au texte", "Volver al texto", "Назад к тексту", "العودة إلى النص", "返回正文"),
    "entities": ("Entities", "Entités", "Entidades", "Учреждения", "الكيانات", "实体"),
    "signatories": ("Signatories", "Signataires", "Signatarios", "Подписавшие", "الموقّعون", "签署方"),
    "about": ("About this text", "À propos de ce texte", "Acerca de este texto", "Об этом тексте", "عن هذا النص", "关于本文"),
    "citation": ("How to cite", "Pour citer ce texte", "Cómo citar", "Как цитировать", "كيفية الاستشهاد", "引用格式"),
    "url": ("Address", "Adresse", "Dirección", "Адрес", "العنوان", "网址"),
    "version": ("Version", "Version", "Versión", "Версия", "النسخة", "版本"),
    "digest": (
        "Digest (SHA-256)",
        "Empreinte (SHA-256)",
        "Huella (SHA-256)",
        "Контрольная сумма (SHA-256)",
        "البصمة (SHA-256)",
        "摘要值（SHA-256）",
    ),
}

_NAMES = {
    "en": ("English", "anglais", "inglés", "английский", "بالإنكليزية", "英文"),
    "fr": ("French", "français", "francés", "французский", "بالفرنسية", "法文"),
    "es": ("Spanish", "espagnol", "español", "испанский", "بالإسبانية", "西班牙文"),
    "ru": ("Russian", "russe", "ruso", "русский", "بالروسية", "俄文"),
    "ar": ("Arabic", "arabe", "árabe", "арабский", "بالعربية", "阿拉伯文"),
    "zh": ("Chinese", "chinois", "chino", "китайский", "بالصينية", "中文"),
}

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ru": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "ar": "كانون_الثاني/يناير شباط/فبراير آذار/مارس نيسان/أبريل أيار/مايو حزيران/يونيه تموز/يوليه آب/أغسطس أيلول/سبتمبر "
    "تشرين_الأول/أكتوبر تشرين_الثاني/نوفمبر كانون_الأول/ديسمبر",
}
_OF_A_DAY = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
"""Russian months as they stand after a day."""

_DATES = {
    "en": ("{month} {year}", "{day} {month} {year}"),
    "fr": ("{month} {year}", "{day} {month} {year}"),
    "es": ("{month} de {year}", "{day} de {month} de {year}"),
    "ru": ("{month} {year} г.", "{day} {month} {year} г."),
    "ar": ("{month} {year}", "{day} {month} {year}"),
    "zh": ("{year}年{number}月", "{year}年{number}月{day}日"),
}


_QUOTED = ("“{}”", "«\u00a0{}\u00a0»", "«{}»", "«{}»", "«{}»", "《{}》")
_STOPS = {"ar": ("، ", "."), "zh": ("，", "。")}


def word(name: str, language: str, *values: object) -> str:
    """One of the words in a language."""
    return _in(_WORDS[name], language).format(*values)


def name_of(language: str, within: str) -> str:
    """What a language is called in another; its code when we do not know it."""
    return _in(_NAMES[language], within) if language in _NAMES else language


def kind(manuscript: Manuscript) -> str:
    """Kind and number: ``Issue paper No. 3``."""
    return numbered(manuscript.kind, manuscript.number, manuscript.language)


def numbered(of: str, number: int | None, language: str) -> str:
    """The same of a kind of document and a number, None where there is none."""
    name = word(of, language)
    return name if number is None else f"{name}{'' if language == 'zh' else ' '}{word('number', language, number)}"


def cited(issuer: str, title: str, of: str, number: int | None, known: str, language: str) -> str:
    """How a publication is quoted in a language: by whom it is, its title, its kind ``of`` and number, its date as exactly as ``known``."""
    comma, stop = _STOPS.get(language, (", ", "."))
    parts = (issuer, _in(_QUOTED, language).format(title), numbered(of, number, language), date(known, language))
    return f"{comma.join(parts).removesuffix(stop)}{stop}"


def date(known: str, language: str) -> str:
    """A date in words, as exactly as it is known: ``2014``, ``2014-10`` or ``2014-10-07``."""
    language = language if language in LANGUAGES else "en"
    year, *rest = (int(part) for part in known.split("-"))
    if not rest:
        return f"{year}年" if language == "zh" else str(year)
    number, day = rest[0], str(rest[1]) if rest[1:] else ""
    months = (_OF_A_DAY if language == "ru" and day else _MONTHS.get(language, "")).split()
    month = months[number - 1].replace("_", " ") if months else ""
    day = "1er" if language == "fr" and day == "1" else day
    return _DATES[language][bool(day)].format(year=year, number=number, month=month, day=day)


def _in(words: tuple[str, ...], language: str) -> str:
    return words[LANGUAGES.index(language) if language in LANGUAGES else 0]
