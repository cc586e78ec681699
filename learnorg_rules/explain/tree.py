"""A reason: a sentence, and the reasons under it."""

from collections.abc import Sequence
from html import escape

from attrs import field, frozen

from ..errors import Source

__all__ = ["Reason"]

OPEN = 2  # levels that stand open in a page; the rest opens on a click


@frozen
class Reason:
    """One sentence of an explanation, and those that explain it.

    Attributes:
        text: the sentence, in one language.
        children: in reading order.
        source: where in the rule files it comes from; None for what no file says. Never an absolute path where the
            ruleset was loaded by a relative one.
        kind: what the sentence is about: duty, scorecard, indicator, total, grade, award, plan, step, gate, transition, decision, fact, measure, formula, aggregate,
            event, not_counted, set_aside, persons, more, previous, met, score, veto, parameter, note.
        reference: clauses and pages the rule cites.
    """

    text: str
    children: Sequence["Reason"] = ()
    source: Source | None = None
    kind: str = field(default="note", kw_only=True)
    reference: Sequence[str] = field(default=(), kw_only=True)

    def __str__(self) -> str:
        """The tree, two spaces for each level."""
        return "\n".join(self._lines(0))

    def to_dict(self) -> dict[str, object]:
        """The tree for JSON. `source`, `reference` and `children` are left out where there are none."""
        found: dict[str, object] = {"kind": self.kind, "text": self.text}
        if self.source is not None:
            found["source"] = {"file": self.source.file, "line": self.source.line, "column": self.source.column}
        if self.reference:
            found["reference"] = list(self.reference)
        if self.children:
            found["children"] = [child.to_dict() for child in self.children]
        return found

    def _repr_html_(self) -> str:
        return f'<div class="learnorg-reason">{self._html(0)}</div>'

    @property
    def place(self) -> str:
        """Place and references in brackets: "[rules.yaml:31, R32]"; "" where there are none."""
        where = [] if self.source is None else [f"{self.source.file}:{self.source.line}"]
        parts = [*where, *self.reference]
        return f"[{', '.join(parts)}]" if parts else ""

    def _lines(self, level: int) -> list[str]:
        line = "  " * level + self.text
        lines = [f"{line}   {self.place}" if self.place else line]
        for child in self.children:
            lines += child._lines(level + 1)
        return lines

    def _html(self, level: int) -> str:
        place = f" <small>{escape(self.place)}</small>" if self.place else ""
        said = f"{escape(self.text)}{place}"
        if not self.children:
            return f'<div class="{escape(self.kind)}">{said}</div>'
        inner = "".join(child._html(level + 1) for child in self.children)
        state = " open" if level < OPEN else ""
        return (
            f'<details class="{escape(self.kind)}"{state}><summary>{said}</summary>'
            f'<div style="margin-left: 1.5em">{inner}</div></details>'
        )
