"""Running rule tests: each case is one assessment, looked at where the case expects something."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from attrs import evolve, frozen

from ..adapters.events.sources import MemoryEvents, events_from
from ..api import Result, assess
from ..authoring.load import load
from ..counting.port import Read, Wanted
from ..errors import InputError, Issue, Issues, Source
from ..explain import reason, summary
from ..model.ruleset import Ruleset
from ..tracing.trace import trace
from .expectations import Expectation, show
from .files import Case, read_cases
from .report import CaseResult, Failure, Report
from .results import Lookup
from .targets import DECISIONS, Target, Targets

__all__ = ["named_by", "run_tests", "testable"]

NO_SUCH_ID = "O202"  # a rule is for an id that the organisation does not have
REASON_LINES = 8  # of an explanation, below a failure; `learnorg explain` shows the whole

Progress = Callable[[int, int], None]
Finished = Callable[[Sequence[CaseResult]], None]


def run_tests(
    folder: str | Path,
    pattern: str | None = None,
    progress: Progress | None = None,
    finished: Finished | None = None,
) -> Report:
    """Run the tests beside the rules of a folder.

    Args:
        folder: the ruleset; its tests are `tests/*.yaml`.
        pattern: a regular expression; only cases are run whose `FILE: NAME` it is found in.
        progress: called with (cases done, cases in all).
        finished: called with the results of a file when its last case was run.

    Raises:
        InputError: the rules or the test files are refused; it holds every fault of all of them. A failing case does
            not raise, it is in the report.
        re.error: the pattern is no regular expression.
    """
    wanted = re.compile(pattern) if pattern is not None else None
    folder = Path(folder)
    ruleset = load(folder)
    cases = read_cases(folder, ruleset)
    chosen = [c for c in cases if wanted is None or wanted.search(f"{c.file}: {c.name}")]
    rulesets = _Rulesets(folder, {(): ruleset})
    rulesets.check(chosen)
    done = []
    for number, case in enumerate(chosen, start=1):
        done.append(_run(case, rulesets.get(case.set)))
        if progress is not None:
            progress(number, len(chosen))
        if finished is not None and (number == len(chosen) or chosen[number].file != case.file):
            finished([result for result in done if result.file == case.file])
    unreached = _unreached(ruleset, cases) if wanted is None else None
    return Report(ruleset.id, str(folder), tuple(done), unreached)


@frozen
class _Rulesets:
    """The ruleset with the parameters that cases set."""

    folder: Path
    known: dict[tuple[tuple[str, str], ...], Ruleset]

    def get(self, values: tuple[tuple[str, str], ...]) -> Ruleset:
        if values not in self.known:
            self.known[values] = load(self.folder, set=dict(values))
        return self.known[values]

    def check(self, cases: list[Case]) -> None:
        """Load every variant before a case is run, so that all faults are told at once, each at its case."""
        issues = Issues()
        for case in cases:
            try:
                self.get(case.set)
            except InputError as error:
                issues.found.extend(
                    evolve(i, source=case.source, message=f"{i.source}: {i.message}") for i in error.issues
                )
        issues.raise_errors()


@frozen
class _AsWritten:
    """Events of a case: they have our names, whatever the ruleset's event files call them."""

    rows: MemoryEvents

    def read(self, wanted: Wanted, progress: Progress | None = None) -> Read:
        """Read all rows."""
        return self.rows.read(evolve(wanted, columns={}, constants={}), progress)


def _run(case: Case, ruleset: Ruleset) -> CaseResult:
    events = _AsWritten(events_from(case.history.events, name=case.file))
    try:
        result = assess(ruleset, case.organisation, events, case.at, case.known_at)
    except InputError as error:
        refused = [line for issue in error.issues for line in str(_for_tests(issue)).splitlines()]
        failure = Failure(case.source, "the case", "an assessment", "the organisation is refused", tuple(refused))
        return CaseResult(case.file, case.name, case.source, (failure,))
    lookup = Lookup(result)
    targets = Targets(ruleset, case.organisation, Issues())
    failures = [*_rejected(case, result), *_findings(case, result)]
    for expectation in case.expectations:
        failures.extend(_expected(expectation, lookup, targets))
    for source, target, text in case.reasons:
        failures.extend(_reason(source, target, text, lookup, targets))
    return CaseResult(case.file, case.name, case.source, tuple(failures))


def _for_tests(issue: Issue) -> Issue:
    """The issue; where a rule names an id that this small organisation lacks, with what to do about it."""
    if issue.code != NO_SUCH_ID:
        return issue
    named = re.search(r"is for '([^']*)'", issue.message)
    where = f'`for: units where id == "{named[1] if named else "…"}"`'
    hint = f"the organisation of this test has no such unit; add it, or write {where}"
    return evolve(issue, hint="; ".join(filter(None, (hint, issue.hint))))


def _rejected(case: Case, result: Result) -> Iterator[Failure]:
    rows = result.rejected.to_dicts()
    for row in rows:
        if row["code"] not in case.rejected:
            place = case.history.places.get(row["id"], case.source)
            yield Failure(
                place, "an event of the history", "it counts", f"it is set aside: {row['code']} {row['reason']}"
            )
    for code in sorted(set(case.rejected) - {row["code"] for row in rows}):
        yield Failure(case.source, f"rejected {code}", "an event is set aside", "none is")


