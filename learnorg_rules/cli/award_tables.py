"""Awards, plans and decisions for people."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby

from attrs import evolve
from rich.text import Text

from ..judging.responsibility import responsible
from ..model.award import Grant
from ..model.definitions import Award, Plan
from ..model.results import AwardResult, DecisionResult, StepResult
from ..values import Number
from .layout import Cell, Column, fits
from .page import ROWS, Page, points

__all__ = ["print_awards", "print_decisions", "print_phases"]

DECISIONS = 5  # of each of several rules; what follows is read one case at a time
_STYLES = {"granted": "green", "tied": "yellow", "unranked": "yellow", "undecided": "yellow"}


def print_awards(page: Page) -> bool:
    """Each award for its newest period that has begun, or the one asked for; without candidates it says so."""
    found = False
    for id_, versions in page.result.ruleset.awards.items():
        records = [r for r in page.result.awards if r.rule == id_]
        period = page.only.last(_begun(page, id_))
        mine = [r for r in records if r.period == period]
        if mine:
            _award(page, versions[mine[0].version], period, mine)
        elif period and not page.only.units:
            page.heading(page.word("nobody_eligible", title=page.title(versions[-1]), period=period))
        found = found or bool(period)
    return found


def _begun(page: Page, award: str) -> list[str]:
    """The periods of the award that have begun, in order."""
    judging_context, versions = page.result.run.judging.judging_context, page.result.ruleset.awards[award]
    nodes = [n for n in page.result.run.dataflow.rules if n.kind == "award" and n.id == award]
    periods = {p for node in nodes for _, p in judging_context.begun(node, versions[node.version])}
    return [p.name for p in sorted(periods, key=lambda p: (p.start, p.end))]


def _award(page: Page, award: Award, period: str, records: Sequence[AwardResult]) -> None:
    """All candidates; where there are groups of peers, only those who get it or whose case is open."""
    grouped, units = bool(award.within), page.only.units
    shown = [
        r
        for r in records
        if page.only.subject(r.subject) and (units or not grouped or r.outcome is not Grant.NOT_GRANTED)
    ]
    if units and not shown:
        return
    quota = records[0].quota
    free = "award_free" if award.quota is None else "award_open"
    key = "award_within" if grouped else free if quota is None else "award_head"
    granted = sum(r.granted for r in records)
    title, many = page.title(award), len(records)
    page.heading(page.word(key, title=title, period=period, granted=granted, candidates=many, quota=quota))
    if not shown:
        return
    keys = [e.text.removesuffix(" descending").removesuffix(" ascending") for e in award.rank_by]
    columns = [
        page.column("within", spare=1, optional=not grouped), page.column("rank", right=True), *page.subject_columns(),
        *(Column(k, right=True, optional=k == "id") for k in keys), page.column("outcome"),
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    whole = [all(_is_whole(r.keys[i]) for r in shown) for i in range(len(keys))]
    others = [[found for r in shown if isinstance(found := r.keys[i], int | Fraction)] for i in range(len(keys))]
    for r in shown:
        values = ["" if k == "id" else _value(r.keys[i], whole[i], others[i]) for i, k in enumerate(keys)]
        outcome = Text(page.state("award", r.outcome.value), _STYLES.get(r.outcome.value, ""))
        rows.append([r.peers, "" if r.rank is None else str(r.rank), *page.subject(r.subject), *values, outcome])
    last = [k.rpartition(".")[2] for k in keys]
    if not fits(columns, rows, page.console.width) and len(set(last)) == len(last):
        named = dict(zip(keys, last, strict=True))  # `total` of `year.total` is enough where there is no room
        columns = [evolve(c, title=named.get(c.title, c.title)) for c in columns]
    page.table(columns, rows)


def print_phases(page: Page) -> bool:
    """Each plan: where its steps stand, which gates are missing, and who must act."""
    records = [r for r in page.result.plans if page.only.subject(r.subject)]
    for id_, group in groupby(records, key=lambda r: r.rule):
        steps = list(group)
        if len(steps) > ROWS:  # then those first that lack something
            steps.sort(key=lambda r: not r.missing)
        plan = page.result.ruleset.plans[id_][steps[0].version]
        page.heading(page.title(plan))
        columns = [
            page.column("step"), *page.subject_columns(), page.column("from", spare=4, optional=True), page.column("to"),
            page.column("state"), page.column("lacking", spare=1, optional=True, separator=page.word("list")),
            page.column("responsible", spare=2, optional=True),
        ]  # fmt: skip
        rows: list[list[Cell]] = [
            [
                page.label(plan.steps[r.step]), *page.subject(r.subject), r.from_.isoformat(), r.to.isoformat(),
                page.state("plan", r.state.value), page.word("list").join(_gates(page, plan, r)), _who(page, plan, r) if r.missing else "",
            ]
            for r in steps
        ]  # fmt: skip
        page.table(columns, rows)
    return bool(records)


def _gates(page: Page, plan: Plan, r: StepResult) -> list[str]:
    """The gates of a step that do not hold now."""
    step = plan.steps[r.step]
    gates = {**step.enter, **step.done}
    return [page.label(gates[id_]) if id_ in gates else id_ for id_ in r.missing]


def _who(page: Page, plan: Plan, r: StepResult) -> str:
    """Who must see to the missing gates on the day judged: the step's responsible, else the plan's, else the subject."""
    edge = plan.steps[r.step].responsible or plan.responsible
    found = responsible(page.result.run.evaluation.binding, evolve(plan, responsible=edge), r.subject, page.result.at)
    if found == (r.subject,):
        return page.itself(r.subject)
    return page.word("list").join(map(page.name, found)) or page.word("vacant", edge=edge)


def print_decisions(page: Page) -> bool:
    """What followed from settled facts: by what is to be done and by rule, the newest first."""
    found: dict[tuple[str, str], list[DecisionResult]] = {}
    for d in page.result.decisions:
        period = d.values.get("period")
        if page.only.subject(d.subject) and (period is None or page.only.has(period)):
            found.setdefault((d.do, d.rule), []).append(d)
    if found:
        page.heading(page.word("proposed_actions", n=sum(map(len, found.values()))))
    order = list(page.result.ruleset.decisions)
    for (do, rule), decisions in sorted(found.items(), key=lambda item: (item[0][0], order.index(item[0][1]))):
        title = page.title(page.result.ruleset.decisions[rule])
        page.console.print()
        page.line(page.word("action_head", action=page.state("action", do), title=title, n=len(decisions)))
        rows: list[list[Cell]] = [
            [*page.subject(d.subject), _then(page, d), d.because.say(page.language)]
            for d in sorted(decisions, key=lambda d: d.values.get("period", ""), reverse=True)
        ]
        columns = [
            *page.subject_columns(), page.column("then", spare=2, optional=True), page.column("because", spare=1),
        ]  # fmt: skip
        page.table(columns, rows, ROWS if len(found) == 1 else DECISIONS)
    return bool(found)


def _then(page: Page, d: DecisionResult) -> str:
    """What follows; the subject, which stands beside it, is left out."""
    return ", ".join(
        f"{name}: {page.name(value) if name == 'to' else value}"
        for name, value in d.values.items()
        if not (name in ("subject", "about") and value == d.subject)
    )


def _is_whole(value: object) -> bool:
    return value is None or (isinstance(value, int | Fraction) and Fraction(value).denominator == 1)


def _value(value: object, whole: bool, others: Sequence[Number]) -> str:
    """A key as people see it, so that keys which are not equal do not look so."""
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return str(int(value)) if whole else points(Fraction(value), others)
    return "-" if value is None else str(value)
