"""What no type can check about scorecards: sums, counts, grades, and what happens without a value."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise

from attrs import frozen

from ..errors import Issues, did_you_mean
from ..expr.nodes import Across, Aggregate, children
from ..expr.types import unit_text
from ..model.definitions import Band, Category, Expression, Indicator, Scorecard
from ..model.ruleset import Ruleset
from .constants import days_of, number, shown

__all__ = [
    "grades_cover_every_total", "indicators_say_one_thing", "lower_end", "missing_is_decided", "most_of", "points_add_up",
    "scorecards_have_indicators", "shares_are_ratios", "sound_points", "upper_end", "vetoes_name_grades",
]  # fmt: skip


def scorecards_have_indicators(ruleset: Ruleset, issues: Issues) -> None:
    """Either categories or indicators, none empty, and each indicator's id once."""
    for card in _cards(ruleset):
        if bool(card.categories) == bool(card.indicators):
            given = "both 'categories' and 'indicators'" if card.categories else "neither 'categories' nor 'indicators'"
            issues.error(card.source, "E504", f"the scorecard '{card.id}' has {given}", "write exactly one of them")
        if not 0 <= card.round.decimals <= 12:
            issues.error(card.place("round"), "E517", f"{card.round.decimals} decimals", "0 to 12")
        seen: dict[str, Indicator] = {}
        for category in card.categories.values():
            if not category.indicators:
                issues.error(category.source, "E504", f"the category '{category.id}' has no indicators", "")
        for indicator in _indicators(card):
            first = seen.setdefault(indicator.id, indicator)
            if first is not indicator:
                message = f"'{indicator.id}' is defined twice in the scorecard '{card.id}'"
                issues.error(indicator.source, "E211", message, f"first on line {first.source.line}")
            if indicator.id in ("total", "grade"):
                message = f"an indicator is called '{indicator.id}', as a result of the scorecard is"
                issues.error(indicator.source, "E502", message, "rename it")


def indicators_say_one_thing(ruleset: Ruleset, issues: Issues) -> None:
    """Exactly one of `share`, `when` and `value`."""
    for card in _cards(ruleset):
        for indicator in _indicators(card):
            given = [key for key, _ in _values(indicator)]
            if len(given) != 1:
                said = f"has {' and '.join(given)}" if given else "says nothing of its value"
                hint = "write exactly one of share, when and value"
                issues.error(indicator.source, "E504", f"the indicator '{indicator.id}' {said}", hint)


def shares_are_ratios(ruleset: Ruleset, issues: Issues) -> None:
    """The units of measure of a share cancel out, where they are known."""
    for card in _cards(ruleset):
        for indicator in _indicators(card):
            kind = indicator.share.tree.type if indicator.share is not None else None
            if indicator.share is not None and kind is not None and kind.unit:
                message = f"the share of '{indicator.id}' is a number of {unit_text(kind.unit)}, not a ratio"
                issues.error(indicator.share.source, "E503", message, "divide it by something of the same unit")


def missing_is_decided(ruleset: Ruleset, issues: Issues) -> None:
    """Where a value can be missing, the file says what follows."""
    for card in _cards(ruleset):
        for indicator in _indicators(card):
            for key, expression in _values(indicator):
                kind = expression.tree.type
                if kind is not None and kind.nullable and not indicator.missing and not card.missing:
                    issues.error(
                        expression.source, "E510", f"the {key} of '{indicator.id}' can be missing{_why_missing(expression)}",
                        "write 'missing: zero', 'exclude' or 'missing', here or on the scorecard",
                    )  # fmt: skip


def _why_missing(expression: Expression) -> str:
    """Which part of an expression can be without a value though its own parts have one, as the end of a sentence."""
    node, found = expression.tree, True
    while found:
        inside = () if isinstance(node, Aggregate | Across) else children(node)
        part = next((n for n in inside if n.type is not None and n.type.nullable), None)
        node, found = part or node, part is not None
    written = " ".join(expression.text[node.span.start : node.span.end].split())
    return f", as '{written}' can"


