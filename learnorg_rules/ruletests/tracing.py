"""From requirements to rules to tests: which rules answer a requirement, and which cases look at those rules.

The requirements of a programme are numbered; `requirements.csv` beside its rules lists them (columns `number`, `en`,
`zh`). A rule answers requirement 31 by the reference `R31`; `R72b`, a part of 72, answers 72. Cases are not run here:
whether they pass is what `run_tests` says.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from ..authoring.load import load
from ..errors import InputError, Issues, Source
from ..model.definitions import Definition, Indicator, Scorecard, Text
from ..model.ruleset import Ruleset
from .files import Case, read_cases
from .running import named_by, testable

__all__ = ["Requirement", "Trace", "TracedRule", "trace_requirements"]

FILE = "requirements.csv"
NUMBER = re.compile(r"R(\d+)[a-z]?")


@frozen
class TracedRule:
    """One rule: `name` is its kind and id. `requirements` are those it or, failing that, what it stands in refers to.

    `tests`: the cases that look at it, as "FILE: NAME". `testable`: False for what no case can name, such as a selector.
    """

    name: str
    source: Source
    requirements: Sequence[int]
    tests: Sequence[str] = ()
    testable: bool = True


@frozen
class Requirement:
    """One requirement, and the rules that answer it in the order of the files."""

    number: int
    text: Text
    rules: Sequence[TracedRule]

    @property
    def tests(self) -> Sequence[str]:
        """The cases that look at any of its rules, each once."""
        return tuple(dict.fromkeys(test for rule in self.rules for test in rule.tests))


@frozen
class Trace:
    """All requirements by number, and every gap between them, the rules and the tests as (place, text)."""

    ruleset: str
    folder: str
    requirements: Sequence[Requirement]
    gaps: Sequence[tuple[Source, str]]

    @property
    def covered(self) -> int:
        """How many requirements have a rule and a test."""
        return sum(bool(r.tests) for r in self.requirements)

    def __str__(self) -> str:
        return f"{self.covered} of {len(self.requirements)}, each with a rule and a test"

    def to_record(self) -> Mapping[str, object]:
        """The trace as plain values, for JSON."""
        return {
            "ruleset": self.ruleset,
            "requirements": [
                {
                    "number": r.number,
                    "text": dict(r.text.by_language),
                    "rules": [
                        {"rule": x.name, "file": x.source.file, "line": x.source.line, "tests": list(x.tests)}
                        for x in r.rules
                    ],
                }
                for r in self.requirements
            ],
            "covered": self.covered,
            "gaps": [{"file": s.file, "line": s.line, "gap": text} for s, text in self.gaps],
        }


def trace_requirements(folder: str | Path) -> Trace:
    """The requirements of a ruleset with their rules and tests.

    Args:
        folder: the ruleset, with `requirements.csv` and `tests/*.yaml`.

    Raises:
        InputError: the rules, the test files or the requirements are refused; there are no requirements (T130).
    """
    folder = Path(folder)
    ruleset = load(folder)
    cases = read_cases(folder, ruleset)
    texts = _read(folder / FILE)
    rules = [_with_tests(rule, looked, cases) for rule, looked in _rules(ruleset, cases)]
    requirements = tuple(
        Requirement(number, text, tuple(r for r in rules if number in r.requirements)) for number, text in texts.items()
    )
    gaps = (*_unanswered(folder, requirements), *_strangers(rules, texts), *_unreached(ruleset, cases, rules))
    return Trace(ruleset.id, str(folder), requirements, gaps)


def _read(path: Path) -> dict[int, Text]:
    """The requirements by number, in the order of the file."""
    issues = Issues()
    if not path.is_file():
        issues.error(Source(str(path)), "T130", "there is no such file", "its columns are number, en and zh")
        raise InputError(issues.found)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        issues.error(Source(str(path)), "T131", "the file is not UTF-8")
        raise InputError(issues.found) from None
    reader = csv.DictReader(io.StringIO(text))
    if not {"number", "en"} <= set(reader.fieldnames or ()):
        found = ", ".join(reader.fieldnames or ()) or "nothing"
        issues.error(Source(str(path), 1, 1), "T130", f"the columns are {found}, expected number, en and zh")
        raise InputError(issues.found)
    texts: dict[int, Text] = {}
    for row in reader:
        place = Source(str(path), reader.line_num, 1)
        written = (row["number"] or "").strip()
        if not re.fullmatch(r"[1-9][0-9]{0,5}", written):
            issues.error(place, "T131", f"'{written}' is no number, expected a whole number from 1 on")
        elif int(written) in texts:
            issues.error(place, "T131", f"the number {written} is there a second time")
        elif not (row["en"] or "").strip() or None in row:
            issues.error(
                place, "T131", f"requirement {written} needs one text a language, in quotes where it has a comma"
            )
        else:
            said = {language: row[language].strip() for language in ("en", "zh") if row.get(language)}
            texts[int(written)] = Text(said)
    issues.raise_errors()
    return dict(sorted(texts.items()))


# ---- rules


def _rules(ruleset: Ruleset, cases: Sequence[Case]) -> Iterator[tuple[TracedRule, frozenset[str]]]:
    """Every rule, with the names (of `named_by`) by which a case looks at it; those that only parts have are theirs."""
    by_selector: dict[str, set[str]] = {id_: set() for id_ in ruleset.selectors}
    parts = [name for name in testable(ruleset, cases) if not name.startswith("duty ")]

    def rule(kind: str, definition: Definition, names: set[str], within: Sequence[int] = ()) -> Traced:
        return _rule(f"{kind} {definition.id}", definition.source, definition.reference, within), frozenset(names)

    for id_, duties in ruleset.duties.items():
        for duty in duties:
            by_selector.get(duty.for_.text, set()).add(f"duty {id_}")
            yield rule("duty", duty, {f"duty {id_}"})
    for id_, cards in ruleset.scorecards.items():
        whole = {f"{kind} {id_}" for kind in ("total", "grade", "vetoes")}
        whole |= {name for name in parts if name.split(" ")[1].startswith(f"{id_}.")}
        for card in cards:
            by_selector.get(card.for_.text, set()).update(whole)
            yield rule("scorecard", card, whole)
            yield from _card_parts(card)
    for id_, awards in ruleset.awards.items():
        for award in awards:
            by_selector.get(award.for_.text, set()).add(f"award {id_}")
            yield rule("award", award, {f"award {id_}"})
    for id_, plans in ruleset.plans.items():
        for plan in plans:
            steps = {f"step {id_}.{step}" for step in plan.steps}
            by_selector.get(plan.for_.text, set()).update(steps)
            yield rule("plan", plan, steps)
            for step in plan.steps.values():
                looked, above = frozenset({f"step {id_}.{step.id}"}), _numbers(plan.reference)
                inner = _rule(f"step {id_}.{step.id}", step.source, step.reference, above)
                yield inner, looked
                for gate in (*step.enter.values(), *step.done.values()):
                    name = f"gate {id_}.{step.id}.{gate.id}"
                    yield _rule(name, gate.source, gate.reference, inner.requirements), looked
    for measure in ruleset.measures.values():
        yield _loose(rule("measure", measure, {f"measure {measure.id}"}))
    for id_, decision in ruleset.decisions.items():
        place = ruleset.decision_sources.get(id_, Source(ruleset.folder))
        name = f"decision {id_}"
        yield _rule(name, place, decision.reference, ()), frozenset({name})
    for id_, selector in ruleset.selectors.items():
        yield _loose(rule("selector", selector, by_selector[id_]))
    for parameter in ruleset.parameters.values():
        for _, dated in parameter.values:
            yield _loose((_rule(f"parameter {parameter.id}", dated.source, dated.reference, ()), frozenset()))
    yield _loose((_rule("ruleset", ruleset.header.source, ruleset.header.reference, ()), frozenset()))


Traced = tuple[TracedRule, frozenset[str]]


def _card_parts(card: Scorecard) -> Iterator[Traced]:
    above = _numbers(card.reference)
    groups: list[tuple[Sequence[int], Iterable[Indicator]]] = [(above, card.indicators.values())]
    for category in card.categories.values():
        looked = frozenset(f"indicator {card.id}.{i}" for i in category.indicators)
        inner = _rule(f"category {card.id}.{category.id}", category.source, category.reference, above)
        yield inner, looked
        groups.append((inner.requirements, category.indicators.values()))
    for numbers, indicators in groups:
        for indicator in indicators:
            name = f"indicator {card.id}.{indicator.id}"
            yield _rule(name, indicator.source, indicator.reference, numbers), frozenset({name})
    for veto in card.veto.values():
        name = f"veto {card.id}.{veto.id}"
        yield _rule(name, veto.source, veto.reference, above), frozenset({name})


def _rule(name: str, source: Source, references: Sequence[str], above: Sequence[int]) -> TracedRule:
    return TracedRule(name, source, _numbers(references) or tuple(above))


def _loose(traced: Traced) -> Traced:
    rule, looked = traced
    return TracedRule(rule.name, rule.source, rule.requirements, testable=False), looked


def _numbers(references: Sequence[str]) -> tuple[int, ...]:
    """The requirements among the references; others, such as a paragraph of a law, are for readers."""
    found = (NUMBER.fullmatch(reference.strip()) for reference in references)
    return tuple(dict.fromkeys(int(match[1]) for match in found if match))


def _with_tests(rule: TracedRule, looked: frozenset[str], cases: Sequence[Case]) -> TracedRule:
    tests = tuple(f"{Path(case.file).name}: {case.name}" for case in cases if looked & named_by(case))
    return TracedRule(rule.name, rule.source, rule.requirements, tests, rule.testable)


# ---- gaps


def _unanswered(folder: Path, requirements: Sequence[Requirement]) -> Iterator[tuple[Source, str]]:
    for requirement in requirements:
        about = f"R{requirement.number} {requirement.text.say()}"
        if not requirement.rules:
            yield Source(str(folder / FILE)), f"{about}: no rule refers to it"
        elif not requirement.tests:
            names = ", ".join(rule.name for rule in requirement.rules)
            yield requirement.rules[0].source, f"{about}: no test looks at {names}"


def _strangers(rules: Sequence[TracedRule], texts: Mapping[int, Text]) -> Iterator[tuple[Source, str]]:
    for rule in rules:
        for number in rule.requirements:
            if number not in texts:
                yield rule.source, f"{rule.name} refers to R{number}, which is no requirement"
        if rule.testable and not rule.requirements:
            yield rule.source, f"{rule.name} refers to no requirement"


def _unreached(ruleset: Ruleset, cases: Sequence[Case], rules: Sequence[TracedRule]) -> Iterator[tuple[Source, str]]:
    places = {rule.name: rule.source for rule in rules}
    named = frozenset().union(*map(named_by, cases))
    for name, times in Counter(testable(ruleset, cases)).items():
        if times and name not in named:
            yield places[name], f"no test names the {name}"
