"""The memo of a live run: what is computed again, and what is not."""

from learnorg_rules.judging.memo import Memo, TrackedMemo

NUMBERS = {"a": 1, "b": 2}


def total(memo: Memo, computed: list[int]) -> int:
    """The sum of two parts, each of which reads one name."""

    def part(place: int) -> int:
        computed.append(place)
        name = "ab"[place]
        memo.read(("name", name))
        return NUMBERS[name]

    return memo.get(("total",), lambda: sum(memo.parts(("parts",), 2, part)))


def test_of_several_parts_only_the_one_that_rests_on_a_change_is_computed_again() -> None:
    memo, computed = TrackedMemo(), list[int]()
    assert total(memo, computed) == 3
    for _ in range(2):  # what was read is known the second time too
        computed.clear()
        assert memo.forget([("name", "b")]) == {("total",)}
        assert total(memo, computed) == 3
        assert computed == [1]


def test_what_rests_on_no_change_is_not_computed_again() -> None:
    memo, computed = TrackedMemo(), list[int]()
    total(memo, computed)
    computed.clear()
    assert memo.forget([("name", "c")]) == set()
    assert total(memo, computed) == 3
    assert computed == []


def test_a_memo_that_is_not_tracked_computes_every_part_once() -> None:
    memo, computed = Memo(), list[int]()
    assert total(memo, computed) == total(memo, computed) == 3
    assert computed == [0, 1]
