"""Oracle: the nearest of some names is the one that difflib gives when it compares with every one of them."""

import difflib

from hypothesis import given, settings
from hypothesis import strategies as st

from learnorg_rules.errors import Options, did_you_mean, nearest

NAMES = st.text("ab01_", max_size=8)


@settings(max_examples=200, deadline=None)
@given(NAMES, st.lists(NAMES, max_size=30))
def test_the_nearest_name_is_the_one_that_comparing_with_all_gives(word, names):
    found = difflib.get_close_matches(word, sorted(set(names)), n=1, cutoff=0.6)
    if not found and len(word) > 2:
        found = [name for name in sorted(names) if name.startswith(word)]
    assert nearest(word, names) == (found[0] if found else None)


def test_options_made_ready_once_say_of_every_word_what_comparing_afresh_says():
    names = [f"section {i}" for i in range(40)]
    options = Options(names)
    for word in ("Section-7", "sektion 12", "quite other", ""):
        assert options.did_you_mean(word) == did_you_mean(word, names)
    assert options.did_you_mean("Section-7") == "did you mean 'section 7'?"
