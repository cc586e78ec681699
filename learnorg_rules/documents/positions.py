"""From an offset inside a text that YAML gave to the line and column of that character in the file."""

from ..errors import Source
from .yaml import Scalar

__all__ = ["place"]

_HEX_DIGITS = {"x": 2, "u": 4, "U": 8}
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip


def place(scalar: Scalar, offset: int) -> Source:
    """Where the character at `offset` of `scalar.text` stands; the offset just behind the text is a place too.

    Works for every style: YAML folds lines, strips indentation and replaces escapes, but keeps the order of visible
    characters, so these are matched one to one and white space is placed behind its left neighbour.
    """
    indices = _indices(scalar)
    if not indices or not 0 <= offset <= len(scalar.text):
        return scalar.source
    index = indices[offset]
    line_start = scalar.raw.rfind("\n", 0, index) + 1
    line = scalar.source.line + scalar.raw.count("\n", 0, index)
    column = index - line_start + (scalar.source.column if line == scalar.source.line else 1)
    return Source(scalar.source.file, line, column)


def _indices(scalar: Scalar) -> list[int]:
    """For each offset into the text, and the one behind it, the index into `raw`; [] where they do not match."""
    raw = scalar.raw
    units = _units(raw, scalar.style)
    indices: list[int] = []
    used, behind = 0, units[0][0] if units else 0
    for char in scalar.text:
        unit = units[used] if used < len(units) else None
        if unit is not None and unit[2] == char:
            indices.append(unit[0])
            used, behind = used + 1, unit[1]
        elif char.isspace():
            indices.append(behind)
            if behind < len(raw) and raw[behind] == char:
                behind += 1  # the next of several spaces
        else:
            return []
    indices.append(behind)
    return indices


def _units(raw: str, style: str) -> list[tuple[int, int, str]]:
    """(start, end, character) of each visible character and each escape of the text as written."""
    start, end = 0, len(raw)
    if style in ("'", '"'):
        start, end = 1, len(raw) - 1
    elif style in ("|", ">"):
        start = raw.find("\n") + 1  # behind the sign, its indicators and a comment
    units, i = [], start
    while i < end:
        char, length = raw[i], 1
        if style == "'" and raw.startswith("''", i):
            length = 2
        elif style == '"' and char == "\\":
            sign = raw[i + 1]
            length = 2 + _HEX_DIGITS.get(sign, 0)
            if sign == "\n":  # the line goes on
                i += 2
                continue
            char = chr(int(raw[i + 2 : i + length], 16)) if sign in _HEX_DIGITS else _ESCAPES[sign]
            units.append((i, i + length, char))
            i += length
            continue
        if not char.isspace():
            units.append((i, i + length, char))
        i += length
    return units
