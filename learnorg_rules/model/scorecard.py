"""What a scorecard means: points from values, a total from points, a grade from the total and the vetoes."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm

from attrs import frozen

from ..values import Number
from .definitions import Band, CardRounding
from .results import IndicatorResult

__all__ = ["Item", "Scored", "grade_of", "in_band", "thresholds", "total_of", "worst", "worths"]


@frozen
class Item:
    """One indicator before rounding: what it could give, what it gives (None: no value), and its missing policy.

    `is_invalid`: its value is wrong, to which no policy applies. `category`: "" for one that stands for itself.
    """

    id: str
    out_of: Fraction
    earned: Fraction | None
    missing: str = ""  # zero | exclude | missing
    is_invalid: bool = False
    category: str = ""


@frozen
class Scored:
    """What became of one indicator.

    `points`: as shown, which add up to the total; `exact`: before rounding. `out_of`: exact, what it could give after
    scaling. `state`: scored, zero (missing counted as 0), excluded, missing or invalid.
    """

    id: str
    out_of: Fraction
    points: Fraction | None
    state: str
    exact: Fraction | None


def total_of(items: Sequence[Item], rounding: CardRounding) -> tuple[list[Scored], Fraction | None]:
    """What every item gives, and the total.

    Excluded items leave; what the others earned and could earn is scaled by (all points / points left), so that the
    declared sum is kept. The total is the exact sum, rounded once, and the points shown are parts of it by largest
    remainder: of the total those of categories, of a category those of its items. With `of: parts` each item is rounded, and
    the total is their sum. It is None where an item is missing by policy or invalid, and where nothing is left to scale
    (the caller reports that).
    """
    states = [_state(item) for item in items]
    excluded = "excluded" in states
    declared = sum((i.out_of for i in items), Fraction())
    left = sum((i.out_of for i, state in zip(items, states, strict=True) if state != "excluded"), Fraction())
    scale = declared / left if excluded and left else Fraction(1)
    exact = [_exact(item, state, scale) for item, state in zip(items, states, strict=True)]
    known = [e for e in exact if e is not None]
    unit = 10**rounding.decimals
    if rounding.of == "parts":
        shown = [None if e is None else rounding.units(e) for e in exact]
        whole = sum(filter(None, shown))
    else:
        whole = rounding.units(sum(known, Fraction()))
        shown = _nested([i.category for i in items], exact, whole, unit)
    scored = [
        Scored(
            i.id, Fraction() if s == "excluded" else i.out_of * scale, None if p is None else Fraction(p, unit), s, e
        )
        for i, s, e, p in zip(items, states, exact, shown, strict=True)
    ]
    is_incomplete = "missing" in states or "invalid" in states or (excluded and not left)
    return scored, None if is_incomplete else Fraction(whole, unit)


def _state(item: Item) -> str:
    if item.is_invalid:
        return "invalid"
    if item.earned is not None:
        return "scored"
    return {"exclude": "excluded", "zero": "zero"}.get(item.missing, "missing")


def _exact(item: Item, state: str, scale: Fraction) -> Fraction | None:
    if state == "scored":
        assert item.earned is not None
        return item.earned * scale
    return Fraction() if state == "zero" else None


def _nested(categories: Sequence[str], exact: Sequence[Fraction | None], whole: int, unit: int) -> list[int | None]:
    """Parts of the whole in units of the last digit: of the whole those of categories, of a category those of its items."""
    groups: dict[object, list[int]] = {}
    for place, part in enumerate(exact):
        if part is not None:
            groups.setdefault(categories[place] or place, []).append(place)
    members = {key: [exact[place] or Fraction() for place in places] for key, places in groups.items()}
    sums = [sum(parts, Fraction()) for parts in members.values()]
    shown: list[int | None] = [None] * len(exact)
    for (key, places), of_group in zip(groups.items(), _shared(sums, whole, unit), strict=True):
        for place, points in zip(places, _shared(members[key], of_group, unit), strict=True):
            shown[place] = points
    return shown


def _shared(parts: Sequence[Fraction], whole: int, unit: int) -> list[int]:
    """Every part rounded down or up so that they add up to the whole: up where most is cut off, the first of equals."""
    denominator = lcm(*(part.denominator for part in parts))
    scaled = [part.numerator * (denominator // part.denominator) * unit for part in parts]
    down = [number // denominator for number in scaled]
    most_cut = sorted(range(len(parts)), key=lambda place: -(scaled[place] % denominator))
    for place in most_cut[: max(0, whole - sum(down))]:
        down[place] += 1
    return down


def worths(items: Iterable[IndicatorResult], rounding: CardRounding) -> Mapping[str, Fraction]:
    """What each indicator is worth beside the points that are shown for it, so that nothing is lost where nothing was.

    Worths add up to the whole as points do. One that gave all it could is worth what is shown for it; with the others the
    rest of the whole is shared by largest remainder.
    """
    unit, found = 10**rounding.decimals, list(items)
    full = {i.indicator: i.points for i in found if i.points is not None and (i.is_full or i.points > i.out_of)}
    whole = rounding.units(sum((i.out_of for i in found), Fraction())) - sum(
        rounding.units(points) for points in full.values()
    )
    rest = [i for i in found if i.indicator not in full]
    if rounding.of == "parts":
        shown: list[int | None] = [rounding.units(i.out_of) for i in rest]
    else:
        shown = _nested([i.category for i in rest], [i.out_of for i in rest], whole, unit)
    of_rest = {i.indicator: Fraction(units or 0, unit) for i, units in zip(rest, shown, strict=True)}
    return {i.indicator: full.get(i.indicator, of_rest.get(i.indicator, Fraction())) for i in found}


def in_band(total: Number, band: Band) -> bool:
    """Whether the total lies in the band."""
    return (
        (band.from_ is None or _above(total, band.from_) >= 0)
        and (band.above is None or _above(total, band.above) > 0)
        and (band.to is None or _above(total, band.to) <= 0)
        and (band.below is None or _above(total, band.below) < 0)
    )


def thresholds(grades: Mapping[str, Band]) -> list[Number]:
    """Every number that a total is compared with; where it is shown, it is not to look like one that it is not."""
    ends = (end for band in grades.values() for end in (band.from_, band.above, band.to, band.below))
    return [end for end in ends if end is not None]


def _above(a: Number, b: Number) -> int:
    """A number of the sign of a - b. In whole numbers, because comparing fractions takes several times as long."""
    return a.numerator * b.denominator - b.numerator * a.denominator


def grade_of(total: Number | None, grades: Mapping[str, Band]) -> str | None:
    """The first grade, best first, whose band holds the total; None where there is no total or no band holds it."""
    return None if total is None else next((name for name, band in grades.items() if in_band(total, band)), None)


def worst(names: Sequence[str | None], grades: Mapping[str, Band]) -> str | None:
    """The worst of the named grades, by the order the scorecard declares them in (best first)."""
    order = list(grades)
    known = [n for n in names if n is not None]
    return max(known, key=order.index) if known else None
