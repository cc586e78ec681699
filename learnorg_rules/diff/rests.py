"""Which changes of the rules a result can rest on: what its rule names, and what that names in turn."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import attrs
from attrs import define

from ..expr.nodes import Aggregate, Ref, walk
from ..model.decision import DecisionRule
from ..model.definitions import Category, Indicator, Scorecard
from ..model.references import expressions_in
from ..model.ruleset import Ruleset
from .changes import RuleChange

__all__ = ["Rests"]

Item = tuple[str, str]
"""(section, id); an indicator is ("scorecards", "card.indicator")."""

_NAMES = {"parameter": "parameters", "measure": "measures", "duty": "duties", "event": "fields"}
_FACTS = {"duty": "duties", "score": "scorecards", "grade": "scorecards", "award": "awards", "measure": "measures",
          "phase": "plans", "decision": "decisions"}  # fmt: skip
_KEYS = {"duty": "duty", "score": "scorecard", "grade": "scorecard", "award": "award", "measure": "measure",
         "phase": "phase", "decision": "rule"}  # fmt: skip
_EVERYTHING = ("ruleset", "organisation")  # every result rests on them


@define(slots=False)
class Rests:
    """What results of two rulesets rest on among what differs between them."""

    old: Ruleset
    new: Ruleset
    changes: Sequence[RuleChange]

    def of(self, section: str, name: str) -> Sequence[RuleChange]:
        """The changes a result can rest on, the nearest first; those of header and attributes where there are no others.

        `name` is the id of a rule, or `card.indicator`, which rests on its own part of the card only.
        """
        key = (section, name)
        if key not in self._known:
            self._known[key] = tuple(self._of(key))
        return self._known[key]

    @cached_property
    def _known(self) -> dict[Item, Sequence[RuleChange]]:
        return {}

    @cached_property
    def _telling(self) -> Mapping[Item, RuleChange]:
        return {(c.section, c.id): c for c in self.changes if not c.is_for_readers}

    @cached_property
    def _needs(self) -> Mapping[Item, Sequence[Item]]:
        found: dict[Item, dict[Item, None]] = {}
        for ruleset in (self.old, self.new):
            for item, wants in _needs(ruleset):
                found.setdefault(item, {}).update(dict.fromkeys(wants))
        return {item: tuple(wants) for item, wants in found.items()}

    def _of(self, first: Item) -> Iterator[RuleChange]:
        seen, waiting, told = {first}, deque([first]), set()
        while waiting:
            item = waiting.popleft()
            change = self._own(item)
            if change is not None and change.name not in told:  # a card stands for its indicators
                told.add(change.name)
                yield change
            more = [wanted for wanted in self._needs.get(item, ()) if wanted not in seen]
            seen.update(more)
            waiting.extend(more)
        if not told:
            yield from (c for c in self._telling.values() if c.section in _EVERYTHING)

    def _own(self, item: Item) -> RuleChange | None:
        """The item's own change; of an indicator those fields of its card that are its own."""
        section, name = item
        card, _, part = name.partition(".")
        if section != "scorecards" or not part:
            return self._telling.get(item)
        change = self._telling.get((section, card))
        if change is None:
            return None
        fields = tuple(f for f in change.telling if _concerns(f.path, part))
        return attrs.evolve(change, fields=fields) if fields else None


def _concerns(path: str, indicator: str) -> bool:
    """Whether a changed key of a card touches the points of one of its indicators.

    Points and indicators of a category are shared out among its indicators, so all of that is theirs; so are the
    card's policies.
    """
    keys = path.split(".")
    if "indicators" in keys:
        return indicator in keys or "categories" in keys
    return not {"grades", "order of grades", "veto"} & set(keys)


def _needs(ruleset: Ruleset) -> Iterator[tuple[Item, Iterable[Item]]]:
    """Every definition of a ruleset and what it names."""
    for section in ("selectors", "measures"):
        for name, definition in getattr(ruleset, section).items():
            yield (section, name), _named(ruleset, definition)
    for section in ("duties", "awards", "plans"):
        for name, versions in getattr(ruleset, section).items():
            for version in versions:
                yield (section, name), _named(ruleset, version)
    for card, cards in ruleset.scorecards.items():
        for version in cards:
            yield from _of_card(ruleset, card, version)
    for name, kind in ruleset.events.items():
        yield ("events", name), [("fields", field) for field in kind.takes]
    for name, rule in ruleset.decisions.items():
        yield ("decisions", name), _facts(rule, ruleset)


def _of_card(ruleset: Ruleset, name: str, card: Scorecard) -> Iterator[tuple[Item, Iterable[Item]]]:
    parts: list[Item] = []
    inner: list[tuple[Category | None, Indicator]] = [(None, indicator) for indicator in card.indicators.values()]
    inner += [(c, indicator) for c in card.categories.values() for indicator in c.indicators.values()]
    for category, indicator in inner:
        item = ("scorecards", f"{name}.{indicator.id}")
        parts.append(item)
        siblings = [] if category is None else [(i.points, i.only) for i in category.indicators.values()]
        sharing = (category and category.points, category and category.only, siblings, card.for_)
        yield item, [*_named(ruleset, indicator), *_named(ruleset, sharing)]
    own = (card.for_, card.total_points, card.declared_items, card.veto)
    deciding = [("decisions", r.id) for r in ruleset.decisions.values() if r.do in ("veto", "cap")]
    yield ("scorecards", name), [*parts, *_named(ruleset, own), *deciding]


def _named(ruleset: Ruleset, value: object) -> Iterator[Item]:
    """What the expressions inside a definition name."""
    for expression in expressions_in(value):
        if expression.text.strip() in ruleset.selectors:
            yield "selectors", expression.text.strip()
        for node in walk(expression.tree):
            if isinstance(node, Aggregate):
                yield from (("events", kind) for kind in node.kinds)
            elif isinstance(node, Ref) and node.scope in _NAMES:
                yield _NAMES[node.scope], node.name
            elif isinstance(node, Ref) and node.scope == "score":
                card, _, part = node.name.partition(".")
                yield "scorecards", card if part in ("total", "grade") else node.name


def _facts(rule: DecisionRule, ruleset: Ruleset) -> Iterator[Item]:
    """What a decision looks at: the rules its patterns name, else all of their sort."""
    for pattern in rule.all_patterns:
        section = _FACTS.get(pattern.type)
        if section is None:
            continue
        tests = [t for t in pattern.tests if t.field == _KEYS[pattern.type] and t.op in ("==", "in")]
        names = [name for test in tests for name in test.constants]
        yield from ((section, str(n)) for n in (names or getattr(ruleset, section)))
