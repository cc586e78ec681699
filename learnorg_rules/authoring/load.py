"""From a folder of rule files to a checked ruleset, or to every fault in them at once."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import evolve

from ..documents import LARGEST, Scalar, Tree, read_yaml
from ..errors import Issues, Source, did_you_mean
from ..expr.nodes import Literal, Span
from ..model.definitions import Dated, Expression, Parameter
from ..model.ruleset import Ruleset
from .checks import CHECKS, CHECKS_OF_WHOLE
from .forms import Expressions, read_parameter
from .resolve import resolved
from .sections import Draft, collect

__all__ = ["load"]

Paths = str | Path | Iterable[str | Path]


def load(where: Paths, set: Mapping[str, str] | None = None) -> Ruleset:  # noqa: A002 - the word of `--set`
    """The ruleset in a folder (every *.yaml directly in it), in one file, or in some files.

    Args:
        where: a folder, a file, or files; together they are one ruleset.
        set: parameter name -> the value it is to have on every day, written as in a file.

    Returns:
        The ruleset, all expressions resolved and typed; findings that refuse nothing are in `warnings`.

    Raises:
        InputError: every fault of every file, sorted by place.
    """
    issues = Issues()
    files, folder = _files(where, issues)
    trees = [_read(file, issues) for file in files]
    whole = [tree for tree in trees if tree is not None]
    expressions = Expressions(issues)
    draft = collect(whole, expressions) if whole else None
    if len(whole) < len(trees) or draft is None:
        issues.raise_errors()  # what an unread file defines is not known, so names cannot be looked at
    assert draft is not None  # no file at all was an error
    draft = _replaced(draft, set or {}, expressions)
    ruleset = resolved(draft, expressions, folder)
    for check in CHECKS:
        check(ruleset, issues)
    if not issues.errors:
        for check in CHECKS_OF_WHOLE:
            check(ruleset, issues)
    issues.raise_errors()
    return evolve(ruleset, warnings=tuple(sorted(issues.found)))


def _files(where: Paths, issues: Issues) -> tuple[list[Path], str]:
    if not isinstance(where, str | Path):
        files = [Path(file) for file in where]
        if not files:
            issues.error(Source(""), "E114", "no rule files were given")
        return files, str(files[0].parent) if files else ""
    path = Path(where)
    if not path.is_dir():
        return [path], str(path.parent)
    files = sorted(path.glob("*.yaml"))
    if not files:
        other = sorted(path.glob("*.yml"))
        hint = f"rename '{other[0].name}': rule files end in .yaml" if other else "rule files end in .yaml"
        issues.error(Source(str(path)), "E114", "the folder holds no rule file", hint)
    return files, str(path)


def _read(path: Path, issues: Issues) -> Tree | None:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)  # no more than is needed to see that it is too much
    except OSError as error:
        reason = "it does not exist" if isinstance(error, FileNotFoundError) else (error.strerror or "unknown").lower()
        issues.error(Source(str(path)), "E114", f"cannot be read: {reason}")
        return None
    return read_yaml(content, str(path), issues)


def _replaced(draft: Draft, values: Mapping[str, str], expressions: Expressions) -> Draft:
    """The draft with parameters replaced by `--set`; such a value holds on every day and is not assumed."""
    parameters = dict(draft.sections["parameters"])
    for name, text in values.items():
        old = parameters.get(name)
        if old is None:
            if ("parameters", name) not in draft.broken:
                hint = did_you_mean(name, parameters)
                expressions.issues.error(Source("--set"), "E215", f"there is no parameter '{name}'", hint)
            continue
        new = _set(old, text, expressions)
        if new is not None:
            parameters[name] = new
    return evolve(draft, sections={**draft.sections, "parameters": parameters})


def _set(old: Parameter, text: str, expressions: Expressions) -> Parameter | None:
    place = Source(f"--set {old.id}", 1, 1)
    first = old.values[0][1].value.tree
    if isinstance(first, Literal) and isinstance(first.value, str) and text[:1] not in ('"', "'"):
        tree = Literal(text, span=Span(0, len(text)))  # a text needs no quotes where only a text can stand
        return evolve(old, values=((None, Dated(Expression(tree, text, place), source=place)),))
    found = read_yaml(text, f"--set {old.id}", expressions.issues)
    if found is None:
        return None
    new = read_parameter(Scalar(old.id, place), found, expressions)
    return None if new is None else evolve(old, values=new.values)
