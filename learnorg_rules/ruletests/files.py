"""Test files: YAML to cases, with every fault of every file at once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from attrs import field, frozen

from ..documents import Broken, Forms, Mapping_, Tree, kind_of, read_yaml, structure
from ..errors import InputError, Issues, Source
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from .expectations import Expectation, read_expectations, read_reasons
from .history import History, read_history
from .organisations import Organisations
from .targets import Target, Targets

__all__ = ["Case", "read_cases", "test_files"]


@frozen
class Raw:
    """A part of the file that is read later, when the organisation is known."""

    tree: Tree


@frozen(kw_only=True)
class Common:
    """What a file may say for all its cases, and a case for itself."""

    organisation: Raw | None = None
    history: Raw | None = None
    at: date | None = None
    known_at: date | None = None
    period: str = ""
    set: Mapping[str, str] = field(factory=dict)
    source: Source = field(default=Source(""), metadata={"file": True})
    places: Mapping[str, Source] = field(factory=dict, metadata={"file": True})


@frozen(kw_only=True)
class FileForm(Common):
    """A test file."""

    note: str = ""
    cases: Raw


@frozen(kw_only=True)
class CaseForm(Common):
    """One case as it is written."""

    id: str = ""
    note: str = ""
    expect: Raw | None = None
    why: Raw | None = None
    rejected: Sequence[str] = field(default=(), metadata={"single": True})
    findings: Sequence[str] = field(default=(), metadata={"single": True})


_FORMS = Forms(readers={Raw: lambda tree, _, __: Raw(tree)}, words={FileForm: "a test file", CaseForm: "a case"})


@frozen
class Case:
    """One case, ready to run.

    `rejected`, `findings`: the codes expected, sorted. `reasons`: (place, of which result, what its reason must hold).
    """

    file: str
    name: str
    source: Source
    organisation: Organisation
    history: History
    at: date
    known_at: date | None
    set: tuple[tuple[str, str], ...]
    expectations: tuple[Expectation, ...]
    reasons: tuple[tuple[Source, Target, str], ...]
    rejected: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


def test_files(folder: Path) -> list[Path]:
    """The test files of a ruleset, sorted."""
    return sorted((folder / "tests").glob("*.yaml"))


def read_cases(folder: Path, ruleset: Ruleset) -> list[Case]:
    """The cases of all test files, by file and in their order.

    Raises:
        InputError: every fault of every file; there is no test file (T101).
    """
    issues = Issues()
    files = test_files(folder)
    if not files:
        issues.error(Source(str(folder / "tests")), "T101", "there is no test file here", "test files are tests/*.yaml")
    organisations = Organisations(folder, ruleset)
    cases: list[Case] = []
    for path in files:
        tree = read_yaml(path.read_bytes(), str(path), issues)
        form = structure(tree, FileForm, issues, _FORMS) if tree is not None else None
        if form is not None:
            cases.extend(_cases(path, form, ruleset, organisations, issues))
    issues.raise_errors()
    return cases


def _cases(
    path: Path, form: FileForm, ruleset: Ruleset, organisations: Organisations, issues: Issues
) -> Iterator[Case]:
    tree = form.cases.tree
    if isinstance(tree, Broken):
        return
    if not isinstance(tree, Mapping_) or not tree.entries:
        issues.error(tree.source, "T124", f"'cases' takes a mapping from names to cases; found {kind_of(tree)}")
        return
    shared: dict[int, Organisation | None] = {}
    for key, value in tree.entries:
        case = structure(value, CaseForm, issues, _FORMS, key)
        if case is None:
            continue
        raw = case.organisation or form.organisation
        if raw is None:
            issues.error(
                key.source,
                "E202",
                f"the case '{key.text}' has no organisation",
                "give one for the file or for the case",
            )
            continue
        if id(raw) not in shared:
            shared[id(raw)] = _organisation(raw, organisations, issues)
        organisation = shared[id(raw)]
        if organisation is not None:
            yield from _case(path, form, case, ruleset, organisation, issues)


def _organisation(raw: Raw, organisations: Organisations, issues: Issues) -> Organisation | None:
    try:
        return organisations.get(raw.tree, issues)
    except InputError as error:  # told with the faults of everything else
        issues.found.extend(error.issues)
        return None


def _case(
    path: Path, form: FileForm, case: CaseForm, ruleset: Ruleset, organisation: Organisation, issues: Issues
) -> Iterator[Case]:
    before = len(issues.found)
    histories = [raw.tree for raw in (form.history, case.history) if raw is not None]
    history = read_history(histories, ruleset, organisation, issues)
    targets = Targets(ruleset, organisation, issues)
    period = case.period or form.period
    expectations = tuple(read_expectations(case.expect.tree, targets, period)) if case.expect else ()
    reasons = tuple(read_reasons(case.why.tree, targets, period)) if case.why else ()
    last = ruleset.header.effective.to
    assert last is not None  # checked when the ruleset is loaded
    at = case.at or form.at or last
    if not ruleset.first_day <= at:
        issues.error(
            case.places.get("at", case.source), "T125", f"{at.isoformat()} is before the first day judged",
            f"the ruleset judges from {ruleset.first_day.isoformat()} to {last.isoformat()}",
        )  # fmt: skip
    if not (case.expect or case.why or case.rejected or case.findings):
        issues.error(case.source, "T123", f"the case '{case.id}' expects nothing", "say it under expect")
    if len(issues.found) == before:
        yield Case(
            str(path), case.id, case.source, organisation, history, at, case.known_at or form.known_at,
            tuple(sorted({**form.set, **case.set}.items())), expectations, reasons,
            tuple(sorted(case.rejected)), tuple(sorted(case.findings)),
        )  # fmt: skip
