"""From a scenario file to a checked scenario, or to every fault in it at once."""

from pathlib import Path

from attrs import frozen

from ..adapters.organisation.reading import read_org
from ..authoring import load
from ..authoring.forms import Expressions
from ..authoring.scopes import Names
from ..counting.binding import bind
from ..documents import LARGEST, Tree, read_yaml, structure
from ..errors import InputError, Issue, Issues, Source, did_you_mean
from ..expr.nodes import Subjects
from ..expr.resolve import resolve
from ..expr.types import Type
from ..extras import extra_for
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY
from .checks import check_behaviour, check_head, check_shape, selected
from .definitions import Behaviour, Policy, Scenario
from .forms import BehaviourForm, FileForm, PolicyForm, errors_of, response_of, scenario_forms

__all__ = ["read_scenario"]


def read_scenario(path: str | Path) -> Scenario:
    """The scenario in a file, with its rules under each policy and its organisation.

    Raises:
        InputError: every fault of the file, sorted by place; or those of the rules or of the organisation it names.
        ImportError: numpy is not installed (`learnorg-rules[simulate]`).
    """
    issues = Issues()
    file = Path(path)
    tree = _read(file, issues)
    issues.raise_errors()
    assert tree is not None  # or a fault was reported
    expressions = Expressions(issues)
    rests: list[FileForm] = []
    form = structure(tree, FileForm, issues, scenario_forms(expressions), rest=rests) or next(iter(rests), None)
    if form is None:
        issues.raise_errors()
    assert form is not None  # or a fault was reported
    return _Reader(file, form, expressions).scenario()


def _read(file: Path, issues: Issues) -> Tree | None:
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        reason = "it does not exist" if isinstance(error, FileNotFoundError) else (error.strerror or "unknown").lower()
        issues.error(Source(str(file)), "E114", f"cannot be read: {reason}")
        return None
    return read_yaml(content, str(file), issues)


