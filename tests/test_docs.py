"""Every block of the README, the tutorial and the how-to guides is run, and what it prints is what the page shows."""

import importlib.util
from pathlib import Path

import pytest

BUILD = Path(__file__).resolve().parents[1] / "docs" / "build.py"
spec = importlib.util.spec_from_file_location("docs_build", BUILD)
build = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build)


@pytest.mark.parametrize("source", build.sources(), ids=lambda p: p.stem)
def test_a_page_shows_what_its_blocks_print(source):
    assert build.renewed(source) == source.read_text(encoding="utf-8")
