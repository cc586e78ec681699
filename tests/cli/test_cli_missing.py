import json

AT = ("--at", "2005-09-10")


def test_the_events_a_unit_needs_are_listed_with_their_last_day(reading, learnorg):
    code, out, _ = learnorg("missing", reading, "south", *AT)
    assert (code, out.splitlines()) == (
        0,
        [
            "Meets every quarter (meets) 2005-Q3: still needed",
            "  2 × session, by 2005-09-30",
            "Year (year) 2005: still needed for good (+40.3666 points)",
            "  1 × session (minutes 337), by 2005-12-31",
            "  (if no other record counts against it)",
        ],
    )


def test_one_rule_may_be_asked_for(reading, learnorg):
    code, out, _ = learnorg("missing", reading, "south", "--rule", "meets", *AT)
    assert (code, len(out.splitlines())) == (0, 2)


def test_the_text_comes_in_chinese(reading, learnorg):
    _, out, _ = learnorg("missing", reading, "south", "--rule", "meets", "--lang", "zh", *AT)
    assert out.splitlines() == ["每季一次（meets） 2005-Q3：尚需", "  session 2条，最迟2005-09-30"]


def test_json_has_the_same_for_machines(reading, learnorg):
    code, out, _ = learnorg("missing", reading, "south", "--rule", "meets", "--json", *AT)
    (found,) = json.loads(out)
    assert code == 0
    assert (found["rule"], found["state"], found["target"], found["last_day"]) == (
        "meets", "needed", "met", "2005-09-30",
    )  # fmt: skip
    assert [(n["kind"], n["count"], n["by"]) for n in found["needs"]] == [("session", 2, "2005-09-30")]


def test_where_nothing_is_open_it_says_so(reading, learnorg):
    assert learnorg("missing", reading, "town", *AT)[:2] == (0, "nothing more is needed for a duty or a scorecard\n")


def test_a_unit_that_is_not_there_is_refused_with_the_nearest(reading, learnorg):
    code, _, err = learnorg("missing", reading, "soth", *AT)
    assert (code, err) == (1, "Error: there is no unit, body or person 'soth'; did you mean 'south'?\n")


def test_a_part_of_a_scorecard_is_referred_to_the_whole(reading, learnorg):
    card, indicator = "year", "often"
    code, _, err = learnorg("missing", reading, "south", "--rule", f"{card}.{indicator}", *AT)
    assert (code, err) == (1, "Error: 'year.often' is a part of a scorecard; ask for the whole, 'year'\n")


def test_a_rule_that_is_not_there_is_refused_with_the_nearest(reading, learnorg):
    code, _, err = learnorg("missing", reading, "south", "--rule", "meet", *AT)
    assert (code, err) == (1, "Error: there is no duty or scorecard 'meet'; did you mean 'meets'?\n")
