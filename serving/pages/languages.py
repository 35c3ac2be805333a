"""English names of languages, for people who do not know the codes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_NAMES = """
af Afrikaans; am Amharic; ar Arabic; as Assamese; az Azerbaijani; be Belarusian; bg Bulgarian;
bm Bambara; bn Bengali; bs Bosnian; ca Catalan; ckb Central Kurdish (Sorani); cs Czech; cy Welsh;
da Danish; de German; dyu Dyula; dz Dzongkha; el Greek; en English; eo Esperanto; es Spanish;
et Estonian; eu Basque; fa Persian; ff Fula; fi Finnish; fil Filipino; fr French; ga Irish;
gl Galician; gu Gujarati; ha Hausa; he Hebrew; hi Hindi; hr Croatian; ht Haitian Creole;
hu Hungarian; hy Armenian; id Indonesian; ig Igbo; is Icelandic; it Italian; ja Japanese;
jv Javanese; ka Georgian; kk Kazakh; km Khmer; kmr Northern Kurdish (Kurmanji); kn Kannada;
ko Korean; ku Kurdish; ky Kyrgyz; lg Ganda; ln Lingala; lo Lao; lt Lithuanian; lv Latvian;
mg Malagasy; mk Macedonian; ml Malayalam; mn Mongolian; mr Marathi; ms Malay; mt Maltese;
my Burmese; nb Norwegian; ne Nepali; nl Dutch; no Norwegian; ny Chichewa; om Oromo; or Odia;
pa Punjabi; pcm Nigerian Pidgin; pl Polish; pnb Western Punjabi; prs Dari; ps Pashto;
pt Portuguese; rn Kirundi; ro Romanian; ru Russian; rw Kinyarwanda; sd Sindhi; si Sinhala;
sk Slovak; sl Slovenian; sn Shona; so Somali; sq Albanian; sr Serbian; st Sotho; sv Swedish;
sw Swahili; ta Tamil; te Telugu; tg Tajik; th Thai; ti Tigrinya; tk Turkmen; tl Tagalog;
tr Turkish; tt Tatar; ug Uyghur; uk Ukrainian; ur Urdu; uz Uzbek; vi Vietnamese; wo Wolof;
xh Xhosa; yi Yiddish; yo Yoruba; yue Cantonese; zh Chinese; zu Zulu; zxx No language;
und Not recognised
"""

NAMES: Mapping[str, str] = MappingProxyType(
    dict(entry.split(maxsplit=1) for entry in " ".join(_NAMES.split()).split("; "))
)
"""By primary subtag (ISO 639)."""

SCRIPTS: Mapping[str, str] = MappingProxyType(
    {
        "Arab": "Arabic script",
        "Cyrl": "Cyrillic",
        "Hans": "simplified",
        "Hant": "traditional",
        "Latn": "Latin letters",
    }
)
"""By ISO 15924 code; those that occur where a language is written in two."""


def language_name(tag: str) -> str:
    """`hi-Latn` as "Hindi, Latin letters"; a tag that is not known stays as it is."""
    primary, _, script = tag.partition("-")
    name = NAMES.get(primary, primary)
    return f"{name}, {SCRIPTS.get(script, script)}" if script else name
