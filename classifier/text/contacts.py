"""Contacts become placeholders, whoever masked them: links, e-mail, handles, earlier masks."""

from __future__ import annotations

import re

from classifier.text.alignment import Edit
from classifier.text.scripts import UNSPACED

URL, EMAIL, USER, CHAT = "[URL]", "[EMAIL]", "[USER]", "[CHAT]"

_MASK = re.compile(
    r"\[(?P<square>phone|url|email|user|chat)\]|#(?P<hash>phone|url|email)_[0-9a-z]+#"
    r"|@?<(?P<angle>user(?:name)?|url|e?mail|phone)>|##(?P<hashes>phone|url|email|user)##"
    r"|(?<![\w.:/])(?-i:(?P<bare>URL|https?))(?![\w:])(?!\.\w)",
    re.IGNORECASE,
)
_MASK_SIGN = re.compile(r"[\[#<]")
_MASK_NAMES = {"username": "USER", "mail": "EMAIL", "http": "URL", "https": "URL"}

# Endings of a host, by how sure they are to be one: "vi.sa" and "home.work" are words with a full
# stop in them, so most endings count only with a path behind them.
_GENERIC = r"com|org|net|info|biz|edu|gov|eu|xyz|example|invalid"
_COUNTRY = r"ru|ua|kz|uz|by|pl|cz|hu|bg|gr|hr|rs|tr|ae|ng|gh|ke|za|jp|cn|vn|ph|br|mx|uk|kg|tj"
_SECOND_LEVEL = r"(?:com?|org|net|gov|gob|gouv|edu|ac|go|or)\.[a-z]{2}"
_WITH_PATH = (
    r"[a-z]{2}|app|dev|online|site|shop|store|club|top|live|link|click|pro|work|jobs|world|vip|icu"
    r"|ltd|agency|group|company|services|travel|asia|mobi|gle"
)
_MESSENGERS = (
    r"t\.me|tx\.me|telegram\.(?:me|dog|org)|wa\.(?:me|link)|(?:(?:chat|api|web)\.)?whatsapp+\.com"
    r"|m\.me|signal\.(?:me|group)|line\.me|lin\.ee|viber\.com|discord\.(?:gg|com)|vk\.me|zalo\.me"
    r"|imo\.(?:im|onelink)|botim\.me|threema\.id|(?:(?:open|qr)\.)?kakao\.com"
)

_OUTSIDE = rf"\s<>\"'«»“”\[\]{{}}|\\^`。，、！？）】{UNSPACED}"
_TAIL = rf"(?:[^{_OUTSIDE}]*[^{_OUTSIDE}.,:;!?)…])"
_PATH = rf"(?:[/?#]{_TAIL}?)?"
_START = r"(?<![A-Za-z0-9.@_-])"
_END = r"(?![A-Za-z0-9-])"
_LABELS = r"(?:[a-z0-9][a-z0-9-]{0,62}\.)+"

_LINK = re.compile(
    rf"(?P<scheme>https?|hxxps?|ftp|tg|viber|whatsapp)://{_TAIL}?"
    rf"|{_START}(?P<messenger>(?:www\.)?(?:{_MESSENGERS}))(?!\.\w){_END}{_PATH}"
    rf"|{_START}www\.{_LABELS}[a-z]{{2,24}}{_END}{_PATH}"
    rf"|{_START}{_LABELS}(?:(?:{_SECOND_LEVEL}|{_GENERIC}){_END}{_PATH}"
    rf"|(?:{_WITH_PATH})/{_TAIL}"
    rf"|(?<=[a-z0-9-]{{4}}\.)(?-i:{_COUNTRY}){_END})",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"\.(?=[A-Za-z])")
# "B.Com", "VB.NET", or no space between two sentences ("packages.BA/BS").
_NO_LINK = re.compile(r"\w+\.[A-Z][a-z]+|(?=\w*[a-z])\w+\.[A-Z].*|(?i:asp|vb|ado)\.(?i:net)")
_CHAT_HOST = re.compile(rf"(?:www\.)?(?:{_MESSENGERS})(?![\w.-])", re.IGNORECASE)
_CHAT_SCHEMES = frozenset({"tg", "viber", "whatsapp"})

_NAME = r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}"
_AT = r"(?: ?[(\[{] ?(?:at|arroba|@) ?[)\]}] ?)"
_DOT = r"(?: ?[(\[{] ?(?:dot|punto|point) ?[)\]}] ?| (?:dot|punto|point) | ?\. ?)"
_PROVIDER = r"gmail|googlemail|yahoo|hotmail|outlook|proton(?:mail)?|icloud|mail|yandex|gmx"
_EMAIL = re.compile(
    rf"{_NAME}@{_LABELS}[a-z]{{2,24}}{_END}"
    rf"|{_NAME} ?@ ?[a-z0-9-]{{1,63}} ?\. ?(?:{_GENERIC}){_END}"
    rf"|{_NAME}(?:{_AT}[a-z0-9-]{{1,63}}| (?:at|arroba) (?:{_PROVIDER}))"
    rf"{_DOT}(?:{_GENERIC}|[a-z]{{2}}){_END}",
    re.IGNORECASE,
)
_SPELLED = re.compile(rf"[ (\[{{] ?(?i:(?:at|arroba) ?(?:[)\]}}]|{_PROVIDER}))")
_HANDLE = re.compile(
    rf"(?:(?<![^\W{UNSPACED}])|(?<=\\n))@(?=\w*[^\W\d]{{3}}|\w*_)"
    r"(?:[A-Za-z0-9_]{3,}(?:\.[A-Za-z0-9_]+)*|\w{3,})"
)


def find_masks(text: str) -> list[Edit]:
    """The masks of public data sets, so that a mask never marks a source."""
    if not _MASK_SIGN.search(text) and "URL" not in text and "http" not in text:
        return []
    edits = []
    for match in _MASK.finditer(text):
        name = next(filter(None, match.groups())).lower()
        placeholder = f"[{_MASK_NAMES.get(name, name.upper())}]"
        if placeholder != match.group():
            edits.append(Edit(*match.span(), placeholder))
    return edits


def find_emails(text: str) -> list[Edit]:
    """Addresses, also spelled out: "name (at) example dot com", "name at gmail dot com"."""
    if "@" not in text and not _SPELLED.search(text):
        return []
    return [Edit(*match.span(), EMAIL) for match in _EMAIL.finditer(text)]


def find_links(text: str) -> list[Edit]:
    """Links with a scheme, and bare hosts that can hardly be two words around a full stop."""
    if "://" not in text and not _DOTTED.search(text):
        return []
    return [
        Edit(*match.span(), CHAT if _opens_chat(match) else URL)
        for match in _LINK.finditer(text)
        if not _NO_LINK.fullmatch(match.group())
    ]


def _opens_chat(match: re.Match[str]) -> bool:
    scheme = match["scheme"]
    if scheme is None:
        return match["messenger"] is not None
    host = match.group()[len(scheme) + len("://") :]
    return scheme.lower() in _CHAT_SCHEMES or _CHAT_HOST.match(host) is not None


def find_handles(text: str) -> list[Edit]:
    """@names of three characters or more, but no price ("@150") and no "n@me"."""
    if "@" not in text:
        return []
    return [Edit(*match.span(), USER) for match in _HANDLE.finditer(text)]
