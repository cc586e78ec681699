import enum
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from attrs import field, frozen

from learnorg_rules.documents import Forms, read_yaml, structure
from learnorg_rules.errors import Issues, Source


class Mode(enum.Enum):
    UP = "up"
    DOWN = "down"


@frozen
class Part:
    id: str = ""
    size: int = field(default=1, metadata={"short": True})
    source: Source = field(default=Source(""), metadata={"file": True})


@frozen(kw_only=True)
class Thing:
    name: str
    share: Fraction = Fraction(0)
    day: date | None = None
    fine: bool = False
    mode: Mode = Mode.UP
    from_: str = field(default="", metadata={"key": "from", "options": ("", "here", "there")})
    tags: Sequence[str] = field(default=(), metadata={"single": True})
    parts: Mapping[str, Part] = field(factory=dict)
    places: Mapping[str, Source] = field(factory=dict, eq=False, metadata={"file": True})


def read(text: str) -> tuple[Thing | None, list[str]]:
    issues = Issues()
    tree = read_yaml(text, "f", issues)
    assert tree is not None
    found = structure(tree, Thing, issues, Forms())
    return found, [str(i) for i in sorted(issues.found)]


def test_a_class_is_filled_by_what_its_annotations_say():
    thing, issues = read(
        "name: x\nshare: 12.5%\nday: 2005-02-28\nfine: true\nmode: down\nfrom: here\ntags: one\n"
        "parts: {a: 2, b: {size: 3}}\n"
    )
    assert issues == []
    assert thing == Thing(
        name="x", share=Fraction(1, 8), day=date(2005, 2, 28), fine=True, mode=Mode.DOWN, from_="here", tags=("one",),
        parts={"a": Part("a", 2, Source("f", 8, 9)), "b": Part("b", 3, Source("f", 8, 15))},
    )  # fmt: skip
    assert thing is not None
    assert thing.places["from"] == Source("f", 6, 7)


def test_every_fault_of_every_key_is_reported():
    thing, issues = read(
        "nam: x\nshare: 1/0\nday: 28.2.2005\nfine: yes\nmode: sideways\nfrom: hree\ntags: {a: b}\n"
        "parts: {a-b: 2, c: {size: x}}\n"
    )
    assert thing is None
    assert issues == [
        "f:1:1: E201 unknown key 'nam' in a thing\n"
        "    hint: did you mean 'name'?; known: day, fine, from, mode, name, parts, share, tags",
        "f:2:8: E207 '1/0' is not a number\n    hint: write it as 12, 12.5, 1/2 or 80%",
        "f:3:6: E208 '28.2.2005' is not a date\n    hint: write 2005-02-28",
        "f:4:7: E206 'yes' is not a boolean\n    hint: write true or false",
        "f:5:7: E205 'mode' cannot be 'sideways'\n    hint: one of: up, down",
        "f:6:7: E205 'from' cannot be 'hree'\n    hint: one of: here, there",
        "f:7:7: E203 'tags' takes a list, such as [a, b]; found a mapping",
        "f:8:9: E204 'a-b' is not an id\n    hint: a letter or '_', then letters, digits and '_'; such as 'a_b'",
        "f:8:27: E207 'x' is not a whole number\n    hint: write digits only, such as 12",
    ]


def test_a_missing_key_is_not_reported_beside_its_misspelling():
    assert len(read("naem: x\n")[1]) == 1
    assert "E202" in read("fine: true\n")[1][0]


def test_what_is_left_of_a_broken_object_is_kept_to_find_more_faults():
    issues = Issues()
    tree = read_yaml("name: x\nparts: {a: 1, b: x}\nfine: maybe\n", "f", issues)
    assert tree is not None
    rest: list[Thing] = []
    assert structure(tree, Thing, issues, rest=rest) is None
    assert [list(thing.parts) for thing in rest] == [["a", "b"]]


def test_full_width_digits_are_no_number():
    assert "E207" in read("name: x\nshare: １２\n")[1][0]


def test_ids_may_come_from_any_script():
    thing, issues = read("name: x\nparts: {论坛: 2, été_1: 3, _: 1}\n")
    assert issues == []
    assert thing is not None
    assert list(thing.parts) == ["论坛", "été_1", "_"]
