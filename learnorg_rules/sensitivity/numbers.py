"""The numbers of a ruleset that somebody chose, each of which can be given another value.

They are named as `--set` names them: a parameter, or the path of a value that stands in a rule.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from attrs import evolve, field, frozen

from ..errors import with_hint
from ..expr.nodes import Literal, Node, Ref, walk
from ..expr.render import render_number
from ..model.definitions import Dated, Definition, Expression, Indicator, Scorecard
from ..model.parameters import Parameters
from ..model.references import expressions_in
from ..model.ruleset import Ruleset

__all__ = ["RuleNumber", "parameters_read", "rule_numbers", "selected", "written"]


@frozen
class RuleNumber:
    """One number of the rules.

    `value`: as it is on the day judged. `unit`: as written behind it. `sort`: "parameter", "points", "grade" or "quota". `above`, `below`: between
    which it has to stay, both excluded: the bounds of the grades next to it.
    """

    name: str
    value: Fraction
    unit: str
    sort: str
    _put: Callable[[Fraction], Ruleset] = field(repr=False, eq=False)
    above: Fraction | None = None
    below: Fraction | None = None

    def with_value(self, value: Fraction) -> Ruleset:
        """The ruleset with another value, on every day; nothing else is adjusted to it."""
        return self._put(value)

    def allows(self, value: Fraction) -> bool:
        """Whether the rules would still be in order with this value."""
        return (self.above is None or value > self.above) and (self.below is None or value < self.below)

    def steps(self, share: Fraction) -> Sequence[Fraction]:
        """The values so far below and above that the rules allow. A whole number stays whole: it moves by 1 at least.

        A percentage or other fraction between 0 and 1 that would leave that range stops at its end.
        """
        change = abs(self.value) * share
        if self.value.denominator == 1:
            change = max(Fraction(1), Fraction(round(change)))
        low, high = self.value - change, self.value + change
        if self.value.denominator != 1 and 0 < self.value < 1:
            high = min(high, Fraction(1))
        low = max(low, Fraction()) if self.value >= 0 else low
        return tuple(v for v in (low, high) if self.allows(v))


def rule_numbers(ruleset: Ruleset, day: date) -> tuple[Mapping[str, RuleNumber], Mapping[str, str]]:
    """What can be moved, by name; and the parameters that cannot, with the reason."""
    numbers: dict[str, RuleNumber] = {}
    left: dict[str, str] = {}
    constants = Parameters(ruleset.parameters)
    for name, parameter in ruleset.parameters.items():
        dated = parameter.on(day)
        if dated is None:
            left[name] = "it has no value yet on the day judged"
            continue
        value = constants.value(name, day)
        text = dated.value.text
        if isinstance(value, timedelta):
            left[name] = f"a length of time cannot be moved ({text})"
        elif isinstance(value, bool) or not isinstance(value, int | Fraction):
            left[name] = f"it is no number ({text})"
        else:
            put = _parameter(ruleset, name, dated)
            numbers[name] = RuleNumber(name, Fraction(value), _unit(dated.value.tree), "parameter", put)
    for number in _in_rules(ruleset):
        numbers[number.name] = number
    return numbers, left


def selected(
    known: Mapping[str, RuleNumber], left: Mapping[str, str], names: Sequence[str] | None
) -> Sequence[RuleNumber]:
    """Those of these names; default: all.

    Raises:
        LookupError: there is no such number, or it cannot be moved; the message names the nearest.
    """
    if names is None:
        return tuple(known.values())
    for name in names:
        if name in left:
            raise LookupError(f"'{name}' cannot be moved: {left[name]}")
        if name not in known:
            raise LookupError(with_hint(f"there is no number '{name}' in the rules", name, [*known, *left]))
    return tuple(known[name] for name in names)


def written(value: Fraction, unit: str = "") -> str:
    """A value as a rule file has it."""
    return f"{render_number(value)}{f' {unit}' if unit else ''}"


def parameters_read(ruleset: Ruleset, rules: Sequence[Definition]) -> frozenset[str]:
    """Every parameter that some of the rules read, themselves or through measures and other parameters."""
    names: set[str] = set()
    seen: set[str] = set()

    def visit(tree: Node) -> None:
        for node in walk(tree):
            if not isinstance(node, Ref) or f"{node.scope} {node.name}" in seen:
                continue
            seen.add(f"{node.scope} {node.name}")
            if node.scope == "measure":
                visit(ruleset.measures[node.name].value.tree)
            elif node.scope == "parameter":
                names.add(node.name)
                for _, dated in ruleset.parameters[node.name].values:
                    visit(dated.value.tree)

    for rule in rules:
        for expression in expressions_in(rule):
            visit(expression.tree)
    return frozenset(names)


def _unit(tree: Node) -> str:
    return tree.unit if isinstance(tree, Literal) else ""


def _literal(old: Expression, value: Fraction) -> Expression:
    unit = _unit(old.tree)
    tree = Literal(value, unit, span=old.tree.span, type=old.tree.type)
    return evolve(old, tree=tree, text=written(value, unit))


def _parameter(ruleset: Ruleset, name: str, dated: Dated) -> Callable[[Fraction], Ruleset]:
    def put(value: Fraction) -> Ruleset:
        new = evolve(ruleset.parameters[name], values=((None, evolve(dated, value=_literal(dated.value, value))),))
        return evolve(ruleset, parameters={**ruleset.parameters, name: new})

    return put


def _in_rules(ruleset: Ruleset) -> Iterator[RuleNumber]:
    """Points, bounds of grades and quotas that stand in rules as plain numbers."""
    for name, cards in ruleset.scorecards.items():
        for number, card in enumerate(cards):
            prefix = name if len(cards) == 1 else f"scorecards.{name}.{number + 1}"
            for path, expression, put in _points(card):
                yield from _of_rule(ruleset, "scorecards", name, number, f"{prefix}.{path}.points", expression, put)
            bounds = [band.from_ for band in card.grades.values()]  # best first
            for place, (grade, band) in enumerate(card.grades.items()):
                if band.from_:  # the band from 0 takes what is left
                    worse = next((b for b in bounds[place + 1 :] if b is not None), None)
                    better = next((b for b in reversed(bounds[:place]) if b is not None), None)
                    put_band = _band(ruleset, name, number, card, grade)
                    yield RuleNumber(f"{prefix}.grades.{grade}", band.from_, "", "grade", put_band, worse, better)
    for name, awards in ruleset.awards.items():
        for number, award in enumerate(awards):
            prefix = name if len(awards) == 1 else f"awards.{name}.{number + 1}"

            def quota(new: Expression, award: Any = award) -> Any:
                return evolve(award, quota=new)

            yield from _of_rule(ruleset, "awards", name, number, f"{prefix}.quota", award.quota, quota, "quota")


def _of_rule(
    ruleset: Ruleset, section: str, name: str, number: int, path: str, expression: Expression | None,
    put: Callable[[Expression], Any], sort: str = "points",
) -> Iterator[RuleNumber]:  # fmt: skip
    if expression is None or not isinstance(expression.tree, Literal):
        return
    value = expression.tree.value
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        return

    def with_number(new: Fraction) -> Ruleset:
        return _with(ruleset, section, name, number, put(_literal(expression, new)))

    yield RuleNumber(path, Fraction(value), expression.tree.unit, sort, with_number)


def _with(ruleset: Ruleset, section: str, name: str, number: int, rule: Any) -> Ruleset:
    versions = list(getattr(ruleset, section)[name])
    versions[number] = rule
    changed: dict[str, Any] = {section: {**getattr(ruleset, section), name: tuple(versions)}}
    return evolve(ruleset, **changed)


def _band(ruleset: Ruleset, name: str, number: int, card: Scorecard, grade: str) -> Callable[[Fraction], Ruleset]:
    def put(value: Fraction) -> Ruleset:
        grades = {**card.grades, grade: evolve(card.grades[grade], from_=value)}
        return _with(ruleset, "scorecards", name, number, evolve(card, grades=grades))

    return put


def _points(card: Scorecard) -> Iterator[tuple[str, Expression | None, Callable[[Expression], Scorecard]]]:
    """(path from the card on, points, the card with other points) of each indicator and category."""
    for name, indicator in card.indicators.items():

        def of_card(new: Expression, name: str = name, indicator: Indicator = indicator) -> Scorecard:
            return evolve(card, indicators={**card.indicators, name: evolve(indicator, points=new)})

        yield name, indicator.points, of_card
    for id_, category in card.categories.items():

        def of_category(new: Expression, id_: str = id_) -> Scorecard:
            changed = evolve(card.categories[id_], points=new)
            return evolve(card, categories={**card.categories, id_: changed})

        yield f"categories.{id_}", category.points, of_category
        for name, indicator in category.indicators.items():

            def inside(new: Expression, id_: str = id_, name: str = name) -> Scorecard:
                old = card.categories[id_]
                indicators = {**old.indicators, name: evolve(old.indicators[name], points=new)}
                return evolve(card, categories={**card.categories, id_: evolve(old, indicators=indicators)})

            yield name, indicator.points, inside
