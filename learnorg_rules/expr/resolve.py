"""Surface tree to resolved, typed tree: what each name means, which values go together, what may be missing.

Every fault is reported, not only the first. A faulty part has no type, and what stands around it says nothing more.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction

from attrs import define, evolve, field

from ..errors import did_you_mean
from ..values import MOST_DIGITS
from .aggregate_syntax import Parts, group_of, is_aggregate, parts_of, result_type
from .aggregates import SPREADSHEET, WRITTEN
from .algebra import RefusalError, arithmetic, comparison, described, in_days, nullable, type_of
from .cells import decimal_places, is_constant, size
from .functions import FUNCTIONS
from .group_functions import GROUP_FUNCTIONS
from .names import Place, event_place
from .nodes import (
    Across,
    Aggregate,
    Binary,
    Bool,
    Call,
    Compare,
    In,
    IsMissing,
    Literal,
    Logic,
    Name,
    Negate,
    Node,
    Not,
    Order,
    Outer,
    Pair,
    Range,
    Ref,
    Subjects,
    walk,
)
from .scope import Fault, Scope
from .types import BOOLEAN, COUNT, DATE, DURATION, INSTANT, TEXT, Base, Type, choice

__all__ = ["resolve", "resolve_subjects"]

_OF_SUBJECTS = frozenset({"persons", "previous", "base", "streak", "met", "present", "person_days"})
"""Functions about the subject itself; each needs to be among the scope's `functions`."""


def resolve(node: Node, scope: Scope, text: str, expected: Sequence[Base] = ()) -> tuple[Node, list[Fault]]:
    """The resolved tree of a surface tree, and all its faults, sorted by place.

    Args:
        node: what `parse` gave; an `Order` and `Subjects` are resolved too, in what they hold.
        scope: the names, kinds and functions that may be used.
        text: the text the tree was parsed from.
        expected: the sorts of value that may come out; any where empty.

    Returns:
        The tree, every part with its type, and no faults; or a tree of which no use can be made, and the faults.
    """
    resolver = _Resolver(scope, text)
    place = Place(scope.names)
    if isinstance(node, Subjects):
        where = None if node.where is None else resolver.condition(node.where, place)
        return evolve(node, where=where), sorted(set(resolver.faults))
    if isinstance(node, Order):
        key = resolver.visit(node.key, place)
        return evolve(node, key=key, type=key.type), sorted(set(resolver.faults))
    tree = resolver.visit(node, place)
    if tree.type is not None and expected and tree.type.base not in expected:
        wanted = " or ".join("a condition" if base is Base.BOOLEAN else f"a {base.value}" for base in expected)
        kinds = (expected, tree.type.base)
        hint = (
            f"compare it, such as '{text} >= 1'"
            if kinds == ((Base.BOOLEAN,), Base.NUMBER) and not is_constant(tree)
            else ""
        )
        hint = (
            f"write 'if({text}, 1, 0)'; points for a condition are 'when'"
            if kinds == ((Base.NUMBER,), Base.BOOLEAN)
            else hint
        )
        resolver.refuse(node, "E305", f"{wanted} is expected here, not {described(tree.type)}", hint)
    return tree, sorted(set(resolver.faults))


def resolve_subjects(node: Subjects, scope: Scope, text: str) -> tuple[Subjects, list[Fault]]:
    """The selector with its condition resolved, and all faults. Whether its ids exist is not known here."""
    tree, faults = resolve(node, scope, text)
    assert isinstance(tree, Subjects)
    return tree, faults


