"""From BCP 47 tags to the languages and families that figures are reported by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_ALIASES = MappingProxyType({"tl": "fil", "no": "nb"})
"""Two tags for one written language; the preferred one follows CLDR."""

_USUAL_SCRIPTS = MappingProxyType({"zh": {"Hans", "Hant"}, "yue": {"Hans", "Hant"}})
"""Scripts that make no language of their own. Others are reported apart (`hi-Latn`)."""

_ALWAYS_BY_SCRIPT = frozenset({"sr"})
"""Written in two scripts side by side, so that a bare tag does not say which."""

_FAMILY_MEMBERS = {
    "germanic": "en de nl af sv da nb nn is fo lb lim yi",
    "creole": "ht pcm pap kea tpi",
    "romance": "es fr it pt ro ca gl oci ast scn srd vec lij lmo fur",
    "celtic": "ga gla cy",
    "slavic": "ru uk be pl cs sk sl hr bs sr sh mk bg szl",
    "baltic": "lt lv ltg",
    "greek": "el",
    "albanian": "sq",
    "armenian": "hy",
    "basque": "eu",
    "uralic": "fi et hu",
    "caucasian": "ka",
    "arabic": "ar ary arq arz apc ajp acm acq ars aeb mt",
    "hebrew": "he",
    "ethio-semitic": "am ti",
    "cushitic": "om so",
    "berber": "kab tzm taq",
    "chadic": "ha",
    "iranian": "fa prs ps ckb kmr tg",
    "turkic": "tr az azb kk ky uz tk tt bak crh ug",
    "mongolic": "mn",
    "indic": "hi ur bn pa pnb gu mr ne si as or bho mag mai hne awa sd ks sa",
    "dravidian": "ta te ml kn",
    "sinitic": "zh yue",
    "tibeto-burman": "my bo dz kac lus mni",
    "tai": "th lo shn",
    "austroasiatic": "vi km sat",
    "austronesian": "id ms jv su min ban bjn bug ace fil ceb ilo pag war mg mi sm fj",
    "japonic": "ja",
    "koreanic": "ko",
    "bantu": "sw rw rn zu xh sn ln lg ny st nso tn ts ss bem tum kam ki kon lua kmb umb cjk vmw",
    "west-african": "yo ig ak tw ee wo fon mos kbp fuv bm dyu nqo sg",
    "nilo-saharan": "luo dik nus knc",
    "american": "quy ayr grn",
    "constructed": "eo",
}
"""Families fine enough to speak about; areal where the branches are thin (`west-african`)."""

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        language: family
        for family, members in _FAMILY_MEMBERS.items()
        for language in members.split()
    }
)

_CYRILLIC = re.compile(r"[\u0400-\u052F]")
_LATIN = re.compile(r"[A-Za-z\u00C0-\u024F]")


def is_known_language(tag: str) -> bool:
    """Whether the tag's language has a family, and the tag reads as `xx[-Xxxx][-rest]`."""
    return _primary(tag) in FAMILIES and "" not in tag.split("-")


def language_of(tag: str, text: str = "") -> str:
    """The language a tag is reported under: the primary subtag, plus a telling script.

    `es-MX` is `es`, `hi-Latn` stays, `zh-Hant` is `zh`. A bare `sr` takes the script from `text`,
    Cyrillic unless Latin letters prevail.
    """
    primary = _primary(tag)
    script = _script(tag)
    if script is None and primary in _ALWAYS_BY_SCRIPT:
        latin_prevails = len(_LATIN.findall(text)) > len(_CYRILLIC.findall(text))
        script = "Latn" if latin_prevails else "Cyrl"
    if script is None or script in _USUAL_SCRIPTS.get(primary, ()):
        return primary
    return f"{primary}-{script}"


def family_of(language: str) -> str:
    """The family of a tag or of a `language_of`; `other` for a language without an entry."""
    return FAMILIES.get(_primary(language), "other")


def _primary(tag: str) -> str:
    primary = tag.split("-", 1)[0].lower()
    return _ALIASES.get(primary, primary)


def _script(tag: str) -> str | None:
    """The four-letter subtag, which BCP 47 writes with one capital."""
    scripts = (part.title() for part in tag.split("-")[1:] if len(part) == 4 and part.isalpha())
    return next(scripts, None)
