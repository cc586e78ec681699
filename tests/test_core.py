"""The core is what one has to read to know what rules mean and how they are judged; it is to be read in an afternoon."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "learnorg_rules"
CORE = ("judging", "dataflow", "model", "expr", "org", "events")  # the rooms with a star in docs/design/architecture.md
APART = ("org/columns.py",)  # how an organisation is kept, which is read only by whoever makes it faster
MOST = 11_250  # lines (decision 0041); 8,000 are aimed at


def lines_of(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


def test_the_core_does_not_grow():
    files = [file for room in CORE for file in (PACKAGE / room).rglob("*.py")]
    counted = {str(file.relative_to(PACKAGE)): lines_of(file) for file in files}
    total = sum(lines for name, lines in counted.items() if name not in APART)
    assert total <= MOST, (
        f"the core has {total} lines, at most {MOST} are allowed. Say the new idea with what is there (`model.kinds`, "
        "`expr.aggregates`), move what only some readers need to a room above, or delete what is dead; raise the limit only "
        "with a decision record"
    )


def test_no_module_of_the_core_is_longer_than_one_sitting():
    long = {
        str(file.relative_to(PACKAGE)): lines_of(file)
        for room in CORE
        for file in (PACKAGE / room).rglob("*.py")
        if lines_of(file) > 500
    }
    assert not long, f"split what holds more than one idea: {long}"
