"""Words of six languages, each brought to what its forms have in common, so that whoever seeks one finds the others.

English, French, Spanish and Russian words are stemmed by the Snowball algorithms; of Latin letters the accents are dropped first, since
people leave them out, and so the algorithm goes on until nothing more comes off: ``protégées`` and ``protege`` meet. Arabic is stemmed
lightly (Larkey, Ballesteros, Connell 2002, *light10*): Snowball's own takes another ending off a word with its article than without.
Chinese has no spaces: each two characters that stand together are a word, and the last one alone.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import snowballstemmer

HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_MARKS = "\u00ad\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u200c-\u200f"
"""What may stand within a word and is no letter: accents, vowels of Arabic, joiners, places where it may be parted."""
_WORDS = re.compile(rf"[{HAN}]+|(?:(?![{HAN}])[^\W_][{_MARKS}]*)+")
_DROPPED = re.compile(rf"[\u0640{_MARKS}]")
_DRAWN_OUT = re.compile(r"^[وف]?[لبك]\u0640+(?=\w\w)")
"""A particle that a line joins to a word which is marked, or begins with its article: the word is what is sought."""
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")

LONGEST_WORD = 64
"""Characters of a word that count: what is longer is none of a language."""

_BRITISH = re.compile(r"is(e[ds]?|ers?|ing|ations?|ational)$")

_ALGORITHMS = {"en": "english", "fr": "french", "es": "spanish", "ru": "russian"}
_ALIKE = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ё": "е"})
_ARTICLES = ("وال", "بال", "كال", "فال", "لل", "ال")
_ENDINGS = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")

_ONE_AND_MANY = {
    "en": "child children · woman women · man men · person people",
    "fr": "travail travaux",
    "es": "",
    "ru": "люди людьми · дети детьми",
    "ar": (
        "ضحية ضحايا · شخص أشخاص · طفل أطفال · امرأة نساء · رجل رجال · فتاة فتيات · عامل عمال · شريك شركاء · خبير خبراء · "
        "عضو أعضاء · جريمة جرائم · حق حقوق · قانون قوانين · مبدأ مبادئ · حد حدود · سوق أسواق · عقد عقود · مورد موارد · خطة خطط · "
        "هدف أهداف · سبب أسباب · شكل أشكال · طريقة طرق · أداة أدوات · تدبير تدابير · معيار معايير · مشروع مشاريع · مصدر مصادر · "
        "ورقة أوراق · وثيقة وثائق · فريق أفرقة · نشاط أنشطة · نظام نظم · جهد جهود · خطر مخاطر"
    ),
}
"""Words of this field whose plural, or other form, no rule of endings finds: the one, and what is to be taken for it."""

_LITTLE = {
    "en": "a an and are as at be by for from in into is it of on or that the their this to was were with",
    "fr": (
        "à au aux ce ces d dans de des du elle en est et il l la le les leur leurs n ne ou par pas pour qu que qui s sa se ses son sur "
        "un une y"
    ),
    "es": "a al con de del e el en es la las lo los o para por que se su sus u un una y",
    "ru": "а в во для до же за и из или к как на не но о об от по при с со то у что",
    "ar": "أن إلى الذي التي ذلك على عن في قد كان لا ما مع من هذا هذه هو هي و",
    "zh": "",
}
"""Words that stand in every text: a question asks for them only when it has no others."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: its stem, and where it stands, in characters."""

    stem: str
    start: int
    end: int


def words(text: str, language: str) -> Iterator[Word]:
    """The words of a text in one of the six languages, in order."""
    for found in _WORDS.finditer(text):
        start, end = found.span()
        if is_han(found[0]):
            for at in range(start, end):
                yield Word(text[at : at + 2] if at + 1 < end else text[at], at, min(at + 2, end))
        else:
            yield Word(stem(found[0][:LONGEST_WORD], language), start, end)


def is_han(word: str) -> bool:
    """Whether a word is of a writing without spaces."""
    return re.match(f"[{HAN}]", word) is not None


def is_little(word: str, language: str) -> bool:
    """Whether a word, as it is written, is one that says nothing alone."""
    return word.casefold() in _little[language]


@functools.lru_cache(maxsize=200_000)
def stem(word: str, language: str) -> str:
    """What the forms of a word have in common. Words in another writing than the language's are treated as of theirs."""
    plain = _DROPPED.sub("", _DRAWN_OUT.sub("", unicodedata.normalize("NFKC", word).casefold())).translate(_ALIKE)
    plain = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in plain)
    if _ARABIC.search(plain):
        language, stemmed = "ar", _light(plain)
    elif _CYRILLIC.search(plain):
        language, stemmed = "ru", _stemmer("ru").stemWord(plain)
    else:
        language, stemmed = (language, _to_the_end(plain, language)) if language in ("fr", "es") else ("en", _to_the_end(plain, "en"))
    return _same[language].get(stemmed, stemmed)


def _stemmer(language: str) -> Any:
    """One of its own for each word: a stemmer keeps the word it is at in itself, and words are stemmed in several threads at once."""
    return snowballstemmer.stemmer(_ALGORITHMS[language])


def _to_the_end(word: str, language: str) -> str:
    word = "".join(sign for sign in unicodedata.normalize("NFKD", word) if not unicodedata.combining(sign))
    if language == "en":
        word = _BRITISH.sub(r"iz\1", word)
    stemmer = _stemmer(language)
    while (shorter := stemmer.stemWord(word)) != word:
        word = shorter
    return word


def _light(word: str) -> str:
    """The article and the words written together with it, then endings, as long as two letters or more are left."""
    word = _without_and(word)
    if article := next((one for one in _ARTICLES if word.startswith(one) and len(word) - len(one) >= 2), None):
        word = _without_and(word.removeprefix(article))
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            word = word.removesuffix(ending)
    return word


def _without_and(word: str) -> str:
    """Without the *and* written together with the word; also where it is the word's own first letter, which nobody can tell."""
    return word[1:] if word.startswith("و") and len(word) > 3 else word


_same: dict[str, dict[str, str]] = {language: {} for language in _ONE_AND_MANY}
for _language, _pairs in _ONE_AND_MANY.items():
    for _one, _many in (pair.split() for pair in _pairs.split("·") if pair.strip()):
        _same[_language][stem.__wrapped__(_many, _language)] = stem.__wrapped__(_one, _language)
_little = {language: frozenset(listed.split()) for language, listed in _LITTLE.items()}
