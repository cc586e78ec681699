"""What no type can check about duties, awards, measures and whatever has days."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction

from ..errors import Issues, Source, did_you_mean
from ..expr.cells import decimal_places
from ..expr.evaluate import compile_node
from ..expr.nodes import (
    Across,
    Aggregate,
    Binary,
    Call,
    Compare,
    In,
    Literal,
    Negate,
    Order,
    Range,
    Ref,
    Subjects,
    walk,
)
from ..expr.nodes import Node as Tree
from ..expr.render import render
from ..expr.types import Base
from ..model.decision import named_measures
from ..model.definitions import Award, Definition, Duty, Expression, Rule, Scorecard
from ..model.kinds import measure_expressions
from ..model.parameters import Parameters
from ..model.references import Behind, expressions_in, family_in, formulas_of, reached
from ..model.ruleset import Ruleset
from ..org.records import KINDS
from ..periods import ONE_DAY, Grain
from ..values import Value
from .constants import days_of, is_period, nodes_of, number, rules_of, shown, trees_of

__all__ = [
    "awards_can_be_decided",
    "constants_fit_single_events",
    "days_run_forward",
    "deadlines_lie_inside",
    "duties_have_a_date",
    "edges_exist",
    "every_is_known",
    "groups_hold_somebody",
    "only_rules_have_days",
    "outer_values_are_named",
    "ranges_hold_something",
    "rules_come_into_force",
    "spans_have_values",
    "unused_names",
    "values_are_of_their_subjects",
    "without_events_fits",
]  # fmt: skip


_ADVERBS = {
    "yearly": "year",
    "annual": "year",
    "annually": "year",
    "daily": "day",
    "fortnight": "week",
    "semester": "half",
}


def every_is_known(ruleset: Ruleset, issues: Issues) -> None:
    """`every` is a part of the calendar or a list of periods of the ruleset."""
    if not ruleset.header.id:
        return  # its lists of periods are not known
    known = [grain.value for grain in Grain] + list(ruleset.header.periods)
    for rule in rules_of(ruleset):
        if rule.every and not is_period(ruleset, rule.every):
            hint = f"known: {', '.join(known)}"
            near = did_you_mean(_ADVERBS.get(rule.every, rule.every), known, listed=False)
            issues.error(rule.place("every"), "E505", f"'{rule.every}' is no period", near or hint)


def constants_fit_single_events(ruleset: Ruleset, issues: Issues) -> None:
    """Parameters that events are multiplied by have a finite decimal form, and those they are divided by are not 0."""
    sections = (ruleset.measures, ruleset.duties, ruleset.scorecards, ruleset.awards, ruleset.plans)
    for expression in expressions_in(sections):
        for node in walk(expression.tree):
            if isinstance(node, Aggregate):
                for part in (p for value in (node.value, node.by) if value is not None for p in walk(value)):
                    for value in _values_of(part, ruleset):
                        if decimal_places(Fraction(value)) is None:
                            said = f"'{render(part)}' is {shown(Fraction(value))}, which has no finite decimal form"
                            issues.error(expression.source, "E311", said, "multiply after aggregating")
                            break
                for part in () if node.where is None else walk(node.where):
                    divisor = part.right if isinstance(part, Binary) and part.op == "/" else None
                    if divisor is not None and 0 in _values_of(divisor, ruleset):
                        said = f"'{render(part)}' divides by 0"
                        issues.error(expression.source, "E311", said, "say what is meant then")


def _values_of(node: Tree, ruleset: Ruleset) -> list[int | Fraction]:
    """The numbers that a literal or parameter stands for, one after the other."""
    if isinstance(node, Literal):
        return [node.value] if isinstance(node.value, Fraction) else []
    parameter = ruleset.parameters.get(node.name) if isinstance(node, Ref) and node.scope == "parameter" else None
    values = [] if parameter is None else [dated.value.tree for _, dated in parameter.values]
    return [tree.value for tree in values if isinstance(tree, Literal) and isinstance(tree.value, Fraction)]


def duties_have_a_date(ruleset: Ruleset, issues: Issues) -> None:
    """Exactly one of `every` and `by`, and the keys that go with each."""
    for duty in _duties(ruleset):
        if bool(duty.every) == (duty.by is not None):
            given = "both 'every' and 'by'" if duty.every else "neither 'every' nor 'by'"
            issues.error(duty.source, "E504", f"the duty '{duty.id}' has {given}", "write exactly one of them")
        if duty.by is None:
            for key in ("from", "late"):
                if key in duty.places and duty.every:
                    issues.error(
                        duty.place(key),
                        "E512",
                        f"'{key}' goes with 'by' only",
                        "use 'effective' for first and last days",
                    )
        elif duty.excused:
            issues.error(duty.place("excused"), "E512", "'excused' goes with 'every' only", "")
        tree = duty.require.tree
        if "above" in duty.places and not (isinstance(tree, In) and isinstance(tree.items, Range) and not tree.negated):
            message = "'above' needs a requirement of the form 'x in a..b'"
            issues.error(
                duty.place("above"), "E512", message, "write 'require: count(forum) in 1..2', or delete 'above'"
            )


def deadlines_lie_inside(ruleset: Ruleset, issues: Issues) -> None:
    """`by` and `from` have values, in this order, among the days that are judged."""
    if not ruleset.header.id:
        return
    first, end = ruleset.first_day, ruleset.end
    for duty in _duties(ruleset):
        if duty.by is None:
            continue
        start = first if duty.from_ is None else number(ruleset, duty.from_, first)
        by = number(ruleset, duty.by, start if isinstance(start, date) else first)
        for key, expression, day in (("from", duty.from_, start), ("by", duty.by, by)):
            if expression is not None and not isinstance(day, date):
                issues.error(
                    expression.source, "E506", f"'{key}' of '{duty.id}' has no value", "is the day in the calendar?"
                )
        if not isinstance(start, date) or not isinstance(by, date):
            continue
        if by < start:
            issues.error(duty.by.source, "E217", f"'{duty.id}' is due on {by}, before it counts from {start}", "")
        elif by < first or by >= end:
            issues.error(
                duty.by.source, "E516", f"'{duty.id}' is due on {by}, which is not judged",
                f"the ruleset judges {first} to {end - ONE_DAY}",
            )  # fmt: skip


def spans_have_values(ruleset: Ruleset, issues: Issues) -> None:
    """`at_risk` has a value, not below zero, on every day it is read."""
    for duty in _duties(ruleset):
        for day in days_of(ruleset, duty) if duty.at_risk is not None else ():
            assert duty.at_risk is not None
            span = number(ruleset, duty.at_risk, day)
            if span is None or getattr(span, "days", 0) < 0:
                what = "has no value" if span is None else f"is {getattr(span, 'days', span)} days"
                issues.error(duty.at_risk.source, "E506", f"'at_risk' of '{duty.id}' {what} on {day}", "")
                break


def days_run_forward(ruleset: Ruleset, issues: Issues) -> None:
    """No `effective` ends before it begins."""
    for definition in rules_of(ruleset):
        days = definition.effective
        if days.from_ is not None and days.to is not None and days.to < days.from_:
            hint = f"from {days.from_} to {days.to}"
            issues.error(definition.place("effective"), "E217", "'effective' ends before it begins", hint)


def rules_come_into_force(ruleset: Ruleset, issues: Issues) -> None:
    """Every version has a day in common with the days the ruleset judges."""
    if not ruleset.header.id:
        return
    first, last = ruleset.first_day, ruleset.end - ONE_DAY
    for rule in rules_of(ruleset):
        from_, to = rule.effective.from_, rule.effective.to
        if from_ is not None and to is not None and to < from_:
            continue  # reported as such
        if (from_ is not None and from_ > last) or (to is not None and to < first):
            message = f"'{rule.id}' is never in force"
            issues.error(rule.place("effective"), "E516", message, f"the ruleset judges {first} to {last}")


def only_rules_have_days(ruleset: Ruleset, issues: Issues) -> None:
    """`effective` stands where versions are told apart by it, and nowhere it would do nothing."""
    for definition in _parts(ruleset):
        if "effective" in definition.places:
            message = f"'effective' of '{definition.id}' would do nothing"
            issues.error(definition.place("effective"), "E512", message, "it stands on duties, scorecards and awards")


def _parts(ruleset: Ruleset) -> Iterator[Definition]:
    yield from (*ruleset.events.values(), *ruleset.selectors.values(), *ruleset.measures.values())
    for card in _cards(ruleset):
        yield from (*card.indicators.values(), *card.veto.values())
        for category in card.categories.values():
            yield from (category, *category.indicators.values())


def without_events_fits(ruleset: Ruleset, issues: Issues) -> None:
    """`without_events: missing` says something of one aggregate."""
    for measure in ruleset.measures.values():
        if measure.without_events == "missing" and not isinstance(measure.value.tree, Aggregate):
            issues.error(
                measure.place("without_events"), "E512",
                "'without_events: missing' needs a value that is one aggregate",
                "give the aggregate a name of its own under 'measures'",
            )  # fmt: skip


def awards_can_be_decided(ruleset: Ruleset, issues: Issues) -> None:
    """A quota has an order, the order ends where it must, peers are of a level, and scores are of the same periods."""
    for award in (award for versions in ruleset.awards.values() for award in versions):
        keys = [e.tree.key for e in award.rank_by if isinstance(e.tree, Order)]
        if award.quota is not None and not keys:
            issues.error(
                award.place("quota"), "E511", f"the quota of '{award.id}' needs an order", "write rank_by: [...]"
            )
        for expression, key in list(zip(award.rank_by, keys, strict=True))[:-1]:
            if isinstance(key, Ref) and (key.scope, key.name) == ("subject", "id"):
                issues.error(
                    expression.source, "E511", "'id' breaks every tie, so nothing can follow it", "put it last"
                )
        for expression in award.rank_by:
            tree = expression.tree
            is_id = (
                isinstance(tree, Order)
                and isinstance(tree.key, Ref)
                and (tree.key.scope, tree.key.name) == ("subject", "id")
            )
            if isinstance(tree, Order) and tree.span == tree.key.span and not is_id:
                written = " ".join(expression.text.split())
                issues.error(
                    expression.source, "E511", f"'{written}' does not say who comes first",
                    f"write '{written} descending' for the highest first, '{written} ascending' for the lowest",
                )  # fmt: skip
        _quota_is_whole(ruleset, award, issues)
        levels = ruleset.organisation.levels
        if award.within and award.within not in levels:
            hint = did_you_mean(award.within, levels) or "levels are declared in the section 'organisation'"
            issues.error(award.place("within"), "E511", f"'{award.within}' is no level", hint)
        _same_periods(ruleset, award, issues)


def _quota_is_whole(ruleset: Ruleset, award: Award, issues: Issues) -> None:
    """A quota that is the same for all is a whole number; one that depends on counts is whole for every count."""
    quota = award.quota
    if quota is None:
        return
    counts = any(isinstance(n, Ref) and n.scope == "local" for n in walk(quota.tree))
    parameters = Parameters(ruleset.parameters)
    for day in days_of(ruleset, award):
        keeps_out = False  # whether fewer are selected than are counted, for some count
        for count in range(11) if counts else (0,):

            def value(node: Tree, count: int = count, day: date = day) -> Value:
                assert isinstance(node, Ref)  # nothing else may stand in a quota
                return Fraction(count) if node.scope == "local" else parameters.value(node.name, day)

            found = compile_node(quota.tree)(value)
            if isinstance(found, int | Fraction) and found.denominator == 1 and (found >= 0 or counts):
                keeps_out = keeps_out or found < count
                continue
            written = " ".join(quota.text.split())
            if not counts:
                issues.error(
                    quota.source, "E511", f"the quota of '{award.id}' is {written}, not a whole number of at least 0",
                    f"a share of the candidates is 'ceil({written} * candidates)' (up) or 'floor({written} * candidates)' (down)"
                    if isinstance(found, int | Fraction) and 0 < found < 1
                    else "",
                )  # fmt: skip
            else:
                shown_ = "missing" if found is None else _plain(found)
                issues.warn(
                    quota.source, "W511", f"the quota of '{award.id}' is {shown_} where it counts {count}",
                    f"round it: ceil({written}), floor({written}) or round({written})",
                )  # fmt: skip
            return
        if counts and not keeps_out:
            issues.warn(
                quota.source, "W511", f"the quota of '{award.id}' keeps nobody out: it is never below what it counts",
                "a share of ten in a hundred is 10%, not 10",
            )  # fmt: skip
            return


def _same_periods(ruleset: Ruleset, award: Award, issues: Issues) -> None:
    """A score is that of the award's own days, so another rhythm would never find one."""
    reported: set[str] = set()
    for expression in (award.when, *award.rank_by):
        for node in walk(expression.tree) if expression is not None else ():
            card = node.name.partition(".")[0] if isinstance(node, Ref) and node.scope == "score" else ""
            others = sorted({version.every for version in ruleset.scorecards.get(card, ())} - {award.every})
            if card and others and card not in reported:
                reported.add(card)
                message = f"'{card}' is scored every {others[0]}, '{award.id}' is given every {award.every}"
                issues.error(award.place("every"), "E511", message, f"write every: {others[0]}")


