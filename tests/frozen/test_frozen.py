"""The outputs of the command line over everything that ships are those that were pinned."""

import difflib
import importlib.util
import json

import pytest
from cases import CASES, DIGESTS, TEXTS, Workplace, digest, file_name

PINNED = json.loads(DIGESTS.read_text(encoding="utf-8"))

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("numpy") is None, reason="scenarios and the generator need numpy"
)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    return Workplace(tmp_path_factory.mktemp("frozen"))


def test_every_case_is_pinned_and_nothing_else_is():
    assert set(PINNED) == set(CASES)
    assert {path.name for path in TEXTS.iterdir()} == {file_name(one.name) for one in CASES.values() if one.whole}


@pytest.mark.parametrize("name", PINNED)
def test_the_output_is_the_one_that_was_pinned(workplace, name):
    if name not in CASES:
        pytest.fail(f"'{name}' is pinned, and there is no such case")
    got = workplace.output(CASES[name])
    if digest(got) != PINNED[name]:
        pytest.fail(_message(name, got), pytrace=False)


def _message(name, got):
    lines = [f"the output of '{name}' is another than the pinned one"]
    if CASES[name].whole:
        pinned = (TEXTS / file_name(name)).read_text(encoding="utf-8")
        lines += difflib.unified_diff(pinned.splitlines(), got.splitlines(), "pinned", "now", lineterm="", n=1)
    else:
        lines += [
            "to see it, run this before and after the change, and compare the two folders:",
            f"    python tests/frozen/cases.py --to DIR '{name}'",
        ]
    return "\n".join([*lines, "to pin what it is now:", f"    python tests/frozen/cases.py --write '{name}'"])
