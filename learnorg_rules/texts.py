"""Texts are compared in one form, NFC, and two that differ but look the same are told apart in words (decision 0037)."""

import re
import unicodedata
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar
from unicodedata import category

__all__ = [
    "difference",
    "encoding_of",
    "is_utf_8",
    "is_utf_16",
    "looks",
    "looks_alike",
    "nfc",
    "nfc_keys",
    "same_looking",
    "separator_of",
    "utf_8_hint",
    "visible",
    "visible_lines",
]

V = TypeVar("V")

# Letters of other scripts that are drawn as a Latin letter or a digit, in most fonts: a part of Unicode's list of confusables
# (UTS 39) that is small enough to be read. Letters that are only similar are left out.
_LATIN = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеіјорсухѕһԁԛԝӏ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧορνϲϳ" + "ԌԚԜЀЁѐёЇї" + "օսհոց" + "ɑɡ",
    "ABESIJKMHOPCTYXaeijopcyxshdqwl" + "ABEZHIKMNOPTYXopvcj" + "GQWÈËèëÏï" + "ouhng" + "ag",
)
_SIGNS = {
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212\u02d7\ufe58\u2500"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u02b9\u2032\u00b4"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u2033"), '"'),
    **dict.fromkeys(map(ord, "\u2024\uff0e"), "."),
}
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
# What does not stand for itself in `looks`, or may not: anything but printable ASCII, Latin letters with accents, Chinese, Hangul
# and kana, each with single blanks between. So most ids are known at once to look like no other.
_ODD = re.compile(
    "[^\n -~\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0131\u0134-\u013e\u0141-\u0148\u014a-\u017e"
    "\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]|  |^ | $",
    re.MULTILINE,
)


_BLANKS = ("  ", " \n", "\n ", "\t", "\r")


def nfc(text: str) -> str:
    """The text in NFC: `e` and an accent behind it are one letter."""
    return text if text.isascii() or unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def nfc_keys(row: Mapping[str, V]) -> Mapping[str, V]:
    """The row with its keys in NFC; the same row where they are."""
    if all(type(key) is not str or key.isascii() for key in row):
        return row
    return {nfc(key) if isinstance(key, str) else key: value for key, value in row.items()}


def visible(text: str) -> str:
    r"""The text in one line, with escapes such as `\x1b` and `\u202e` for all that a terminal obeys, or does not show."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or category(c) == "Zs" else _escape(c) for c in text
    )  # Zs: spaces of all widths


def visible_lines(text: str) -> str:
    """The text as `visible` has it, line by line."""
    return "\n".join(map(visible, text.split("\n")))


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


# ---- what is no UTF-8

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_CHINESE = re.compile("[\u3001-\u3011\u4e00-\u9fff\uff01-\uff5e]")


def encoding_of(data: bytes) -> str:
    """The encoding that data which is no UTF-8 is likely to have; "" where that cannot be told."""
    if data.startswith(_UTF_16) or is_utf_16(data):
        return "UTF-16"
    text = data[:100_000].decode("gb18030", errors="ignore")
    others = [c for c in text if not c.isascii()]
    return "GBK" if others and 2 * len(_CHINESE.findall(text)) > len(others) else ""


def is_utf_8(data: bytes) -> bool:
    """Whether data is UTF-8; it may end within a character."""
    try:
        getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def is_utf_16(data: bytes) -> bool:
    """Whether data begins as text in UTF-16 does: with its mark, or with a character of ASCII, which has a zero beside it."""
    return data.startswith(_UTF_16) or (len(data) > 3 and sorted((data[:4:2].count(0), data[1:4:2].count(0))) == [0, 2])


def separator_of(header: str) -> str:
    """What stands in the only cell of a header where commas should: "semicolons", "tabs"; "" for nothing of the kind."""
    return next((word for sign, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")) if sign in header), "")


def utf_8_hint(data: bytes) -> str:
    """What to do about data that is no UTF-8."""
    found = encoding_of(data)
    return f"it looks like {found}: save the file as UTF-8" if found else "save the file as UTF-8"


# ---- what looks the same


def looks(text: str) -> str:
    """What is seen of a text: two texts that look the same have the same."""
    if _is_plain((text,)):
        return text
    seen = unicodedata.normalize("NFKC", _UNSEEN.sub("", text).translate(_SIGNS)).translate(_LATIN).translate(_SIGNS)
    return " ".join(unicodedata.normalize("NFC", seen).split())


def _is_plain(texts: Sequence[str]) -> bool:
    """Whether each of the texts stands for itself."""
    lines = "\n".join(texts)
    if lines.count("\n") != len(texts) - 1:
        return False
    if not lines.isascii():
        return _ODD.search(lines) is None
    return not lines.startswith(" ") and not lines.endswith(" ") and not any(odd in lines for odd in _BLANKS)


def looks_alike(one: str, other: str) -> bool:
    """Whether two texts are two, and look the same."""
    return one != other and looks(one) == looks(other)


def same_looking(ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each id that looks like an earlier one, and that; pairs come in the order of the ids, each id at most once."""
    known = list(ids)
    if not known or _is_plain(known):
        return
    first: dict[str, str] = {}
    for id_ in known:
        other = first.setdefault(looks(id_), id_)
        if other != id_:
            yield id_, other


def difference(one: str, other: str) -> str:
    """In what the first text differs from the second, in words, where they look the same; "" where they do not."""
    if not looks_alike(one, other):
        return ""
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    if not a or not b:
        longer, word = (a, "has") if a else (b, "lacks")
        where = "at the end" if start + len(longer) == len(one if a else other) else f"behind {start} characters"
        where = "at the beginning" if not start else where
        return f"'{looks(one)}' as it is given {word} {_named(longer)} {where}"
    return f"{_named(a)} is not {_named(b)}"


def _named(text: str) -> str:
    names = [_name(c) for c in text[:3]]
    return " and ".join(names) + (" and more" if len(text) > 3 else "")


def _name(char: str) -> str:
    if char == " ":
        return "a blank"
    name = unicodedata.name(char, "a character without name").lower()
    return f"U+{ord(char):04X} ({name})"
