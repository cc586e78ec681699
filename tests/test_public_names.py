"""The names of `learnorg_rules`: what can be imported, completed and checked, with and without extras."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import learnorg_rules as lr

ROOT = Path(__file__).resolve().parents[1]
WITHOUT_EXTRAS = "".join(
    f"sys.modules['{name}'] = None\n"
    for name in ("matplotlib", "numpy", "pandas", "py4j", "pyarrow", "pyspark", "scipy")
)


def ran(program: str, extras: bool = False) -> str:
    """What a program of its own prints, without extras unless they are asked for."""
    program = "import sys\n" + ("" if extras else WITHOUT_EXTRAS) + program
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_name_is_there_in_a_plain_installation() -> None:
    program = (
        "from learnorg_rules import *\nimport learnorg_rules as lr\nprint(*sorted(set(lr.__all__) & set(globals())))"
    )
    assert ran(program).split() == sorted(lr.__all__)


def test_help_completion_and_inspect_work_in_a_plain_installation() -> None:
    program = (
        "import inspect, pydoc, learnorg_rules as lr\n"
        "assert set(lr.__all__) <= set(dir(lr)) == {name for name, _ in inspect.getmembers(lr)}\n"
        "text = pydoc.render_doc(lr, renderer=pydoc.plaintext)\n"
        "print([name for name in lr.__all__ if name not in text])"
    )
    assert ran(program) == "[]\n"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("simulate(None)", "simulate needs numpy, which is not installed: pip install 'learnorg-rules[simulate]'"),
        ("spark_events().read(None)", "Spark needs py4j, which is not installed: pip install 'learnorg-rules[spark]'"),
    ],
)
def test_what_needs_an_extra_says_which_when_it_is_called(call: str, said: str) -> None:
    program = f"import learnorg_rules as lr\ntry:\n    lr.{call}\nexcept ImportError as error:\n    print(error)"
    assert ran(program) == f"{said}\n"


def test_checking_rules_needs_no_polars() -> None:
    assert ran("import learnorg_rules as lr\nlr.load, lr.InputError\nprint('polars' in sys.modules)") == "False\n"


def test_a_name_that_is_not_there_is_an_error_when_it_is_asked_for() -> None:
    with pytest.raises(AttributeError, match=r"^module 'learnorg_rules' has no attribute 'asess'$"):
        lr.asess  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'asess'"):
        from learnorg_rules import asess  # noqa: F401


def test_type_checkers_see_every_name_with_its_type_and_no_other(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    lines = ["import learnorg_rules as lr", *(f"lr.{name}" for name in lr.__all__), "lr.asess"]
    lines += [
        "version: str = lr.__version__",
        "rules: lr.Ruleset = lr.load('folder')",
        "wrong: int = lr.load('folder')",
    ]
    program.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary"]  # with the cache of `make check`
    done = subprocess.run(
        [*command, str(program)],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    found = [line.partition("program.py:")[2] for line in done.stdout.splitlines()]
    misspelt = len(lr.__all__) + 2
    assert found == [
        f'{misspelt}: error: Module has no attribute "asess"; maybe "assess"?  [attr-defined]',
        f'{misspelt + 3}: error: Incompatible types in assignment (expression has type "Ruleset", variable has type "int")  [assignment]',
    ]


def test_each_name_is_written_once() -> None:
    assert len(lr.__all__) == len(set(lr.__all__))


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "learnorg_rules.__version__"}
