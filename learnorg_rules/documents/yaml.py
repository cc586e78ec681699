"""YAML to a tree that keeps every text as written and knows where it stands.

Built from the parser's events, not from composed nodes: an alias is then only a token to refuse and can never grow,
depth is known before anything is kept, and faults that do not break the syntax are reported all at once.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from attrs import field, frozen

from ..errors import Issues, Source
from ..texts import nfc, utf_8_hint

__all__ = ["DEEPEST", "LARGEST", "Broken", "Mapping_", "Scalar", "Sequence_", "Tree", "kind_of", "read_yaml"]

LARGEST = 2 * 2**20  # bytes of a file; the largest real ruleset is a twentieth of that
DEEPEST = 30  # levels of nesting

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is optional, and ten times as fast


@frozen
class Scalar:
    """One text. `style` is "" for plain, else the YAML sign: `'`, `"`, `|` or `>`.

    `raw` is the text as it stands in the file, quotes and line breaks included; `positions.place` needs it.
    """

    text: str
    source: Source
    style: str = ""
    raw: str = field(default="", repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was written (`""` is something)."""
        return not self.text and not self.style


@frozen
class Sequence_:  # noqa: N801 - `Sequence` is the type of Python
    """A list."""

    items: "tuple[Tree, ...]"
    source: Source


@frozen
class Mapping_:  # noqa: N801 - `Mapping` is the type of Python
    """Keys and values in the order of the file; keys are unique."""

    entries: "tuple[tuple[Scalar, Tree], ...]"
    source: Source

    def get(self, key: str) -> "Tree | None":
        """The value of a key, or None."""
        return next((value for name, value in self.entries if name.text == key), None)


@frozen
class Broken:
    """Something stands here that was already reported."""

    source: Source


Tree = Scalar | Sequence_ | Mapping_ | Broken


def kind_of(tree: Tree) -> str:
    """What was found, in words, for messages."""
    if isinstance(tree, Scalar):
        return "nothing" if tree.is_empty else f"'{shorten(tree.text)}'"
    return "a list" if isinstance(tree, Sequence_) else "a mapping"


