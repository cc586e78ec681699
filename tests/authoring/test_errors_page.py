"""The page of error codes is written by `make docs` from the codes and this corpus."""

import importlib.util
from pathlib import Path

from learnorg_rules.authoring.errors_page import errors_page

CORPUS = Path(__file__).parent
DOCS = CORPUS.parent.parent / "docs"
PAGE = DOCS / "reference" / "errors.md"

spec = importlib.util.spec_from_file_location("docs_build", DOCS / "build.py")
build = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build)
all_codes = build.all_codes


def test_the_page_of_errors_says_what_the_code_says():
    assert PAGE.read_text(encoding="utf-8") == errors_page(all_codes(), CORPUS)


def test_every_code_that_the_corpus_shows_is_explained():
    shown = {
        line.split(": ", 1)[1].split(" ", 1)[0]
        for path in (CORPUS / "bad").glob("*.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.startswith("    ")
    }
    assert shown <= set(all_codes())
