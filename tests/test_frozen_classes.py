"""`frozen` makes what attrs makes: objects of the two compare, hash and print alike."""

from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnorg_rules.frozen import frozen

MAKERS = (attrs.frozen, frozen)
VALUES = st.tuples(st.integers(0, 2), st.text("ab", max_size=1), st.sampled_from([None, (), (1,)]))


def _plain(make: Any) -> type:
    @make
    class Plain:
        number: int
        text: str = attrs.field(default="", eq=False)
        items: object = attrs.field(default=None, repr=False)

    return Plain  # type: ignore[no-any-return]


THEIRS, OURS = (_plain(make) for make in MAKERS)


@settings(max_examples=200)
@given(VALUES, VALUES)
def test_objects_are_equal_hashed_and_shown_as_those_of_attrs(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    theirs, ours = ((cls(*one), cls(*other)) for cls in (THEIRS, OURS))
    assert (ours[0] == ours[1]) == (theirs[0] == theirs[1])
    assert (ours[0] != ours[1]) == (theirs[0] != theirs[1])
    assert ours[0] != ours[1] or hash(ours[0]) == hash(ours[1])
    assert repr(ours[0]) == repr(theirs[0])


def test_an_object_of_another_class_is_never_equal() -> None:
    @frozen
    class Under(OURS):  # type: ignore[misc]
        more: int = 0

    assert OURS(1) != Under(1)
    assert Under(1) == Under(1, "other text")
    assert OURS(1) != 1


@pytest.mark.parametrize("make", MAKERS)
def test_what_a_class_says_itself_stays(make: Any) -> None:
    @make
    class Own:
        number: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Own) and self.number % 2 == other.number % 2

        def __hash__(self) -> int:
            return self.number % 2

        def __repr__(self) -> str:
            return "own"

    assert Own(1) == Own(3)
    assert hash(Own(5)) == 1
    assert repr(Own(1)) == "own"


@pytest.mark.parametrize("make", MAKERS)
def test_the_options_of_attrs_hold(make: Any) -> None:
    @make(order=True)
    class Ordered:
        number: int

    @make(eq=False)
    class Single:
        number: int

    @make
    class Empty:
        pass

    assert sorted([Ordered(2), Ordered(1)]) == [Ordered(1), Ordered(2)]
    assert Single(1) != Single(1)
    assert Empty() == Empty()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Ordered(1).number = 2