# ---- points


def points_add_up(ruleset: Ruleset, issues: Issues) -> None:
    """Points have values, none below zero, and give the sums and the number of items that are declared."""
    for card in _cards(ruleset):
        days = days_of(ruleset, card)
        for day in days:
            on = f" on {day}" if len(days) > 1 else ""
            before = len(issues.found)
            _Sums(ruleset, card, day, on, issues).check()
            if len(issues.found) > before:
                break  # the same fault on every other day says nothing new


@frozen
class _Sums:
    """The sums of one scorecard on one day."""

    ruleset: Ruleset
    card: Scorecard
    day: date
    on: str
    issues: Issues

    def check(self) -> None:
        card = self.card
        before = len(self.issues.found)
        parts: list[Fraction] = [self.category(None, card.indicators)] if card.indicators else []
        parts += [self.category(c, c.indicators) for c in card.categories.values() if self.holds(c)]
        if len(self.issues.found) > before:
            return
        total = sum(parts, Fraction())
        if total == 0 and (card.indicators or card.categories):
            self.issues.error(
                card.source, "E507", f"the points of '{card.id}' add up to 0{self.on}", "nothing could be scored"
            )
        if card.total_points is not None:
            declared = self.number(card.total_points, "'total_points'")
            if declared is not None and declared != total:
                self.issues.error(
                    card.total_points.source, "E507", f"'{card.id}' declares {shown(declared)} points{self.on}",
                    f"its indicators add up to {shown(total)}",
                )  # fmt: skip
        if card.declared_items is not None:
            items = self.number(card.declared_items, "'declared_items'")
            count = sum(self.holds(i) for members in self.groups() for i in members.values())
            if items is not None and items != count:
                self.issues.error(
                    card.declared_items.source, "E508", f"'{card.id}' declares {shown(items)} items{self.on}",
                    f"it has {count} indicators in force",
                )  # fmt: skip

    def groups(self) -> Iterator[Mapping[str, Indicator]]:
        yield self.card.indicators
        yield from (c.indicators for c in self.card.categories.values() if self.holds(c))

    def category(self, category: Category | None, members: Mapping[str, Indicator]) -> Fraction:
        """The points of a category, or of the indicators directly under the scorecard."""
        here = [i for i in members.values() if self.holds(i)]
        given = [(i, self.number(i.points, f"the points of '{i.id}'")) for i in here if i.points is not None]
        sharing = [i for i in here if i.points is None]
        fixed = sum((points for _, points in given if points is not None), Fraction())
        if category is None or category.points is None:
            for indicator in sharing:
                hint = "write points on it" if category is None else "write points on it, or on its category"
                self.issues.error(indicator.source, "E507", f"the indicator '{indicator.id}' has no points", hint)
            return fixed
        whole = self.number(category.points, f"the points of '{category.id}'")
        if whole is None or any(points is None for _, points in given):
            return Fraction()
        if sharing and whole <= fixed:
            names = ", ".join(f"'{i.id}'" for i in sharing)
            self.issues.error(
                category.points.source, "E507",
                f"nothing of the {shown(whole)} points of '{category.id}' is left for {names}{self.on}",
                f"its other indicators have {shown(fixed)}",
            )  # fmt: skip
        elif not sharing and whole != fixed:
            self.issues.error(
                category.points.source, "E507", f"the category '{category.id}' declares {shown(whole)} points{self.on}",
                f"its indicators add up to {shown(fixed)}",
            )  # fmt: skip
        return whole

    def holds(self, part: Category | Indicator) -> bool:
        """Whether the part is in force by its `only`."""
        if part.only is None:
            return True
        value = number(self.ruleset, part.only, self.day)
        if value is None:
            self.issues.error(part.only.source, "E506", f"no value for 'only' of '{part.id}' on {self.day}", "")
        return value is True

    def number(self, expression: Expression, what: str) -> Fraction | None:
        """The constant, or None after a report."""
        value = number(self.ruleset, expression, self.day)
        if value is None:
            self.issues.error(expression.source, "E506", f"no value for {what} on {self.day}", "")
            return None
        assert isinstance(value, int | Fraction)  # typed when it was resolved
        if value < 0:
            self.issues.error(
                expression.source,
                "E506",
                f"{what} cannot be {shown(Fraction(value))}{self.on}",
                "0 or more; what is lost is said by a value, such as 'max(0, 10 - count(late))'",
            )
            return None
        return Fraction(value)


