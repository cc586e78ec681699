"""What a case expects: keys that name a result, and the value it must have."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from attrs import frozen

from ..documents import Broken, Mapping_, Scalar, Sequence_, Tree, kind_of, place, reads_as_scalar
from ..errors import Issues, Source, did_you_mean
from ..expr.render import render_number
from ..expr.types import Base
from ..model.award import Grant
from ..model.decision import DecisionRule
from ..model.duty import Status
from ..model.plan import StepState
from ..values import Value
from .targets import DECISIONS, Target, Targets
from .wide import find_wide

__all__ = ["NO_RESULT", "Expectation", "read_expectations", "read_reasons", "show"]

NO_RESULT = "no result"
ABSENT = ("missing", "excluded", "invalid", "excused")

Expected = str | bool | Fraction | tuple[str, ...]


@frozen
class Expectation:
    """A target and the value it must have: a word, truth value or number; vetoes are a tuple of ids."""

    source: Source
    target: Target
    expected: Expected


def read_expectations(tree: Tree, targets: Targets, period: str) -> Iterator[Expectation]:
    """What `expect` says, in order; faults go to the targets' issues. `period` holds where a key names none."""
    issues = targets.issues
    if not isinstance(tree, Mapping_):
        if not isinstance(tree, Broken):
            issues.error(tree.source, "E203", f"'expect' takes a mapping from results to values; found {kind_of(tree)}")
        return
    for key, value in tree.entries:
        if isinstance(value, Mapping_) and _is_card(key.text, targets):
            for part, inner in value.entries:  # the parts of one scorecard together
                yield from _under(Scalar(f"{key.text}.{part.text}", part.source), inner, targets, period)
        elif isinstance(value, Mapping_) and _is_decision(key.text, targets):
            yield from _one(key, key.source, "", value, targets)
        else:
            yield from _under(key, value, targets, period)


def _is_decision(text: str, targets: Targets) -> bool:
    subject, _, rule = text.rpartition(".")
    rules = targets.ruleset
    every = {**rules.duties, **rules.scorecards, **rules.awards}
    return subject in targets.organisation.nodes and rule in rules.decisions and rule not in every


def _is_card(text: str, targets: Targets) -> bool:
    subject, _, rule = text.rpartition(".")
    rules = targets.ruleset
    return (
        subject in targets.organisation.nodes
        and rule in rules.scorecards
        and rule not in {**rules.duties, **rules.awards}
    )


def _under(key: Scalar, value: Tree, targets: Targets, period: str) -> Iterator[Expectation]:
    if isinstance(value, Mapping_):
        for name, inner in value.entries:
            yield from _one(key, name.source, name.text, inner, targets)
    else:
        yield from _one(key, key.source, period, value, targets)


def _one(key: Scalar, source: Source, period: str, value: Tree, targets: Targets) -> Iterator[Expectation]:
    before = len(targets.issues.found)
    target = targets.find(key.source if source is key.source else source, key.text, period)
    expected = None if target is None or isinstance(value, Broken) else _expected(target, value, targets)
    if len(targets.issues.found) > before:
        _told_as_wide(key, source, period, value, targets, before)
    elif target is not None and expected is not None:
        yield Expectation(source, target, expected)


def _told_as_wide(key: Scalar, source: Source, period: str, value: Tree, targets: Targets, before: int) -> None:
    """Where a wrong expectation has full-width signs, they are what to mend."""
    known = max((n for n in targets.organisation.nodes if key.text.startswith(f"{n}.")), key=len, default="")
    rest, said = key.text[len(known) :], value.text if isinstance(value, Scalar) else ""
    if (wide := find_wide(rest)) is not None:
        where = place(key, len(known) + wide.offset)
    elif (wide := find_wide(period)) is not None:
        where = source
    elif isinstance(value, Scalar) and (wide := find_wide(said)) is not None:
        where = place(value, wide.offset)
    else:
        return
    code = targets.issues.found[before].code
    del targets.issues.found[before:]
    targets.issues.error(where, code, wide.message, wide.hint)


# ---- values


