"""What a scorecard means: points from values, a total from points, a grade from the total and the vetoes."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from attrs import frozen

from ..values import Number, Rounding
from .definitions import Band

__all__ = ["Item", "Scored", "grade_of", "in_band", "scored_alone", "total_of", "worst"]


@frozen
class Item:
    """One indicator before rounding: what it could give, what it gives (None: no value), and its missing policy."""

    id: str
    out_of: Fraction
    earned: Fraction | None
    missing: str = ""  # zero | exclude | missing


@frozen
class Scored:
    """One indicator's rounded points. State: scored, zero (missing counted as 0), excluded, or missing."""

    id: str
    out_of: Fraction
    points: Fraction | None
    state: str


def total_of(items: Sequence[Item], rounding: Rounding) -> tuple[list[Scored], Fraction | None]:
    """The rounded points of each item and their sum.

    Excluded items leave; what the others earned and could earn is scaled by (all points / points left), so that the
    declared sum is kept; each is rounded once, after scaling. The total is None where an item is missing by policy, or
    where nothing is left to scale (the caller reports that).
    """
    excluded = {i.id for i in items if i.earned is None and i.missing == "exclude"}
    declared = sum((i.out_of for i in items), Fraction())
    left = sum((i.out_of for i in items if i.id not in excluded), Fraction())
    scale = declared / left if excluded and left else Fraction(1)
    scored = [scored_alone(i, rounding) if scale == 1 else _scaled(i, rounding, scale) for i in items]
    incomplete = any(s.state == "missing" for s in scored) or (excluded and not left)
    return scored, None if incomplete else sum((s.points for s in scored if s.points is not None), Fraction())


def scored_alone(item: Item, rounding: Rounding) -> Scored:
    """The rounded points of an item as long as no other is excluded."""
    if item.earned is not None:
        return Scored(item.id, item.out_of, rounding.apply(item.earned), "scored")
    if item.missing == "exclude":
        return Scored(item.id, Fraction(), None, "excluded")
    points, state = (Fraction(), "zero") if item.missing == "zero" else (None, "missing")
    return Scored(item.id, item.out_of, points, state)


def _scaled(item: Item, rounding: Rounding, scale: Fraction) -> Scored:
    earned = None if item.earned is None else item.earned * scale
    return scored_alone(Item(item.id, item.out_of * scale, earned, item.missing), rounding)


def in_band(total: Number, band: Band) -> bool:
    """Whether the total lies in the band."""
    return (
        (band.from_ is None or _above(total, band.from_) >= 0)
        and (band.above is None or _above(total, band.above) > 0)
        and (band.to is None or _above(total, band.to) <= 0)
        and (band.below is None or _above(total, band.below) < 0)
    )


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