def sound_points(ruleset: Ruleset, card: Scorecard, day: date) -> list[Fraction] | None:
    """The points of every indicator in force on the day; None where they are faulty."""
    quiet = _Sums(ruleset, card, day, "", Issues())
    points: list[Fraction] = []
    for category in (None, *(c for c in card.categories.values() if quiet.holds(c))):
        members = (card if category is None else category).indicators
        whole, here = quiet.category(category, members), [i for i in members.values() if quiet.holds(i)]
        given = [p for i in here if i.points is not None and (p := quiet.number(i.points, "")) is not None]
        shared = sum(i.points is None for i in here)
        points += given
        if shared:
            points += [(whole - sum(given, Fraction())) / shared] * shared
    return None if quiet.issues.found else points


def most_of(card: Scorecard, points: Sequence[Fraction]) -> Fraction:
    """The highest total there can be: that of who loses nothing."""
    if card.round.of == "parts":
        return sum(map(card.round.apply, points), Fraction())
    return card.round.apply(sum(points, Fraction()))


# ---- grades


@frozen
class _End:
    """One end of a band: the total, and whether it belongs to the band."""

    total: Fraction
    included: bool


def grades_cover_every_total(ruleset: Ruleset, issues: Issues) -> None:
    """Bands stand best first, and every total that can occur lies in exactly one."""
    for card in _cards(ruleset):
        if not card.grades or not all(_is_sound(name, band, issues) for name, band in card.grades.items()):
            continue
        if all(lower_end(band) is not None and upper_end(band) is None for band in card.grades.values()):
            _short_form(card, issues)
        else:
            _long_form(ruleset, card, issues)


def _is_sound(name: str, band: Band, issues: Issues) -> bool:
    for one, other in (("from", "above"), ("to", "below")):
        if getattr(band, "from_" if one == "from" else one) is not None and getattr(band, other) is not None:
            issues.error(band.source, "E509", f"the grade '{name}' has both '{one}' and '{other}'", "write one of them")
            return False
    low, high = lower_end(band), upper_end(band)
    if low is not None and high is not None:
        touching = low.total == high.total and low.included and high.included
        if low.total >= high.total and not touching:
            issues.error(
                band.source, "E515", f"the grade '{name}' is empty: {shown(low.total)} to {shown(high.total)}", ""
            )
            return False
    return True


def _short_form(card: Scorecard, issues: Issues) -> None:
    grades = [(name, band, low) for name, band in card.grades.items() if (low := lower_end(band)) is not None]
    before = len(issues.found)
    for (better, _, high), (name, band, low) in pairwise(grades):
        if low.total >= high.total:
            message = f"'{name}' begins at {shown(low.total)}, not below '{better}' at {shown(high.total)}"
            issues.error(band.source, "E509", message, "grades are lower bounds, best first")
    if len(issues.found) == before:
        _bottom(*grades[-1], issues)


def _bottom(name: str, band: Band, low: _End | None, issues: Issues) -> None:
    if low is not None and (low.total > 0 or (low.total == 0 and not low.included)):
        ends = "exactly 0" if low.total == 0 else f"0 up to {shown(low.total)}"
        issues.error(
            band.source, "E509", f"a total of {ends} has no grade: '{name}' is the worst", "let the worst begin at 0"
        )


