"""What an expression must give, place by place, and what stands in for one that was refused."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from ..expr.nodes import Bool, Literal, Node
from ..expr.types import BOOLEAN, RATIO, Base
from ..model.definitions import Award, Category, Duty, Indicator, Scorecard, Veto

__all__ = ["EXPECTED", "REPLACED", "STAND_INS"]

EXPECTED: Mapping[tuple[type, str], Sequence[Base]] = {
    (Duty, "require"): (Base.BOOLEAN,),
    (Duty, "from_"): (Base.DATE,),
    (Duty, "by"): (Base.DATE,),
    (Duty, "at_risk"): (Base.DURATION,),
    (Scorecard, "total_points"): (Base.NUMBER,),
    (Scorecard, "declared_items"): (Base.NUMBER,),
    (Category, "points"): (Base.NUMBER,),
    (Category, "only"): (Base.BOOLEAN,),
    (Indicator, "points"): (Base.NUMBER,),
    (Indicator, "share"): (Base.NUMBER,),
    (Indicator, "when"): (Base.BOOLEAN,),
    (Indicator, "value"): (Base.NUMBER,),
    (Indicator, "only"): (Base.BOOLEAN,),
    (Veto, "when"): (Base.BOOLEAN,),
    (Award, "when"): (Base.BOOLEAN,),
    (Award, "quota"): (Base.NUMBER,),
}
"""What an expression must give, by the class and field it stands in; elsewhere any sort of value will do."""

REPLACED = {(Indicator, "share"), (Indicator, "when"), (Indicator, "value"), (Veto, "when"), (Award, "when")}
STAND_INS: Mapping[Base, Node] = {
    Base.NUMBER: Literal(Fraction(0), type=RATIO),
    Base.BOOLEAN: Bool(False, type=BOOLEAN),
}
"""Takes the place of a refused expression on which no sum rests, so that the rest of its rule is still checked."""