def shorten(text: str, most: int = 60) -> str:
    """The text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 3]}..."


def read_yaml(content: str | bytes, file: str, issues: Issues) -> Tree | None:
    """The document in a file, or None where it cannot be read at all; faults go to `issues` (codes E1xx).

    A tree is returned although faults were reported where the rest can still be looked at.
    """
    text = _decode(content, file, issues)
    if text is None:
        return None
    before = len(issues.found)
    _refuse_characters(text, file, issues)
    if any(issue.code == "E103" for issue in issues.found[before:]):
        return None  # the parser would stop at the first of them anyway
    reported = {issue.source.line for issue in issues.found[before:]}
    try:
        return _Builder(text, file, issues).document()
    except yaml.YAMLError as error:
        _explain(error, text, file, issues, reported)
    except _TooDeepError as error:
        issues.error(error.source, "E112", f"more than {DEEPEST} levels of nesting", "no rule needs more than ten")
    return None


def _decode(content: str | bytes, file: str, issues: Issues) -> str | None:
    if len(content) > LARGEST:
        hint = "split it into several files"
        issues.error(Source(file), "E111", f"the file has more than {LARGEST:,} bytes", hint)
        return None
    text = content if isinstance(content, str) else _utf8(content, file, issues)
    return None if text is None else nfc(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))


def _utf8(content: bytes, file: str, issues: Issues) -> str | None:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        place = _source(before, len(before), file)
        found = " ".join(f"{byte:02x}" for byte in content[error.start : error.start + 2])
        issues.error(place, "E102", f"the bytes {found} are not UTF-8", utf_8_hint(content))
        return None


# What YAML does not allow, and the separators that its parser takes for line ends although no editor does.
_REFUSED = re.compile(
    "[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029\u200b\u2060]"
)
_TAB = re.compile(r"^[ ]*\t[ \t]*(?=[^\s#])", re.MULTILINE)
_ODD_INDENT = re.compile("^[ ]*[\u00a0\u3000]", re.MULTILINE)


def _refuse_characters(text: str, file: str, issues: Issues) -> None:
    for match in _REFUSED.finditer(text):
        code = f"U+{ord(match[0]):04X}"
        issues.error(_source(text, match.start(), file), "E103", f"the character {code} is refused", "delete it")
    for match in _TAB.finditer(text):
        place = _source(text, match.start() + match[0].index("\t"), file)
        issues.error(place, "E104", "a tab in the indentation", "indent with spaces")
    for match in _ODD_INDENT.finditer(text):
        place = _source(text, match.end() - 1, file)
        name = "full-width space" if match[0][-1] == "\u3000" else "no-break space"
        issues.error(place, "E104", f"a {name} in the indentation", "indent with plain spaces")


def _source(text: str, index: int, file: str) -> Source:
    return Source(file, text.count("\n", 0, index) + 1, index - (text.rfind("\n", 0, index) + 1) + 1)


class _TooDeepError(Exception):
    def __init__(self, source: Source) -> None:
        self.source = source


class _Builder:
    """Builds the tree of one file from events."""

    def __init__(self, text: str, file: str, issues: Issues) -> None:
        self.text, self.file, self.issues = text, file, issues
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=_Loader))

    def document(self) -> Tree | None:
        tree: Tree | None = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents == 2:
                    self._error(event, "E109", "a second document begins", "one file holds one document")
                    return tree
                if event.tags:
                    self._error(event, "E108", "tags are not allowed", "delete the line that begins with %TAG")
            elif isinstance(event, yaml.NodeEvent):
                tree = self._tree(event, 1)
        if tree is None or (isinstance(tree, Scalar) and tree.is_empty):
            self.issues.error(Source(self.file), "E113", "the file is empty", "")
            return None
        return tree

    def _tree(self, event: Any, depth: int) -> Tree:
        source = self._place(event)
        if depth > DEEPEST:
            raise _TooDeepError(source)
        if isinstance(event, yaml.AliasEvent):
            self._error(event, "E107", f"the alias '*{event.anchor}' is not allowed", _ALIAS_HINT)
            return Broken(source)
        if event.anchor is not None:
            self._error(event, "E107", f"the anchor '&{event.anchor}' is not allowed", _ALIAS_HINT)
        if event.tag is not None:
            self._error(event, "E108", f"the tag '{event.tag}' is not allowed", "quote a text that begins with '!'")
        tree: Tree
        if isinstance(event, yaml.ScalarEvent):
            tree = self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
                items.append(self._tree(inner, depth + 1))
            if event.flow_style:
                items = self._uncut(items)
            tree = Sequence_(tuple(items), source)
        else:
            tree = self._mapping(event, source, depth)
        return Broken(source) if event.anchor is not None or event.tag is not None else tree

    def _mapping(self, event: Any, source: Source, depth: int) -> Tree:
        entries: dict[str, tuple[Scalar, Tree]] = {}
        cut = merged = False
        while not isinstance(inner := next(self.events), yaml.MappingEndEvent):
            key = self._tree(inner, depth + 1)
            value = self._tree(next(self.events), depth + 1)
            if not isinstance(key, Scalar) or key.is_empty:
                if not isinstance(key, Broken):
                    self.issues.error(
                        key.source, "E110", f"{kind_of(key)} as a key", "a key is a word or a quoted text"
                    )
                continue
            if cut and isinstance(value, Scalar) and value.is_empty:
                continue  # the rest of the value that a comma cut, reported where it begins
            if key.text == "<<" and not key.style:
                self.issues.error(key.source, "E107", "the merge key '<<' is not allowed", _ALIAS_HINT)
                merged = True
                continue
            if key.text in entries:
                first = entries[key.text][0].source
                self.issues.error(
                    key.source, "E106", f"the key '{shorten(key.text)}' is given twice",
                    f"first on line {first.line}, column {first.column}",
                )  # fmt: skip
                continue
            if event.flow_style:
                [value], cut = self._uncut([value]), False
                cut = isinstance(value, Broken)
            entries[key.text] = (key, value)
        return Broken(source) if merged else Mapping_(tuple(entries.values()), source)

    def _uncut(self, items: list[Tree]) -> list[Tree]:
        """The items of a flow collection, up to one that a comma cut inside parentheses."""
        for i, item in enumerate(items):
            if isinstance(item, Scalar) and not item.style and item.text.count("(") > item.text.count(")"):
                self.issues.error(
                    item.source, "E115", f"the value '{shorten(item.text)}' is cut at the comma",
                    "between { } and [ ], put an expression with a comma in quotes",
                )  # fmt: skip
                return [*items[:i], Broken(item.source)]
        return items

    def _scalar(self, event: Any) -> Scalar:
        raw = self.text[event.start_mark.index : event.end_mark.index]
        style = "" if event.style is None or event.style == "" else str(event.style)
        return Scalar(nfc(event.value), self._place(event), style, raw)  # an escape may be an accent

    def _place(self, event: Any) -> Source:
        return Source(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _error(self, event: Any, code: str, message: str, hint: str) -> None:
        self.issues.error(self._place(event), code, message, hint)


_ALIAS_HINT = "write the value out, or name it in parameters; quote a text that begins with '&' or '*'"

_FULL_WIDTH = dict(zip("：，；｛｝［］（）“”‘’＂＇＃", ":,;{}[]()\"\"''\"'#", strict=True))

# libyaml's words, or the beginning of what the pure Python parser says, in plain words, with what usually helps.
_PLAIN_WORDS: tuple[tuple[str, str, str], ...] = (
    ("mapping values are not allowed", "a ': ' where no key can stand",
     "quote a text that holds ': ', and check the indentation and the ':' of the line above"),
    ("could not find expected ':'", "a line without a ':'", "a key is followed by ': ' and its value"),
    ("found unexpected end of stream", "a quote is opened here and never closed", "close the quote"),
    ("found character", "a value cannot begin with {char}", "put the text in quotes"),
    ("found unknown escape character", "an unknown escape in a text in double quotes",
     "use single quotes, in which a backslash means itself"),
    ("did not find expected ',' or ']'", "the list opened at {context} is not closed here",
     "between [ ], put a text that holds , : [ ] {{ }} in quotes"),
    ("did not find expected ',' or '}'", "the mapping opened at {context} is not closed here",
     "between {{ }}, put a text that holds , : [ ] {{ }} in quotes"),
    ("did not find expected key", "a key was expected here",
     "give it the same indentation as the keys above; a value that begins with a quote must be quoted as a whole"),
    ("did not find expected '-' indicator", "a list item that begins with '- ' was expected here",
     "give it the same indentation as the items above"),
    ("did not find expected node content", "a value was expected here", "close the bracket, or write the value"),
    ("did not find expected <document start>", "something stands behind the end of the document",
     "check brackets and the first line"),
    ("block sequence entries are not allowed", "a '- ' where no list can stand", "begin the list on a line of its own"),
    ("did not find expected alphabetic or numeric", "'&' and '*' have a meaning in YAML", "put the text in quotes"),
    ("did not find expected comment or line break", "something stands behind '|' or '>'",
     "begin the text on the next line"),
)  # fmt: skip


def _explain(error: yaml.YAMLError, text: str, file: str, issues: Issues, reported: set[int]) -> None:
    """Report what the YAML parser refused, in plain words, unless its line was reported already."""
    mark = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or error)
    if mark is None:
        issues.error(Source(file), "E101", f"malformed YAML: {shorten(problem)}")
        return
    if mark.line + 1 in reported:
        return
    wide = _full_width(text, (context or mark).line, mark.line)
    if wide is not None:
        line, column, char = wide
        ascii_char = _FULL_WIDTH[char]
        hint = "write ':' and a space" if ascii_char == ":" else f"write '{ascii_char}'"
        issues.error(Source(file, line, column), "E105", f"full-width '{char}' in the YAML", hint)
        return
    message, hint = problem, ""
    at = mark
    for start, words, help_ in _PLAIN_WORDS:
        if problem.startswith(start):
            char = text[mark.index] if mark.index < len(text) else ""
            opened = f"line {context.line + 1}, column {context.column + 1}" if context else "?"
            message, hint = words.format(char=repr(char), context=opened), help_.format()
            if start in ("could not find expected ':'", "found unexpected end of stream") and context:
                at = context
            break
    issues.error(Source(file, at.line + 1, at.column + 1), "E101", f"malformed YAML: {message}", hint)


def _full_width(text: str, first: int, last: int) -> tuple[int, int, str] | None:
    """A full-width sign outside quotes and comments on these lines (counted from 0), or on the one before them."""
    lines = text.split("\n")
    for number in range(max(0, first - 1, last - 3), min(last + 1, len(lines))):
        plain = re.sub(r"\"[^\"]*\"|'[^']*'|(?:^|\s)#.*", lambda m: " " * len(m[0]), lines[number])
        found = next((i for i, char in enumerate(plain) if char in _FULL_WIDTH), None)
        if found is not None:
            return number + 1, found + 1, plain[found]
    return None
