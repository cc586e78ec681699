"""What can be wrong, and where: the vocabulary of every message an author or a caller sees.

An author's faults are `Issue`s, collected and raised together in one `InputError`. Our own faults are
ordinary exceptions and look like ours: they are never turned into an `Issue`.
"""

import difflib
import string
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from attrs import field, frozen

from .texts import difference, looks

__all__ = [
    "AT_MOST",
    "InputError",
    "Issue",
    "Issues",
    "Options",
    "Source",
    "did_you_mean",
    "hinted",
    "nearest",
    "with_hint",
]

AT_MOST = 50  # issues printed; the rest are counted, so that one slip does not scroll the cause away


@frozen(order=True)
class Source:
    """A place in an input file. Lines and columns count from 1; column 0 is the whole line, line 0 the whole file."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"


@frozen(order=True)
class Issue:
    """One fault in an input: where, which code, what, and what to do about it.

    `severity` is "error" (the input is refused) or "warning" (it is used, and the finding is shown).
    Each code has a section in docs/reference/errors.md.
    """

    source: Source
    code: str
    message: str
    hint: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        text = f"{self.source}: {self.code} {self.message}"
        return f"{text}\n    hint: {self.hint}" if self.hint else text


class InputError(Exception):
    """An input was refused. `issues` holds every fault found, sorted by place."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues: Sequence[Issue] = tuple(sorted(set(issues)))
        super().__init__(self.issues)

    def __str__(self) -> str:
        lines = [str(issue) for issue in self.issues[:AT_MOST]]
        if len(self.issues) > AT_MOST:
            lines.append(f"... and {len(self.issues) - AT_MOST} more")
        return "\n".join(lines)


@frozen
class Issues:
    """Collects faults while a whole input is read; nothing is raised before everything was looked at."""

    found: list[Issue] = field(factory=list)

    def error(self, source: Source, code: str, message: str, hint: str = "") -> None:
        """Record a fault that refuses the input."""
        self.found.append(Issue(source, code, message, hint))

    def warn(self, source: Source, code: str, message: str, hint: str = "") -> None:
        """Record a finding that does not refuse the input."""
        self.found.append(Issue(source, code, message, hint, "warning"))

    @property
    def errors(self) -> list[Issue]:
        """The faults that refuse the input."""
        return [issue for issue in self.found if issue.severity == "error"]

    def raise_errors(self) -> None:
        """Raise `InputError` with all faults if there is any error among them."""
        if self.errors:
            raise InputError(self.found)


MANY = 1000  # options
FEW = 12  # options that a hint lists


class Options:
    """Names that a word may have been meant to be, made ready to be compared with."""

    def __init__(self, options: Iterable[str]) -> None:
        self._known = list(options)
        self._by_plain: dict[str, str] = {}
        for option in sorted(self._known):
            self._by_plain.setdefault(_plain(option), option)

    @cached_property
    def _by_look(self) -> dict[str, str]:
        return {looks(option): option for option in reversed(self._known)}

    def nearest(self, word: str) -> str | None:
        """As the function of that name."""
        seen = looks(word)
        if seen != word and seen in self._by_look:
            return self._by_look[seen]
        by_plain, plain = self._by_plain, _plain(word)
        if len(by_plain) > MANY:  # comparing with each would take seconds
            return min((by_plain[near] for near in _one_off(plain) if near in by_plain), default=None)
        likeness, found = 0.6, None  # the least that is worth a hint
        matcher = difflib.SequenceMatcher(b=plain)
        for option in by_plain:
            matcher.set_seq1(option)  # two bounds come first: they take less time than what they bound
            if matcher.real_quick_ratio() >= likeness and matcher.quick_ratio() >= likeness:
                ratio = matcher.ratio()
                if (ratio, option) >= (likeness, found or ""):
                    likeness, found = ratio, option
        if found is None and len(plain) > 2:
            found = next((option for option in by_plain if option.startswith(plain)), None)
        return None if found is None else by_plain[found]

    def did_you_mean(self, word: str, listed: bool = True) -> str:
        """As the function of that name."""
        near = self.nearest(word)
        if near is not None:
            unseen = difference(word, near)
            return f"did you mean '{near}'? {unseen}" if unseen else f"did you mean '{near}'?"
        return f"known: {', '.join(self._known)}" if listed and 0 < len(self._known) <= FEW else ""


def _plain(text: str) -> str:
    return text.casefold().replace("-", "_").replace(" ", "_")[:80]


def nearest(word: str, options: Iterable[str]) -> str | None:
    """The option that the word was most likely meant to be, or None where none is close.

    Case and the choice between `_`, `-` and a space never matter. Of equally near options the last in order is taken;
    where none is near, the first that begins with the word, if that has three characters or more. Among more than a thousand only those are near that differ in one character, or in two that changed places.
    """
    return Options(options).nearest(word)


def _one_off(word: str) -> Iterator[str]:
    """The word, and all that one slip of the finger makes of it."""
    yield word
    letters = sorted({*string.ascii_lowercase, *string.digits, "_", *word})
    for i in range(len(word) + 1):
        head, tail = word[:i], word[i:]
        yield head + tail[1:]
        yield head + tail[1:2] + tail[:1] + tail[2:]
        for letter in letters:
            yield head + letter + tail
            yield head + letter + tail[1:]


def did_you_mean(word: str, options: Iterable[str], listed: bool = True) -> str:
    """A hint that names the nearest option; "" where there is nothing to say.

    Where none is near, the hint lists the options if they are few, unless `listed` is false.
    """
    return Options(options).did_you_mean(word, listed)


def with_hint(message: str, word: str, options: Iterable[str]) -> str:
    """The message and behind it the hint of `did_you_mean`: for exceptions, which have no place for a hint."""
    return hinted(message, did_you_mean(word, options))


def hinted(message: str, hint: str) -> str:
    """The message and behind it a hint, unless that is empty."""
    return f"{message}; {hint}" if hint else message
