"""Agree: the command, and the page of the guide that `make docs` does not run."""

import contextlib
import io
import os
import re
from pathlib import Path

import pytest

from learnorg_rules.cli import main

pytest.importorskip("pyspark", reason="Spark is not installed: make test-spark")

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "run-on-spark.md"
BLOCK = re.compile(r"^```py\n(.*?)^```\n(?:\n```text\n(.*?)^```)?", re.MULTILINE | re.DOTALL)


def printed(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.raises(SystemExit) as done:
        main(arguments)
    return done.value.code, out.getvalue()


def test_the_command_prints_with_spark_what_it_prints_without(spark):
    arguments = ("run", str(ROOT / "rulesets" / "permit-intake"), "--json")
    assert printed(*arguments, "--engine", "spark") == printed(*arguments)


def test_every_block_of_the_guide_prints_what_the_guide_shows(spark, tmp_path):
    (tmp_path / "rulesets").symlink_to(ROOT / "rulesets")
    before, names = Path.cwd(), {}
    os.chdir(tmp_path)
    try:
        found = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
        assert len(found) == 2
        for block, shown in found:
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(block, str(PAGE), "exec"), names)
            assert out.getvalue() == shown
    finally:
        os.chdir(before)