def edges_exist(ruleset: Ruleset, issues: Issues) -> None:
    """Selectors follow edges of known kinds. Ids are looked at when an organisation is there."""
    done: set[Source] = set()
    for _, expression, node in nodes_of(ruleset):
        if isinstance(node, Subjects) and node.edge and node.edge not in KINDS and expression.source not in done:
            done.add(expression.source)
            if expression.text.strip() not in ruleset.selectors:  # there it was reported already
                issues.error(
                    expression.source, "E520", f"unknown kind of edge '{node.edge}'", did_you_mean(node.edge, KINDS)
                )


def groups_hold_somebody(ruleset: Ruleset, issues: Issues) -> None:
    """A rule's values ask for groups that subjects of its sort can have, and for peers of those it judges only."""
    for rule, family, expression, parts in _asked(ruleset):
        for across, here in ((n, f) for n, f in parts if isinstance(n, Across)):
            written = " ".join(across.text.split())
            if across.group == "peers" and here != family:
                issues.error(
                    expression.source, "E530", f"'{written}' asks for the peers of {here}; '{rule.id}' judges {family}",
                    "peers are those the rule judges; compare with another group, or let a rule of their own score them",
                )  # fmt: skip
            elif across.group != "peers" and (across.group == "home") is (here == "units"):
                issues.error(
                    expression.source, "E531", f"'{written}' of {here} is always empty; '{rule.id}' judges {family}",
                    "'home' is the unit that a person belongs to" if here == "units" else f"no person has {across.group}",
                )  # fmt: skip
            else:
                continue
            break


