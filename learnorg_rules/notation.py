"""How numbers, days and instants are written: one grammar for rule files, organisations, events, rule tests and options.

What only looks like one of these is refused, and the hints say what to write instead (decision 0036).
"""

import re
import unicodedata
from datetime import UTC, date, datetime
from fractions import Fraction

__all__ = [
    "DATE", "DAY", "INSTANT", "NUMBER", "day_hint", "day_in", "instant_in", "is_instant", "number_hint", "number_in", "written",
]  # fmt: skip

NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
"""A number: `12`, `-0.5`. None are `+12`, `012`, `.5`, `12.`, `1e3`, `1_000`, ` 12`, and digits that are not ASCII."""

DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
DATE = r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}"
"""A day of the years 1000 to 2999, as events have it."""

INSTANT = (
    DATE + r"T[0-9]{2}:[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)  # fmt: skip
"""A time with its zone: `2005-12-31T09:00:00+08:00`."""

_MOST = 1000  # characters of a number; with more something is broken
_NUMBER, _DAY, _INSTANT = re.compile(NUMBER), re.compile(DAY), re.compile(INSTANT)
_PARTS = re.compile(r"(.{19})(\.[0-9]+)?(.+)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# The escapes are the signs for year, month and day.
_YEAR_FIRST = re.compile(r"([0-9]{4}) ?[-./\u5e74 ] ?([0-9]{1,2}) ?[-./\u6708 ] ?([0-9]{1,2})\u65e5?(?:[t ].*)?")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-./ ]) ?([0-9]{1,2})[-./ ] ?([0-9]{4})")
_NAMED_MONTH = re.compile(r"([0-9]{1,2})[. -]*([a-z]{3})[a-z]*[., -]*([0-9]{4})")
_MONTH_FIRST = re.compile(r"([a-z]{3})[a-z]*[. ]*([0-9]{1,2})(?:st|nd|rd|th)?[, ]+([0-9]{4})")
_JOINED = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


def number_in(text: str) -> Fraction | None:
    """The exact number that the text is; None where it is none."""
    return Fraction(text) if len(text) <= _MOST and _NUMBER.fullmatch(text) else None


def day_in(text: str) -> date | None:
    """The day that the text is, such as 2005-01-31; None where it is none."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def is_instant(text: str) -> bool:
    """Whether the text has the form of an instant; the day may not exist."""
    return _INSTANT.fullmatch(text) is not None


def instant_in(text: str) -> datetime | None:
    """The instant that the text is, such as 2005-12-31T09:00:00+08:00, in UTC; None where it has another form.

    Raises:
        ValueError: there is no such day or time; the text says why.
    """
    if not is_instant(text):
        return None
    whole, fraction, zone = _PARTS.fullmatch(text).groups()  # type: ignore[union-attr] # every instant has them
    return datetime.fromisoformat(f"{whole}{(fraction or '.0').ljust(7, '0')}{zone}").astimezone(UTC)


# ---- what to write instead


def number_hint(text: str) -> str:
    """What to write in place of a text that was meant to be a number; "" where that cannot be told."""
    plain = re.sub(r"(?<=[0-9])[ '_](?=[0-9])", "", _narrow(text))
    share = plain.endswith("%")
    plain = plain.removesuffix("%").strip().removeprefix("+")
    if re.fullmatch(r"-?[1-9][0-9]{0,2},[0-9]{3}", plain):
        return f"write {plain.replace(',', '')} or {plain.replace(',', '.')}"
    if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", plain):  # 1,234,567.8
        plain = plain.replace(",", "")
    elif re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+", plain):  # 1.234.567,8
        plain = plain.replace(".", "")
    plain = plain.replace(",", ".", 1)
    quantity = re.fullmatch(rf"({NUMBER}) ?[^\W\d_]+", plain)
    if quantity is not None and not re.search(r"[0-9][eE]\Z|\A0[xXbBoO]", plain):
        plain = quantity[1]
    if len(plain) > 30 or not re.fullmatch(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]|/[1-9][0-9]*)?", plain):
        return ""
    shown = written(_fraction(plain) / (100 if share else 1))
    return "" if "/" in shown or shown == text else f"write {shown}"


def written(value: Fraction) -> str:
    """The number as the grammar has it; with a "/" where no finite decimals express it."""
    digits = next((n for n in range(40) if (value * 10**n).denominator == 1), None)
    if digits is None:
        return str(value)
    whole = f"{abs(value.numerator) * 10**digits // value.denominator:0{digits + 1}}"
    shown = f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole
    return f"-{shown}" if value < 0 else shown


def day_hint(text: str, usual: str = "write it as 2005-04-01") -> str:
    """What to write in place of a text that was meant to be a day; `usual` where that cannot be told."""
    plain = _narrow(text).casefold()
    if match := _YEAR_FIRST.fullmatch(plain) or _JOINED.fullmatch(plain):
        days = [_day(match[1], match[2], match[3])]
    elif match := _YEAR_LAST.fullmatch(plain):
        days = [_day(match[4], match[3], match[1])]  # 31.3.2015
        if match[2] != ".":  # with points the day is first everywhere
            days.append(_day(match[4], match[1], match[3]))
    elif (match := _NAMED_MONTH.fullmatch(plain)) and match[2] in _MONTHS:
        days = [_day(match[3], str(_MONTHS.index(match[2]) + 1), match[1])]
    elif (match := _MONTH_FIRST.fullmatch(plain)) and match[1] in _MONTHS:
        days = [_day(match[3], str(_MONTHS.index(match[1]) + 1), match[2])]
    else:
        return usual
    known = list(dict.fromkeys(day for day in days if day and day != text))
    return f"write {' or '.join(known)}" if known else usual


def _day(year: str, month: str, day: str) -> str | None:
    written_ = f"{year}-{int(month):02}-{int(day):02}"
    return None if day_in(written_) is None else written_


def _fraction(plain: str) -> Fraction:
    """A number with what the grammar leaves out: zeros in front, a bare point, an exponent, a division."""
    return (
        Fraction(plain.removesuffix("."))
        if not plain.startswith((".", "-."))
        else Fraction(plain.replace(".", "0.", 1))
    )


def _narrow(text: str) -> str:
    """The text with digits and signs of other keyboards as ASCII, without blanks around."""
    chars = unicodedata.normalize("NFKC", text)
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in chars)
    return re.sub(r"\s+", " ", plain.replace("\u2212", "-").replace("\u2019", "'").replace("\u066b", ".")).strip()
