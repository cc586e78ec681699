from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learnorg_rules.authoring import load
from learnorg_rules.errors import InputError

HERE = Path(__file__).parent
PROGRAMME = (HERE / "programme" / "ruleset.yaml").read_text(encoding="utf-8")
TEXTS = [path.read_text(encoding="utf-8") for path in sorted((HERE / "good").glob("*.yaml"))]

PIECES = [
    *"[]{}:,'\"#&*!|>%@`?-=<>()\t\n\0：，（９.01 aé论",
    "\n---\n", ": ", "- ", "null", "no", "1/0", "2005-02-30", "9999-12-31", "0001-01-01", "count(", "where", "missing",
    "previous(", "99999999999999999999", "-1", "{}", "[]", "''", "<<: ", "\n  ", "total", "id", "grade", "in 2..1",
]  # fmt: skip


def faults(path):
    """What is wrong with the file; anything but a list of faults fails the test."""
    try:
        load(path)
    except InputError as refused:
        return refused.issues
    return ()


KINDS = ("insert", "delete", "replace", "drop line", "double line", "swap lines", "swap values")


@st.composite
def mutated(draw):
    """A good file with some characters, words or lines deleted, inserted, replaced or doubled."""
    text = draw(st.just(PROGRAMME) | st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(KINDS))
        lines = text.split("\n")
        at, line = draw(st.integers(0, len(text))), draw(st.integers(0, len(lines) - 1))
        if kind in ("insert", "delete", "replace"):
            length = 0 if kind == "insert" else draw(st.integers(1, 12))
            piece = "" if kind == "delete" else draw(st.sampled_from(PIECES))
            text = text[:at] + piece + text[at + length :]
        elif kind == "drop line":
            text = "\n".join(lines[:line] + lines[line + 1 :])
        elif kind == "double line":
            text = "\n".join([*lines[:line], lines[line], *lines[line:]])
        else:
            other = draw(st.integers(0, len(lines) - 1))
            if kind == "swap lines":
                lines[line], lines[other] = lines[other], lines[line]
            else:  # the value of one key under another
                lines[line] = lines[line].partition(":")[0] + ":" + lines[other].partition(":")[2]
            text = "\n".join(lines)
    return text


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=mutated())
def test_a_damaged_file_is_accepted_or_refused_with_places(tmp_path, text):
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    lines = text.replace("\r", "\n").count("\n") + 2
    for issue in faults(path):
        assert issue.message
        assert issue.source.file == str(path)
        assert issue.source.line <= lines


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60))
def test_any_bytes_are_accepted_or_refused(tmp_path, content):
    path = tmp_path / "rules.yaml"
    path.write_bytes(content)
    assert all(issue.message for issue in faults(path))