def values_are_of_their_subjects(ruleset: Ruleset, issues: Issues) -> None:
    """Results and attributes that a rule's values ask for are those of subjects of its sort; others are reached through a group."""
    for rule, family, expression, parts in _asked(ruleset):
        for node, here in ((n, f) for n, f in parts if isinstance(n, Ref)):
            of = _owner(ruleset, node)
            if of not in ("", here):
                value = f"met({node.name})" if node.scope == "duty" else node.name
                issues.error(
                    expression.source, "E533", f"'{value}' is about {of}, and is asked of {here}; '{rule.id}' judges {family}",
                    f"reach them through a group, such as '{_through_group(value, node, of)}'",
                )  # fmt: skip
                break


def _asked(ruleset: Ruleset) -> Iterator[tuple[Rule, str, Expression, Iterable[tuple[Tree, str]]]]:
    """Each expression for the values of a rule that judges one sort of subjects: (rule, that sort, expression, its parts each
    with the sort it is asked of).
    """
    formulas = formulas_of(ruleset.measures)
    for rule in rules_of(ruleset):
        family = _sort_of(rule.subjects.family)
        for expression in measure_expressions(rule) if family else ():
            yield rule, family, expression, reached([expression.tree], formulas, family, family_in)


def _sort_of(family: str) -> str:
    """Units and bodies are one sort, persons another; "" where subjects are given by their ids."""
    return "units" if family not in ("", "persons") else family