def _expected(target: Target, tree: Tree, targets: Targets) -> Expected | None:
    issues = targets.issues
    if target.kind == "vetoes":
        known = dict.fromkeys(id_ for v in targets.ruleset.scorecards[target.rule] for id_ in v.veto)
        return _ids(tree, list(known), f"'{target.rule}' has no veto", issues)
    if target.kind == DECISIONS:
        return _ids(tree, list(targets.ruleset.decisions), "there is no decision", issues)
    if target.kind == "decision" and isinstance(tree, Mapping_):
        return _decision(targets.ruleset.decisions[target.rule], tree, issues)
    if not isinstance(tree, Scalar) or tree.is_empty:
        issues.error(tree.source, "T121", f"'{target.name}' takes a value; found {kind_of(tree)}")
        return None
    text = " ".join(tree.text.split())
    if target.kind == "step":
        return _word(tree, text, text, [s.value for s in StepState], issues)
    if text == NO_RESULT and target.kind != "measure":
        return text
    if target.kind == "decision":
        hint = f"write {{do: {targets.ruleset.decisions[target.rule].do}}} or '{NO_RESULT}'"
        issues.error(tree.source, "T121", f"'{target.name}' takes a mapping of what follows; found '{text}'", hint)
        return None
    if target.kind == "duty":
        status, _, above = text.partition(" ")
        return _word(tree, text, status, [s.value for s in Status], issues, above in ("", "above"))
    if target.kind == "grade":
        grades = dict.fromkeys(g for v in targets.ruleset.scorecards[target.rule] for g in v.grades)
        return _word(tree, text, text, [*grades, "missing", "invalid", "excused", "excluded"], issues)
    if target.kind == "award":
        outcome = re.sub(r" ?\brank \d+$", "", text)
        return _word(
            tree,
            text,
            outcome,
            ["", *(g.value for g in Grant)] if outcome != text else [g.value for g in Grant],
            issues,
        )
    if text in ABSENT:
        return text
    if target.kind == "measure":
        base = targets.ruleset.measures[target.rule].value.tree.type
        if base is not None and base.base is Base.BOOLEAN:
            return text == "true" if _word(tree, text, text, ["true", "false", "missing"], issues) else None
        if base is not None and base.base is not Base.NUMBER:
            return text
    number = reads_as_scalar(Fraction, tree, issues)
    return number if isinstance(number, Fraction) else None


def _word(
    tree: Scalar, text: str, word: str, options: Sequence[str], issues: Issues, well_formed: bool = True
) -> str | None:
    if word in options and well_formed:
        return text
    known = [o for o in options if o]
    spoken = "_".join(text.split())
    hint = f"did you mean '{spoken}'?" if spoken in known else did_you_mean(word, known)
    if not hint.startswith("known"):
        hint = "; ".join(filter(None, (hint, f"known: {', '.join(known)}")))
    issues.error(tree.source, "T121", f"'{text}' can never be", hint)
    return None


def _ids(tree: Tree, known: Sequence[str], unknown: str, issues: Issues) -> tuple[str, ...] | None:
    """One id, a list of ids or `none`, sorted, each once."""
    items = tree.items if isinstance(tree, Sequence_) else (tree,)
    found = set()
    for item in items:
        if isinstance(item, Scalar) and item.text == "none" and len(items) == 1:
            continue
        if not isinstance(item, Scalar) or item.text not in known:
            said = item.text if isinstance(item, Scalar) else kind_of(item)
            issues.error(item.source, "T121", f"{unknown} '{said}'", did_you_mean(said, [*known, "none"]))
            return None
        found.add(item.text)
    return tuple(sorted(found))


def _decision(rule: DecisionRule, tree: Mapping_, issues: Issues) -> tuple[str, ...] | None:
    """What one decision must say: `do` and values of `then`, as "name: value"."""
    said = {"do": rule.do, **{name: value if isinstance(value, str) else "" for name, value in rule.then.items()}}
    found = []
    for key, value in tree.entries:
        if key.text not in said:
            issues.error(key.source, "T121", f"'{rule.id}' does not say '{key.text}'", did_you_mean(key.text, said))
        elif not isinstance(value, Scalar):
            issues.error(value.source, "T121", f"'{key.text}' takes a text; found {kind_of(value)}")
        elif said[key.text] not in ("", value.text):  # "": taken from a fact, so it can be anything
            hint = f"the rule says '{said[key.text]}'"
            issues.error(value.source, "T121", f"{key.text} of '{rule.id}' can never be '{value.text}'", hint)
        else:
            found.append(f"{key.text}: {value.text}")
    return tuple(found)


# ---- reasons


def read_reasons(tree: Tree, targets: Targets, period: str) -> Iterator[tuple[Source, Target, str]]:
    """What `why` says: `subject.rule PERIOD: text` or a list of texts, each of which the reason must hold."""
    issues = targets.issues
    if not isinstance(tree, Mapping_):
        if not isinstance(tree, Broken):
            issues.error(tree.source, "E203", f"'why' takes a mapping from results to texts; found {kind_of(tree)}")
        return
    for key, value in tree.entries:
        subject = next(
            (n for n in sorted(targets.organisation.nodes, key=len, reverse=True) if key.text.startswith(f"{n}.")), ""
        )
        rule, _, named = key.text[len(subject) :].partition(" ")
        target = targets.find(key.source, f"{subject}{rule}", named.strip() or period)
        for item in value.items if isinstance(value, Sequence_) else (value,):
            if isinstance(item, Scalar) and not item.is_empty:
                if target is not None:
                    yield item.source, target, item.text
            elif not isinstance(item, Broken):
                issues.error(item.source, "T121", f"a reason is a text; found {kind_of(item)}")


def show(value: Value) -> str:
    """A value as it is written in `expect`: exact, a ratio without finite decimals as a fraction."""
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        text = render_number(value)
        return f"{text} (about {float(value):.6f})" if "/" in text else text
    return str(value)
