"""What is wrong with a value, and where it was written."""

from attrs import evolve, field, frozen

from ..errors import Source
from ..expr.nodes import Node, walk
from ..expr.render import render
from ..model.definitions import Expression
from ..model.kinds import JUDGED
from ..model.references import expressions_in
from ..model.ruleset import Ruleset
from ..values import LONGEST, Number, Value, Wrong

__all__ = ["Fault", "Places"]

_SECTIONS = tuple(kind.section for kind in JUDGED)


@frozen
class Fault:
    """What is wrong.

    `kind`: a value outside its range, a division by 0, weights that add up to 0, more digits than a number may have. `text`: the indicator, or the division or
    aggregate as written. `of`: whose value or of which period, where that is another. `value`, `most`: of a range, what was outside 0 to what.
    """

    kind: str
    text: str
    source: Source = field(default=Source(""), eq=False)
    of: str = ""
    value: Number | None = None
    most: Number = 0

    def __str__(self) -> str:
        where = f" ({self.of})" if self.of else ""
        if self.kind == "range":
            return f"{self.text} gives points outside its range{where}"
        if self.kind == "digits":
            return f"'{self.text}' gives a number of more than {LONGEST} digits{where}"
        told = f"the weights of '{self.text}' add up to 0" if self.kind == "weights" else f"'{self.text}' divides by 0"
        return told + where

    @property
    def code(self) -> str:
        """Of the finding about it."""
        return {"range": "E601", "digits": "E631"}.get(self.kind, "E630")

    @property
    def hint(self) -> str:
        """What its author can do."""
        if self.kind == "range":
            return "say `share:` if the ratio is to be limited, or limit it yourself with min(...)"
        if self.kind == "digits":
            return "a value that is multiplied by itself from period to period has twice the digits in each; say what bounds it"
        if self.kind == "weights":
            return "leave out events of no weight, or say what it is without weights: if(sum(w in kind) > 0, mean(x in kind by w))"
        return "say what it is where there is nothing to divide by: if(b > 0, a / b), missing there, or if(b > 0, a / b, 1)"


class Places:
    """Where every part of the rules' expressions was written; looked up only once something is wrong."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._ruleset = ruleset
        self._expressions: dict[int, Expression] = {}

    def fault(self, wrong: Wrong) -> Fault:
        """What is wrong with a value, in the words of its author."""
        fault = Fault(wrong.kind, str(wrong.cause), of=wrong.of, value=wrong.value, most=wrong.most)
        if not isinstance(wrong.cause, Node):
            return fault
        if not self._expressions:
            rules = self._ruleset
            every = expressions_in([getattr(rules, section) for section in (*_SECTIONS, "measures", "parameters")])
            self._expressions = {id(node): expression for expression in every for node in walk(expression.tree)}
        expression, node = self._expressions.get(id(wrong.cause)), wrong.cause
        if expression is None:
            return evolve(fault, text=render(node))
        text = expression.text[node.span.start : node.span.end] or render(node)
        return evolve(fault, text=" ".join(text.split()), source=expression.source)

    def told(self, value: Value) -> tuple[Value, Fault | None]:
        """The value, and what is wrong where it has none for that reason."""
        return (None, self.fault(value)) if isinstance(value, Wrong) else (value, None)