def _through_group(value: str, ref: Ref, of: str) -> str:
    group = "members" if of == "persons" else "home"
    base = None if ref.type is None else ref.type.base
    if base is Base.BOOLEAN:
        return f"share(({value}) in {group})"
    if base is not Base.NUMBER and not value.endswith(".grade"):
        return f"count(({value} == ...) in {group})"
    number = value.removesuffix(".grade") + ".total" if value.endswith(".grade") else value
    return f"{'mean' if of == 'persons' else 'max'}({number} in {group})"


def _owner(ruleset: Ruleset, ref: Ref) -> str:
    """Of which sort of subjects a result or an attribute is; "" where of both, or where that is not known."""
    if ref.scope == "subject":
        types = {"units": ruleset.organisation.units, "persons": ruleset.organisation.persons}
        sorts = {sort for sort, names in types.items() if ref.name in names}
    else:
        rules = {"score": ruleset.scorecards, "duty": ruleset.duties}.get(ref.scope, {})
        sorts = {_sort_of(rule.subjects.family) for rule in rules.get(ref.name.partition(".")[0], ())}
    return sorts.pop() if len(sorts) == 1 else ""


def outer_values_are_named(ruleset: Ruleset, issues: Issues) -> None:
    """Each of a group compared with a measure over the same group is compared with its own group, rarely with the subject's."""
    formulas = formulas_of(ruleset.measures)
    for _, expression, node in nodes_of(ruleset):
        if not isinstance(node, Across) or not isinstance(node.value, Compare) or node.group == "peers":
            continue
        for side, other in ((node.value.left, node.value.right), (node.value.right, node.value.left)):
            if not isinstance(side, Ref) or side.scope != "measure":
                continue
            if node.group in _groups(side, formulas) and node.group not in _groups(other, formulas):
                issues.warn(
                    expression.source, "W510", f"'{side.name}' is that of each in '{node.group}', from its own {node.group}",
                    f"write 'subject.{side.name}' for that of the subject whose {node.group} they are",
                )  # fmt: skip