def _findings(case: Case, result: Result) -> Iterator[Failure]:
    # That all records were rejected is no more than `rejected` says.
    found = [issue for issue in result.findings if issue.severity == "error" and issue.code != "V601"]
    for issue in found:
        if issue.code not in case.findings:
            yield Failure(case.source, f"finding {issue.code}", "none", issue.message, (f"{issue.source}",))
    for code in sorted(set(case.findings) - {issue.code for issue in found}):
        yield Failure(case.source, f"finding {code}", "there is one", "none")


def _expected(expectation: Expectation, lookup: Lookup, targets: Targets) -> Iterator[Failure]:
    target = expectation.target
    period = _period(target, lookup, targets)
    got = lookup.differs(target, period, expectation.expected)
    if got is not None:
        expected = expectation.expected
        said = (", ".join(expected) or "none") if isinstance(expected, tuple) else show(expected)
        why = _why(target, period, lookup.result)
        yield Failure(expectation.source, f"{target.name} {period}".rstrip(), said, got, tuple(why[:REASON_LINES]))


def _reason(source: Source, target: Target, text: str, lookup: Lookup, targets: Targets) -> Iterator[Failure]:
    period = _period(target, lookup, targets)
    lines = _why(target, period, lookup.result)
    if not any(" ".join(text.split()) in " ".join(line.split()) for line in (*lines, " ".join(lines))):
        yield Failure(
            source, f"why {target.name} {period}".rstrip(), text, "a reason that does not say so", tuple(lines)
        )


def _period(target: Target, lookup: Lookup, targets: Targets) -> str:
    known = target.kind in ("measure", "step", "decision", DECISIONS) or target.rule in targets.by_id
    return lookup.period(target, "" if known else targets.last_begun(target, lookup.result.at))


def _why(target: Target, period: str, result: Result) -> list[str]:
    """The explanation, line by line: first what it comes to, where that is told in one line, then the tree."""
    if target.kind == "step":
        steps = result.plans.where(rule=target.rule, subject=target.subject, step=target.part)
        return [f"missing: {', '.join(step.missing) or 'nothing'}" for step in steps]
    if target.kind in ("decision", DECISIONS):
        return list(_decided(target, result))
    try:
        found = trace(result, target.subject, target.asked, period or None)
    except LookupError as error:
        return [str(error.args[0])]
    holder = found.item or found.card or found.award
    record = found.duty or (holder.result if holder is not None else None)
    lines = str(reason(found)).splitlines()
    short = summary(record, found)
    return lines if any(short in line for line in lines) else [short, *lines]


def named_by(case: Case) -> frozenset[str]:
    """The results that a case looks at, as "KIND RULE" or "KIND RULE.PART"; vetoes that it expects as "veto CARD.VETO"."""
    named: set[str] = set()
    for target, ids in (
        *((e.target, e.expected if isinstance(e.expected, tuple) else ()) for e in case.expectations),
        *((t, ()) for _, t, _ in case.reasons),
    ):
        named.add(f"{target.kind} {target.rule}.{target.part}" if target.part else f"{target.kind} {target.rule}")
        kind = "decision " if target.kind == DECISIONS else f"veto {target.rule}."
        named.update(f"{kind}{id_}" for id_ in (ids if target.kind in ("vetoes", DECISIONS) else ()))
    return frozenset(named)


def testable(ruleset: Ruleset, cases: Sequence[Case]) -> tuple[str, ...]:
    """The rules that a case should name, written as `named_by` writes them, in the order of the files."""
    rules = [f"duty {id_}" for id_ in ruleset.duties]
    targets = Targets(ruleset, cases[0].organisation, Issues()) if cases else None
    for card, versions in ruleset.scorecards.items():
        rules += [f"indicator {card}.{indicator}" for indicator in (targets.indicators(card) if targets else ())]
        rules += [f"veto {card}.{veto}" for veto in dict.fromkeys(v for version in versions for v in version.veto)]
    rules += [f"award {id_}" for id_ in ruleset.awards]
    for id_, plans in ruleset.plans.items():
        rules += [f"step {id_}.{step}" for step in dict.fromkeys(step for plan in plans for step in plan.steps)]
    return (*rules, *(f"decision {id_}" for id_ in ruleset.decisions))


def _decided(target: Target, result: Result) -> Iterator[str]:
    """What was decided for the subject, by the rule where one is named, with the facts it rests on."""
    decisions = [d for d in result.decisions if d.subject == target.subject and target.rule in (DECISIONS, d.rule)]
    for d in decisions:
        yield f"{d.rule}: {d.do} {d.then}: {d.reason}"
        yield from (f"  {fact}" for fact in d.facts)
    if not decisions:
        yield "no decision was made"


def _unreached(ruleset: Ruleset, cases: Sequence[Case]) -> tuple[str, ...]:
    """The rules that no expectation of any case names, in the order of the files."""
    named = frozenset().union(*map(named_by, cases))
    return tuple(rule for rule in testable(ruleset, cases) if rule not in named)