def _long_form(ruleset: Ruleset, card: Scorecard, issues: Issues) -> None:
    bands = list(card.grades.items())
    step = Fraction(1, 10 ** max(card.round.decimals, 0))
    for (better, above), (name, band) in pairwise(bands):
        low, high = lower_end(above), upper_end(band)
        if low is None:
            issues.error(
                above.source, "E509", f"'{better}' has no lower end, but '{name}' is worse", "write from or above"
            )
        elif high is None:
            message = f"'{name}' has no upper end, so it overlaps '{better}' from {shown(low.total)}"
            issues.error(band.source, "E509", message, f"write below: {shown(low.total)}")
        elif high.total > low.total or (high.total == low.total and high.included and low.included):
            ends = (
                f"at {shown(low.total)}"
                if high.total == low.total
                else f"from {shown(low.total)} to {shown(high.total)}"
            )
            message = f"'{name}' and '{better}' overlap {ends}"
            issues.error(band.source, "E509", message, f"grades stand best first; write below: {shown(low.total)}")
        elif (gap := _first_between(high, low, step)) is not None:
            ends = f"'{name}' ends at {shown(high.total)}, '{better}' begins at {shown(low.total)}"
            message = f"a total of {shown(gap)} has no grade: {ends}"
            end = "below" if low.included else "to"
            issues.error(band.source, "E509", message, f"write {end}: {shown(low.total)}")
    name, band = bands[-1]
    _bottom(name, band, lower_end(band), issues)
    _top(ruleset, card, *bands[0], issues)


def _first_between(high: _End, low: _End, step: Fraction) -> Fraction | None:
    """The lowest total above one band and below the next, totals being multiples of the step; None without a gap."""
    first = -(-high.total // step) * step
    if first == high.total and high.included:
        first += step
    return first if first < low.total or (first == low.total and not low.included) else None


def _top(ruleset: Ruleset, card: Scorecard, name: str, band: Band, issues: Issues) -> None:
    high = upper_end(band)
    if high is None:
        return
    for day in days_of(ruleset, card):
        points = sound_points(ruleset, card, day)
        most = None if points is None else most_of(card, points)
        if most is not None and (most > high.total or (most == high.total and not high.included)):
            message = f"a total of {shown(most)} has no grade: '{name}' is the best and ends at {shown(high.total)}"
            issues.error(band.source, "E509", message, f"write to: {shown(most)}, or leave the upper end out")
            return


def lower_end(band: Band) -> _End | None:
    """Where a grade begins; None where it has no lower end."""
    if band.from_ is not None:
        return _End(band.from_, True)
    return None if band.above is None else _End(band.above, False)


def upper_end(band: Band) -> _End | None:
    """Where a grade ends; None where it has no upper end."""
    if band.to is not None:
        return _End(band.to, True)
    return None if band.below is None else _End(band.below, False)


def vetoes_name_grades(ruleset: Ruleset, issues: Issues) -> None:
    """A veto sets one of the scorecard's grades."""
    for card in _cards(ruleset):
        for veto in card.veto.values():
            if veto.grade not in card.grades:
                hint = did_you_mean(veto.grade, card.grades) or f"'{card.id}' has no grades"
                issues.error(
                    veto.place("grade"), "E518", f"the scorecard '{card.id}' has no grade '{veto.grade}'", hint
                )


def _cards(ruleset: Ruleset) -> Iterator[Scorecard]:
    return (card for versions in ruleset.scorecards.values() for card in versions)


def _indicators(card: Scorecard) -> Iterator[Indicator]:
    yield from card.indicators.values()
    for category in card.categories.values():
        yield from category.indicators.values()


def _values(indicator: Indicator) -> list[tuple[str, Expression]]:
    pairs = (("share", indicator.share), ("when", indicator.when), ("value", indicator.value))
    return [(key, expression) for key, expression in pairs if expression is not None]