def _groups(tree: Tree, formulas: Behind) -> set[str]:
    found = reached([tree], formulas, None, lambda _group, _state: None)
    return {node.group for node, _ in found if isinstance(node, Across)}


def ranges_hold_something(ruleset: Ruleset, issues: Issues) -> None:
    """`low..high` with constant ends has low at most high."""
    parameters, day = Parameters(ruleset.parameters), ruleset.end - ONE_DAY
    for _, expression, node in nodes_of(ruleset):
        if not isinstance(node, Range) or not all(_is_constant(n) for n in (*walk(node.low), *walk(node.high))):
            continue
        low, high = (parameters.constant(Expression(n), day) for n in (node.low, node.high))
        if low is not None and high is not None and low > high:  # type: ignore[operator]
            message = f"the range {_plain(low)}..{_plain(high)} is empty"
            issues.error(expression.source, "E515", message, "the lower end comes first")


def _is_constant(node: Tree) -> bool:
    symbol = isinstance(node, Literal) and isinstance(node.value, str)  # options have an order that text has not
    return not symbol and (
        isinstance(node, Literal | Negate | Binary) or (isinstance(node, Ref) and node.scope == "parameter")
    )


def _plain(value: object) -> str:
    return shown(Fraction(value)) if isinstance(value, int | Fraction) else str(value)


def unused_names(ruleset: Ruleset, issues: Issues) -> None:
    """What is declared, never used and has no `note` that says why, is shown; it refuses nothing."""
    used: set[tuple[str, str]] = set()
    for _, _, node in nodes_of(ruleset):
        if isinstance(node, Ref):
            used.add((node.scope, node.name))
        elif isinstance(node, Aggregate):
            used.update(("event kind", kind) for kind in node.kinds)
        elif isinstance(node, Call):
            used.update((arg.scope, arg.name) for arg in node.args if isinstance(arg, Ref))
    selected = {expression.text.strip().strip('"') for _, expression in trees_of(ruleset)}
    used.update(("selector", name) for name in selected)
    used.update(("field", name) for kind in ruleset.events.values() for name in kind.takes)
    used.update(("event kind", kind.id) for kind in ruleset.events.values() if kind.effect)
    used.update(("measure", name) for name in named_measures(ruleset.decisions.values()))
    groups: Sequence[tuple[str, object]] = (
        ("parameter", ruleset.parameters), ("selector", ruleset.selectors), ("measure", ruleset.measures),
        ("event kind", ruleset.events), ("field", ruleset.fields),
    )  # fmt: skip
    for what, definitions in groups:
        for name, definition in definitions.items():  # type: ignore[attr-defined]
            if (what, name) not in used and not getattr(definition, "note", ""):
                hint = "use it, delete it, or say in a 'note' what it is for" if what != "field" else ""
                issues.warn(definition.source, "W501", f"the {what} '{name}' is never used", hint)


def _duties(ruleset: Ruleset) -> Iterator[Duty]:
    return (duty for versions in ruleset.duties.values() for duty in versions)


def _cards(ruleset: Ruleset) -> Iterator[Scorecard]:
    return (card for versions in ruleset.scorecards.values() for card in versions)