@define
class _Resolver:
    scope: Scope
    text: str
    faults: list[Fault] = field(factory=list)

    def refuse(self, node: Node, code: str, message: str, hint: str = "") -> None:
        self.faults.append(Fault(node.span, code, message, hint))

    def visit(self, node: Node, place: Place) -> Node:
        """The resolved node; without a type if anything in it is faulty."""
        try:
            return self._resolved(node, place)
        except RefusalError as refused:
            self.faults.append(refused.fault)
            return evolve(node, type=None)

    def condition(self, node: Node, place: Place) -> Node:
        """The resolved node, which must be a condition."""
        resolved = self.visit(node, place)
        if resolved.type is not None and resolved.type.base is not Base.BOOLEAN:
            written = self._written(node)
            hint = (
                "write the whole comparison: 'x == 3 or x == 4', or 'x in [3, 4]'"
                if is_constant(resolved)
                else f"compare it, such as '{written} > 0'"
            )
            self.refuse(
                node,
                "E305",
                f"a condition is expected, not {described(resolved.type)}",
                hint if resolved.type.base is Base.NUMBER else "",
            )
            return evolve(resolved, type=None)
        return resolved

    def _resolved(self, node: Node, place: Place) -> Node:
        match node:
            case Literal():
                return self._literal(node, place)
            case Bool():
                return evolve(node, type=BOOLEAN)
            case Name():
                return self._name(node, place)
            case Negate(operand=operand):
                return self._negate(node, self.visit(operand, place))
            case Not(operand=operand):
                inner = self.condition(operand, place)
                return _typed(evolve(node, operand=inner), [inner], BOOLEAN)
            case Logic(operands=operands):
                conditions = tuple(self.condition(o, place) for o in operands)
                return _typed(evolve(node, operands=conditions), conditions, BOOLEAN)
            case Binary():
                return self._binary(node, place)
            case Compare(op=op):
                left, right = self._sides(node.left, node.right, place)
                found = evolve(node, left=left, right=right)
                return found if _faulty(left, right) else evolve(found, type=comparison(op, left, right, node.span))
            case In():
                return self._in(node, place)
            case IsMissing(operand=operand):
                inner = self.visit(operand, place)
                return evolve(node, operand=inner, type=None if inner.type is None else BOOLEAN)
            case Call():
                return self._call(node, place)
            case Pair():
                raise RefusalError(node.span, "E309", "':' stands inside 'bands' only", "write 'bands(x, 0: a, 3: b)'")
        raise TypeError(f"{type(node).__name__} is no surface node")

    # ---- values

    def _literal(self, node: Literal, place: Place) -> Node:
        value = node.value
        if isinstance(value, Fraction):
            unit = {node.unit: 1} if node.unit else None
            if place.level == "value" and decimal_places(value) is None:
                message = f"{value} has no finite decimal form"
                raise RefusalError(node.span, "E311", message, "divide after aggregating")
            return evolve(node, type=Type(Base.NUMBER, unit, non_negative=value >= 0))
        for sort, kind in ((str, TEXT), (timedelta, DURATION), (datetime, INSTANT), (date, DATE)):
            if isinstance(value, sort):
                return evolve(node, type=kind)
        raise TypeError(f"a literal cannot be a {type(value).__name__}")

    def _name(self, node: Name, place: Place) -> Node:
        if place.outer is not None and node.parts[0] == "subject" and len(node.parts) > 1:
            of_subject = self._name(evolve(node, parts=node.parts[1:]), place.outer)
            return Outer(of_subject, span=node.span, type=of_subject.type)
        ref = place.ref(node, self.scope)
        if place.level == "value" and ref.scope == "event" and ref.name == "member":
            raise RefusalError(node.span, "E311", "'member' is a condition, not a value", "write it behind 'where'")
        return ref

    def _negate(self, node: Negate, operand: Node) -> Node:
        found = evolve(node, operand=operand)
        if operand.type is None:
            return found
        if operand.type.base not in (Base.NUMBER, Base.DURATION):
            raise RefusalError(node.span, "E305", f"{described(operand.type)} has no sign")
        return evolve(found, type=evolve(operand.type, non_negative=False))

    def _binary(self, node: Binary, place: Place) -> Node:
        left, right = self.visit(node.left, place), self.visit(node.right, place)
        if not _faulty(left, right):
            left, right = in_days(left, right), in_days(right, left)
        found = evolve(node, left=left, right=right)
        if node.op == "/" and place.level == "value":
            message = f"there is no division inside '{place.inside}': '{self._written(node)}'"
            raise RefusalError(node.span, "E311", message, "divide after aggregating")
        if _faulty(left, right):
            return found
        if node.op == "/" and place.level == "condition" and not is_constant(right):
            hint = "multiply the other side of the comparison instead"
            message = f"inside '{place.inside}' only constants divide, not '{self._written(right)}'"
            raise RefusalError(node.span, "E311", message, hint)
        return evolve(found, type=arithmetic(node.op, left, right, node.span))

    # ---- comparisons; a bare word beside a choice is one of its options

    def _sides(self, left: Node, right: Node, place: Place) -> tuple[Node, Node]:
        left_is_word, right_is_word = _word(left) is not None, _word(right) is not None
        if right_is_word and left_is_word:
            left_first = self._is_choice(left, place) or not self._is_choice(right, place)
        else:
            left_first = not left_is_word
        if left_first:
            one = self.visit(left, place)
            other = self._beside(right, one, place)
        else:
            other = self.visit(right, place)
            one = self._beside(left, other, place)
        return (one, other) if _faulty(one, other) else (in_days(one, other), in_days(other, one))

    def _is_choice(self, node: Node, place: Place) -> bool:
        ref = place.find(_word(node) or "") if isinstance(node, Name) else None
        return ref is not None and type_of(ref).base is Base.CHOICE

    def _beside(self, node: Node, other: Node, place: Place) -> Node:
        """The node, compared with `other`, which is resolved."""
        word = _word(node)
        if word is None or other.type is None:
            # An unknown word may be an option of the choice that `other` should have been.
            may_be_option = isinstance(node, Name) and not isinstance(other, Binary)
            known = word is None or not may_be_option or place.find(word) is not None
            return self.visit(node, place) if known else node
        if other.type.base is Base.CHOICE:
            options = other.type.options
            if word in options:
                return Literal(word, span=node.span, type=choice(options))
            if isinstance(node, Literal) or place.find(word) is None:
                message = f"'{word}' is not {described(other.type).replace('a choice', 'an option', 1)}"
                self.refuse(node, "E307", message, did_you_mean(word, options, listed=False))
                return node
        elif other.type.base is Base.TEXT and isinstance(node, Name) and place.find(word) is None:
            hint = did_you_mean(word, place.names, listed=False) or f"a text stands in quotes: '\"{word}\"'"
            self.refuse(node, "E304", f"unknown name '{word}'", hint)
            return node
        return self.visit(node, place)

    def _in(self, node: In, place: Place) -> Node:
        items = node.items
        kind = ".".join(items.parts) if isinstance(items, Name) else ""
        if kind in self.scope.kinds and place.find(kind) is None:
            hint = f"write 'sum({self._written(node.operand)} in {kind})' or another aggregate"
            raise RefusalError(node.span, "E304", f"'{kind}' is a kind of event, not a list", hint)
        operand = self.visit(node.operand, place)
        if isinstance(items, Range):
            bounds = [self._beside(bound, operand, place) for bound in (items.low, items.high)]
            bounds = [b if _faulty(b, operand) else in_days(b, operand) for b in bounds]
            found = evolve(node, operand=operand, items=Range(*bounds, span=items.span))
            for op, bound in zip((">=", "<="), bounds, strict=True):
                if not _faulty(operand, bound):
                    comparison(op, operand, bound, items.span)
            return _typed(found, [operand, *bounds], BOOLEAN)
        if isinstance(items, Node):
            return self._in_list(node, operand, items, place)
        values = [self._beside(item, operand, place) for item in items]
        values = [v if _faulty(v, operand) else in_days(v, operand) for v in values]
        for value in values:
            if not _faulty(operand, value):
                comparison("==", operand, value, value.span)
        return _typed(evolve(node, operand=operand, items=tuple(values)), [operand, *values], BOOLEAN)

    def _in_list(self, node: In, operand: Node, items: Node, place: Place) -> Node:
        if not isinstance(items, Name):
            raise RefusalError(
                items.span, "E305", "right of 'in' stands a list, a range or a name", "write 'x in [a, b]'"
            )
        ref = self.visit(items, place)
        found = evolve(node, operand=operand, items=ref)
        if _faulty(operand, ref):
            return found
        item = type_of(ref).item
        if type_of(ref).base is not Base.LIST or item is None:
            raise RefusalError(items.span, "E305", f"{described(type_of(ref))} is not a list", "write 'x in [a, b]'")
        comparison("==", operand, Literal(span=items.span, type=item), items.span)
        return _typed(found, [operand], BOOLEAN)

    # ---- calls

    def _call(self, node: Call, place: Place) -> Node:
        name = node.function
        group = group_of(node)
        if is_aggregate(node):
            return self._aggregate(node, place)
        if group is not None or name in _OF_SUBJECTS:
            if place.level != "subject":
                raise RefusalError(node.span, "E310", f"'{name}' cannot stand inside '{place.inside}'")
            if ("across" if group is not None else name) not in self.scope.functions:
                raise RefusalError(node.span, "E310", f"'{name}' cannot stand in {self.scope.what}")
            if group is not None:
                return self._across(node, group, place)
            if name == "persons":
                return self._persons(node)
            if name in ("present", "person_days"):
                return self._of_days(node)
            return self._met(node) if name == "met" else self._over_periods(node, place)
        if name not in FUNCTIONS:
            known = {*FUNCTIONS, *(WRITTEN if self.scope.kinds else ()), *self.scope.functions}
            own = f"it is a name: write '{name}'" if place.find(name) is not None else ""
            hint = SPREADSHEET.get(name.casefold()) or own or did_you_mean(name, known, listed=False)
            raise RefusalError(node.span, "E309", f"unknown function '{name}'", hint)
        return self._scalar(node, place)

    def _scalar(self, node: Call, place: Place) -> Node:
        name, function = node.function, FUNCTIONS[node.function]
        if node.where is not None or node.by is not None:
            word = "where" if node.where is not None else "by"
            hint = f"write '{name}(x in kind where condition)'" if name in WRITTEN else ""
            raise RefusalError(
                node.span, "E309", f"'{word}' stands inside an aggregate, and '{name}' is none here", hint
            )
        if len(node.args) < function.least or (function.most is not None and len(node.args) > function.most):
            message = f"'{name}' takes {_count(function.least, function.most)}, not {len(node.args)}"
            raise RefusalError(node.span, "E309", message, f"write '{name}{function.form}'")
        args = tuple(self._argument(name, arg, place) for arg in node.args)
        found = evolve(node, args=args)
        if _faulty(*args):
            return found
        if place.level == "value":
            hint = "compute after aggregating"
            raise RefusalError(node.span, "E311", f"there are no functions before 'in' and behind 'by': '{name}'", hint)
        if place.level == "condition" and not function.cells and not all(is_constant(arg) for arg in args):
            message = f"inside '{place.inside}' the arguments of '{name}' are constants"
            raise RefusalError(node.span, "E311", message, "compute after aggregating")
        return evolve(found, type=function.typed(args, node.span))

    def _argument(self, function: str, node: Node, place: Place) -> Node:
        if not isinstance(node, Pair) or function != "bands":
            return self.visit(node, place)
        left, right = self.visit(node.left, place), self.visit(node.right, place)
        kind = None if _faulty(left, right) else evolve(type_of(right), nullable=nullable(left, right))
        return evolve(node, left=left, right=right, type=kind)

    def _of_days(self, node: Call) -> Node:
        """`present()` and `person_days()`."""
        if node.args or node.where is not None or node.by is not None:
            name = node.function
            raise RefusalError(node.span, "E309", f"'{name}' takes nothing", f"write '{name}()'")
        return evolve(node, type=COUNT)

    def _met(self, node: Call) -> Node:
        """`met(duty)`."""
        arg = node.args[0] if len(node.args) == 1 else None
        if not isinstance(arg, Name) or node.where is not None or node.by is not None:
            raise RefusalError(node.span, "E309", "'met' takes the name of one duty", "write 'met(duty)'")
        name = ".".join(arg.parts)
        if name not in self.scope.duties:
            raise RefusalError(
                arg.span, "E304", f"unknown duty '{name}'", did_you_mean(name, self.scope.duties, listed=False)
            )
        kind = evolve(COUNT, nullable=True)
        return evolve(node, args=(Ref("duty", name, span=arg.span, type=kind),), type=kind)

    def _over_periods(self, node: Call, place: Place) -> Node:
        """`previous(x)`, `base(x)` and `streak(condition)`: the expression in other periods of the schedule."""
        name = node.function
        if len(node.args) != 1 or node.where is not None or node.by is not None:
            what = "condition" if name == "streak" else "value"
            raise RefusalError(node.span, "E309", f"'{name}' takes one {what}", f"write '{name}({what})'")
        if name == "streak":
            condition = self.condition(node.args[0], place)
            kind = None if _faulty(condition) else COUNT
            return evolve(node, args=(condition,), type=kind)
        value = self.visit(node.args[0], place)
        return evolve(node, args=(value,), type=None if value.type is None else evolve(value.type, nullable=True))

    # ---- other subjects

    def _across(self, node: Call, group: str, place: Place) -> Node:
        name, first = node.function, node.args[0]
        assert isinstance(first, In)  # what `group_of` looked at
        if node.where is not None or node.by is not None or first.negated:
            raise RefusalError(
                node.span, "E310", f"over '{group}' stands no 'where', 'by' or 'not'", f"write '{name}(x in {group})'"
            )
        own = self.scope.own
        names = {n: ref for n, ref in place.names.items() if n not in own} if own else place.names
        if group == "members":
            names = {**names, **self.scope.persons}
        inner = Place(names, inside=group, outer=place)
        function = GROUP_FUNCTIONS[name]
        is_condition = function.takes_condition
        value = self.condition(first.operand, inner) if is_condition else self.visit(first.operand, inner)
        of_subject = any(isinstance(part, Outer) for part in walk(value))
        found = Across(name, value, group, self._written(node), of_subject, span=node.span)
        if value.type is None:
            return found
        if not is_condition and value.type.base is not Base.NUMBER:
            raise RefusalError(first.operand.span, "E305", f"'{name}' takes numbers, not {described(value.type)}")
        return evolve(found, type=function.type(value.type))

    # ---- aggregates

    def _persons(self, node: Call) -> Node:
        if len(node.args) > 1 or node.where is not None or node.by is not None:
            raise RefusalError(node.span, "E309", "'persons' takes one condition or none", "write 'persons(age <= 35)'")
        place = Place(self.scope.persons, "condition", "persons")
        where = self.condition(node.args[0], place) if node.args else None
        kind = None if where is not None and _faulty(where) else COUNT
        found = Aggregate("persons", where=where, text=self._written(node), span=node.span, type=kind)
        self._check_sizes(found)
        return found

    def _aggregate(self, node: Call, place: Place) -> Node:
        name = node.function
        if place.level != "subject":
            message = f"aggregates do not nest: '{name}' stands inside '{place.inside}'"
            raise RefusalError(node.span, "E310", message, "give it a name under 'measures'")
        if not self.scope.kinds:
            hint = "aggregates over events stand in measures, duties and scorecards"
            raise RefusalError(node.span, "E310", f"'{name}' cannot stand in {self.scope.what}", hint)
        parts = parts_of(node, self.scope)
        self.faults += parts.faults
        value, where, by = self._inside(node, parts)
        faulty = bool(parts.faults) or not parts.kinds or _faulty(*(n for n in (value, where, by) if n is not None))
        function, grain = WRITTEN[name]
        found = Aggregate(
            function.name, value, tuple(sorted(parts.kinds)), where, by, grain, self._written(node), span=node.span
        )
        if faulty:
            return found
        self._check_sizes(found)
        return evolve(found, type=result_type(found, node.function))

    def _inside(self, node: Call, parts: Parts) -> tuple[Node | None, Node | None, Node | None]:
        if not parts.kinds:
            return parts.value, node.where, node.by
        values = event_place(self.scope, parts.kinds, "value", node.function, node.span)
        value = None if parts.value is None else self.visit(parts.value, values)
        where = None if node.where is None else self.condition(node.where, evolve(values, level="condition"))
        by = None if node.by is None else self.visit(node.by, values)
        return value, where, by

    def _check_sizes(self, node: Aggregate) -> None:
        """What no number may be is refused before any event is read."""
        for part in walk(node):
            if part.type is not None and part.type.base is Base.NUMBER and part is not node:
                found = size(part, {})
                if max(found.bound, found.denominator) > 10**MOST_DIGITS:
                    message = f"'{self._written(part)}' may need more than {MOST_DIGITS} digits"
                    raise RefusalError(part.span, "E311", message, "multiply after aggregating")

    def _written(self, node: Node) -> str:
        return self.text[node.span.start : node.span.end]


def _typed(node: Node, parts: Sequence[Node], kind: Type) -> Node:
    """The node with this type, missing where a part can be; without a type if a part has none."""
    return evolve(node, type=None if _faulty(*parts) else evolve(kind, nullable=nullable(*parts)))


def _faulty(*nodes: Node) -> bool:
    return any(node.type is None for node in nodes)


def _word(node: Node) -> str | None:
    """The word that may be an option of a choice: a name without dots, or a text."""
    if isinstance(node, Name) and len(node.parts) == 1:
        return node.parts[0]
    return node.value if isinstance(node, Literal) and isinstance(node.value, str) else None


def _count(least: int, most: int | None) -> str:
    if most is None:
        return f"at least {least} arguments"
    span = str(least) if least == most else f"{least} to {most}"
    return f"{span} argument{'' if span == '1' else 's'}"