@frozen
class _Reader:
    """One file: what it says, and what was found wrong so far."""

    file: Path
    form: FileForm
    expressions: Expressions

    @property
    def issues(self) -> Issues:
        return self.expressions.issues

    def scenario(self) -> Scenario:
        head, form = self.form.scenario, self.form
        for what, there in (("behaviour", form.behaviours), ("policy", form.policies)):
            if not there:
                self.issues.error(form.source, "M105", f"a scenario needs at least one {what}")
        try:
            base = load(self._beside(head.ruleset))
        except InputError as error:
            raise InputError([*self.issues.errors, *error.issues]) from None
        policies = {name: self._policy(policy, base) for name, policy in form.policies.items()}
        organisation = self._organisation(base)
        days_are_judged = check_head(head, base, self.issues)
        if organisation is not None:
            self._check_fits(base, organisation)
        behaviours = {}
        for name, behaviour in form.behaviours.items():
            found = self._behaviour(behaviour, base)
            check_behaviour(behaviour, None if found is None else found.subjects, base, organisation, self.issues)
            if found is None:
                continue
            behaviours[name] = found
            if organisation is not None and days_are_judged and not self.issues.errors:
                selected(found, behaviour, head, base, organisation, self.issues)
        self.issues.raise_errors()
        assert organisation is not None  # or a fault was reported
        ready = {name: policy for name, policy in policies.items() if policy is not None}
        return Scenario(
            head.id, head.title, head.from_, head.to, head.step, head.repetitions, head.seed, organisation, behaviours,
            ready, form.source,
        )  # fmt: skip

    def _beside(self, name: str) -> Path:
        return self.file.parent / name

    # ---- policies

    def _policy(self, form: PolicyForm, base: Ruleset) -> Policy | None:
        settings = {name: text for name, (text, _) in form.set.values.items()}
        unknown = [name for name in settings if "." not in name and name not in base.parameters]
        for name in unknown:
            hint = did_you_mean(name, base.parameters)
            self.issues.error(form.set.values[name][1], "M111", f"there is no parameter '{name}'", hint)
        if unknown:
            return None
        if not settings:
            return Policy(form.id, settings, base)
        try:
            rules = load(self._beside(self.form.scenario.ruleset), set=settings)
        except InputError as error:
            for issue in error.issues:
                self._refused(form, issue)
            return None
        others = [name for name, part in _recorded(base).items() if part != _recorded(rules)[name]]
        if others:
            message = f"policy '{form.id}' changes what is recorded: its {' and '.join(others)} are others"
            hint = "policies change rules; fields, kinds of event, attributes, days and time zone are the same for all"
            self.issues.error(form.place("set"), "M117", message, hint)
            return None
        return Policy(form.id, settings, rules)

    def _refused(self, form: PolicyForm, issue: Issue) -> None:
        """A fault of the rules that a policy makes, told where the scenario sets what makes it."""
        if issue.severity != "error":
            return
        name = issue.source.file.removeprefix("--set ")
        if name in form.set.values:
            self.issues.error(form.set.values[name][1], issue.code, issue.message, issue.hint)
        else:
            message = f"with policy '{form.id}' the rules are refused: {issue.message} ({issue.code} at {issue.source})"
            self.issues.error(form.place("set"), "M117", message, issue.hint)

    # ---- organisation

    def _organisation(self, base: Ruleset) -> Organisation | None:
        form, head = self.form.organisation, self.form.scenario
        if bool(form.files) == bool(form.shape):
            found = "both" if form.files else "neither"
            message = f"an organisation is given by 'files' or by 'shape'; found {found}"
            self.issues.error(form.source, "M105", message, "write one of them")
            return None
        if form.files:
            if form.persons is not None:
                message = "'persons' says whom to draw in a 'shape'; the files have their own"
                self.issues.error(form.persons.source, "M105", message, "leave it out")
            try:
                return read_org(self._beside(form.files), columns=base.organisation.columns)
            except InputError as error:
                self.issues.found.extend(error.issues)
                return None
        if not check_shape(form, base, self.issues) or self.issues.errors:
            return None
        along = base.header.roll_up.along
        with extra_for("an organisation that is drawn"):
            from .shapes import organisation_of_shape
        return organisation_of_shape(form.shape, form.persons, head.seed, base.organisation, along)

    def _check_fits(self, base: Ruleset, organisation: Organisation) -> None:
        try:
            bind(base, organisation, base.end - ONE_DAY)
        except InputError as error:
            self.issues.found.extend(error.issues)

    # ---- behaviours

    def _behaviour(self, form: BehaviourForm, base: Ruleset) -> Behaviour | None:
        subjects = self._subjects(form, base)
        if subjects is None:
            return None
        season = {int(name.text): factor for name, factor, _ in form.season.months if name.text.isdecimal()}
        return Behaviour(
            form.id, subjects, form.event, form.rate, form.every, season, form.spread, form.attendance,
            form.attendance_spread, {name: drawn.draw for name, drawn in form.fields.items()}, form.recorded_after,
            errors_of(form.errors), tuple(response_of(r) for r in form.responds), form.source,
        )  # fmt: skip

    def _subjects(self, form: BehaviourForm, base: Ruleset) -> Subjects | None:
        tree = form.for_.tree
        assert isinstance(tree, Subjects)  # parsed as a selector
        if len(tree.ids) == 1 and tree.ids[0] in base.selectors:
            named = base.selectors[tree.ids[0]].select.tree
            assert isinstance(named, Subjects)
            return named
        names = Names(base.organisation, base.fields, base.events, frozenset(base.duties), _types(base))
        found, faults = resolve(tree, names.selector(tree.family), form.for_.text)
        if faults:
            self.expressions.report(form.for_, *faults)
            return None
        assert isinstance(found, Subjects)
        return found


def _types(base: Ruleset) -> dict[str, Type]:
    """The types of the parameters, which a selector may name."""
    found = {name: parameter.values[0][1].value.tree.type for name, parameter in base.parameters.items()}
    return {name: kind for name, kind in found.items() if kind is not None}


def _recorded(rules: Ruleset) -> dict[str, object]:
    """What must be the same under all policies, so that the same events can be judged by each."""
    header = rules.header
    return {
        "fields": rules.fields, "events": rules.events, "attributes": rules.organisation,
        "days": header.effective, "time zone or records": (header.time_zone, header.records),
    }  # fmt: skip
