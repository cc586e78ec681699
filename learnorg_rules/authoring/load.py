"""From a folder of rule files to a checked ruleset, or to every fault in them at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from pathlib import Path

from attrs import evolve

from ..documents import LARGEST, Scalar, read_yaml
from ..errors import Issues, Source, did_you_mean
from ..expr.nodes import Literal, Span
from ..model.definitions import Dated, Expression, Parameter
from ..model.ruleset import Ruleset, RuleTexts
from ..notation import day_in, number_in
from ..texts import nfc
from .checks import CHECKS, CHECKS_OF_WHOLE
from .forms import Expressions, read_parameter
from .overrides import overridden
from .resolve import resolved
from .sections import Draft, collect, with_current_names

__all__ = ["load", "load_again"]

Paths = str | Path | Iterable[str | Path]
Setting = str | bool | int | float | Decimal | Fraction | date

SHORT = 15  # digits of a decimal that a binary float is certain to give back


def load(where: Paths, set: Mapping[str, Setting] | None = None) -> Ruleset:  # noqa: A002 - the word of `--set`
    """The ruleset in a folder (every *.yaml directly in it), in one file, or in some files.

    Args:
        where: a folder, a file, or files; together they are one ruleset.
        set: parameter name -> the value it is to have on every day, written as in a file; or the path of any value
            of a rule -> the value that takes its place: `card.indicator.points`, `duty.require`. A value may also be a
            number, a bool or a date.

    Returns:
        The ruleset, all expressions resolved and typed; findings that refuse nothing are in `warnings`.

    Raises:
        InputError: every fault of every file, sorted by place.
        TypeError: a value of `set` is of a type that no rule file can hold, or a float that is no short decimal.
    """
    issues = Issues()
    files, folder = _files(where, issues)
    contents = [(str(file), _content(file, issues)) for file in files]
    given = {nfc(name): value for name, value in (set or {}).items()}
    values = {name: _as_written(name, value) for name, value in given.items()}
    for name, text in values.items():
        bare = text.strip()
        if bare != text and (number_in(bare) is not None or day_in(bare) is not None):  # YAML would take the blanks off
            issues.error(Source(f"--set {name}"), "E216", f"'{text}' has blanks around it", f"write '{bare}'")
    settings = [(name, text, isinstance(given[name], str)) for name, text in values.items()]
    return _loaded(contents, settings, folder, issues)


def load_again(texts: RuleTexts) -> Ruleset:
    """The ruleset that was read from these texts before.

    Raises:
        InputError: they are no rules any more, such as those of an older version of this library.
    """
    return _loaded([(name, text.encode()) for name, text in texts.files], texts.settings, "", Issues())


def _loaded(
    contents: Sequence[tuple[str, bytes | None]], settings: Sequence[tuple[str, str, bool]], folder: str, issues: Issues
) -> Ruleset:
    """The ruleset of the contents of files by name, None for one that could not be read."""
    trees = [None if content is None else read_yaml(content, name, issues) for name, content in contents]
    whole = [with_current_names(tree, issues) for tree in trees if tree is not None]
    expressions = Expressions(issues)
    paths = {name: text for name, text, _ in settings if "." in name}
    whole = overridden(whole, paths, issues) if paths else whole
    draft = collect(whole, expressions) if whole else None
    if len(whole) < len(trees) or draft is None:
        issues.raise_errors()  # what an unread file defines is not known, so names cannot be looked at
    assert draft is not None  # no file at all was an error
    named = {name: text for name, text, _ in settings if name not in paths}
    typed = [name for name, _, is_text in settings if not is_text]
    draft = _replaced(draft, named, typed, expressions)
    ruleset = resolved(draft, expressions, folder)
    for check in CHECKS:
        check(ruleset, issues)
    if not issues.errors:
        for check in CHECKS_OF_WHOLE:
            check(ruleset, issues)
    issues.raise_errors()
    texts = RuleTexts([(Path(name).name, bytes(c or b"").decode()) for name, c in contents], settings)
    return evolve(ruleset, warnings=tuple(sorted(issues.found)), texts=texts)


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


def _content(path: Path, issues: Issues) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)  # no more than is needed to see that it is too much
    except OSError as error:
        reason = "it does not exist" if isinstance(error, FileNotFoundError) else (error.strerror or "unknown").lower()
        issues.error(Source(str(path)), "E114", f"cannot be read: {reason}")
        return None


def _replaced(draft: Draft, values: Mapping[str, str], typed: Collection[str], expressions: Expressions) -> Draft:
    """The draft with parameters replaced by `--set`; such a value holds on every day and is not assumed."""
    parameters = dict(draft.sections["parameters"])
    for name, text in values.items():
        old = parameters.get(name)
        if old is None:
            if ("parameters", name) not in draft.broken:
                hint = did_you_mean(name, parameters)
                expressions.issues.error(Source("--set"), "E215", f"there is no parameter '{name}'", hint)
            continue
        new = _set(old, text, name not in typed, expressions)
        if new is not None:
            parameters[name] = new
    return evolve(draft, sections={**draft.sections, "parameters": parameters})


def _as_written(name: str, value: Setting) -> str:
    """The value as a rule file would have it.

    Raises:
        TypeError: it has no form in a rule file.
    """
    if isinstance(value, str):
        return nfc(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float | Decimal) and isfinite(value):
        number = Decimal(repr(value)) if isinstance(value, float) else value
        if isinstance(value, float) and len(number.normalize().as_tuple().digits) > SHORT:
            raise TypeError(
                f"set: {name} is the float {value!r}, which is no short decimal; pass a Decimal or a Fraction"
            )
        return f"{number:f}"
    if isinstance(value, int | Fraction):
        return str(value)
    what = f"{value!r}" if isinstance(value, float | Decimal) else f"a {type(value).__name__}"
    raise TypeError(
        f"set: {name} is {what}; pass a text as in a rule file, a bool, int, Decimal, Fraction, short float or date"
    )


def _set(old: Parameter, text: str, may_be_text: bool, expressions: Expressions) -> Parameter | None:
    place = Source(f"--set {old.id}", 1, 1)
    first = old.values[0][1].value.tree
    if may_be_text and isinstance(first, Literal) and isinstance(first.value, str) and text[:1] not in ('"', "'"):
        tree = Literal(text, span=Span(0, len(text)))  # a text needs no quotes where only a text can stand
        return evolve(old, values=((None, Dated(Expression(tree, text, place), source=place)),))
    found = read_yaml(text, f"--set {old.id}", expressions.issues)
    if found is None:
        return None
    new = read_parameter(Scalar(old.id, place), found, expressions)
    return None if new is None else evolve(old, values=new.values)
