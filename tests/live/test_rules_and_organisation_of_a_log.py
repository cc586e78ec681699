"""Rules and the organisation are inputs of a log: others than the last time are changes with that cause.

The situation of the transfer is a reported one: constructorfabric/insight#1690, CuBoulder/express#1916,
GoldenSoftwareLtd/gedemin#2535.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from programmes import organisation, ruleset
from random_programmes import Records, organisations
from small_live import RULES, event, opened, programme
from test_live_meaning import said

import learnorg_rules as lr
from learnorg_rules.errors import InputError, Source
from learnorg_rules.explain.changes import change_sentence
from learnorg_rules.live.inputs import Inputs, inputs_from
from learnorg_rules.org.records import Attribute, Edge, Node
from learnorg_rules.store import Log, New, Publication

TEAMS = """
ruleset:
  id: transfer
  title: Teams
  effective: {from: 2022-01-01, to: 2022-12-31}
organisation: {levels: [firm, team], persons: {grade: {type: choice, of: [junior, senior]}}}
events:
  course: [person]
measures:
  staff: persons()
  trained: distinct(person in course where member)
duties:
  each: {for: persons, every: quarter, require: any(course)}
scorecards:
  q:
    title: Training
    for: units where level == team
    every: quarter
    round: {decimals: 2}
    missing: exclude
    indicators:
      rate: {points: 40, share: trained / staff}
      kept: {points: 40, share: share((met(each) == 1) in members)}
      days: {points: 20, share: person_days() / 181}
"""
HOMES = """
units:
  - {{id: firm, level: firm}}
  - {{id: red, level: team, parent: firm}}
  - {{id: blue, level: team, parent: firm}}
persons:
  - {{id: ann, unit: {ann}, grade: junior}}
  - {{id: bob, unit: red, grade: junior}}
  - {{id: cy, unit: blue, grade: senior}}
"""
BEFORE = HOMES.format(ann="red")
MOVED = HOMES.format(ann="[{of: red, to: 2022-02-14}, {of: blue, from: 2022-02-15}]")


def course(id_: str, person: str, unit: str, on: str) -> Mapping[str, object]:
    return event(id_, on, unit, "course", person=person)


COURSES = [course("1", "ann", "red", "2022-02-01"), course("2", "ann", "red", "2022-04-20"), course("3", "cy", "blue", "2022-03-20")]  # fmt: skip


def totals(lines: Iterable[str]) -> dict[str, float]:
    """Of publications and the like: subject -> total."""
    records = [json.loads(line) for line in lines]
    return {r["subject"]: round(_number(r["total"]), 2) for r in records if r["kind"] == "scorecard"}


def _number(value: Any) -> float:
    over, _, under = str(value).partition("/")
    return int(over) / int(under or 1)


def published(path: Path, org: str = BEFORE, rules: str = TEAMS) -> Publication:
    """A log with the first quarter of 2022 given out."""
    with lr.Live(ruleset(rules), organisation(org), path, at="2022-06-30") as live:
        live.post_many(COURSES)
        return live.publish("2022-Q1")


def without_inputs(path: Path) -> None:
    """Make the file what a version wrote that kept digests only."""
    with Log.open(path) as log:
        (*_, now) = log.in_force()
        log.set_marks({"rules": now.rules, "organisation": now.organisation})
    connection = sqlite3.connect(path)
    for statement in ("DROP TABLE inputs", "DROP TABLE inputs_in_force", "PRAGMA user_version = 1"):
        connection.execute(statement)
    connection.commit()
    connection.close()


# ---- another organisation


def test_a_transfer_recorded_after_publication_is_a_change_on_opening_and_restates(tmp_path: Path) -> None:
    publication = published(tmp_path / "log")
    assert totals(publication.results.splitlines()) == {"red": 59.89, "blue": 89.94}
    with lr.Live(ruleset(TEAMS), organisation(MOVED), tmp_path / "log") as live:
        assert {str(c.cause) for c in live.replayed} == {"organisation"}
        assert {(c.position[0], c.at.isoformat()) for c in live.replayed} == {(5, "2022-06-30")}
        assert [(n.code, n.severity, n.message, n.hint) for n in live.notices] == [
            ("L108", "warning", f"opened with another organisation than the last time: {len(live.replayed)} changes, 2 restatements",
             "`learnorg published` shows what was restated")
        ]  # fmt: skip
        restated = live.restatements(publication)
        assert [(r.subject, r.rule, r.cause, r.seq) for r in restated] == [
            ("blue", "q", "organisation", 5), ("red", "q", "organisation", 5),
        ]  # fmt: skip
        assert (totals(r.old for r in restated), totals(r.new for r in restated)) == (
            {"blue": 89.94, "red": 59.89}, {"blue": 74.92, "red": 54.92},
        )  # fmt: skip
        assert totals(live.standing(publication)) == {"red": 54.92, "blue": 74.92}
        live.verify(publication)  # with the organisation of that time
        assert live.reorganise(organisation(MOVED)) == []
        live.post(course("4", "bob", "red", "2022-03-30"))
        (*_, last) = live.restatements(publication)
        assert (totals([last.old]), totals([last.new]), last.cause) == ({"red": 54.92}, {"red": 94.92}, "event 4")
    with lr.Live(ruleset(TEAMS), organisation(MOVED), tmp_path / "log") as live:
        assert (live.replayed, live.notices) == ([], [])


def test_within_a_session_and_between_two_the_same_is_said(tmp_path: Path) -> None:
    published(tmp_path / "one")
    published(tmp_path / "other")
    with lr.Live(ruleset(TEAMS), organisation(BEFORE), tmp_path / "one") as live:
        within, restated = live.reorganise(organisation(MOVED)), live.restatements()
    with lr.Live(ruleset(TEAMS), organisation(MOVED), tmp_path / "other") as live:
        assert (live.replayed, live.restatements()) == (within, restated)


def test_computed_again_all_changes_are_the_same_across_two_organisations_and_rules(tmp_path: Path) -> None:
    published(tmp_path / "log")
    stricter = ruleset(TEAMS.replace("require: any(course)", "require: count(course) >= 2"))
    with lr.Live(ruleset(TEAMS), organisation(MOVED), tmp_path / "log") as live:
        changes = list(live.replayed)
        changes += live.advance("2022-07-31")
    with lr.Live(stricter, organisation(BEFORE), tmp_path / "log") as live:
        changes += live.replayed
        restated = live.restatements()
    assert [str(c.cause) for c in changes if c.cause.sort != "time"] == sorted(
        (str(c.cause) for c in changes if c.cause.sort != "time"), key=["organisation", "rules"].index
    )
    with lr.Live(stricter, organisation(BEFORE), tmp_path / "log", since=4) as live:
        assert live.replayed == changes
        assert live.restatements() == restated
        assert live.notices == []


def test_killed_before_the_restatements_are_written_they_are_written_once(tmp_path: Path) -> None:
    publication = published(tmp_path / "log")
    inputs = Inputs.of(ruleset(TEAMS), organisation(MOVED))
    with Log.open(tmp_path / "log") as log:  # what an opening does first
        log.take_over(New("advance", "", None, None, "2022-06-30"), inputs.digests, inputs.contents())
    for _ in range(2):
        with lr.Live(inputs.rules, inputs.org, tmp_path / "log") as live:
            assert [(r.subject, r.seq, r.cause) for r in live.restatements(publication)] == [
                ("blue", 5, "organisation"), ("red", 5, "organisation"),
            ]  # fmt: skip
            assert totals(live.standing(publication)) == {"red": 54.92, "blue": 74.92}


# ---- other rules


def test_revised_rules_are_a_change_on_opening_and_restate(tmp_path: Path) -> None:
    stricter = RULES.replace("salons >= 1, every", "salons >= 2, every")
    with opened(tmp_path / "log", at="2005-02-10") as live:
        live.post(event("1", "2005-01-05"))
        publication = live.publish("2005-01")
    with opened(tmp_path / "log", rules=stricter) as live:
        assert said(live.replayed, "duty") == ["salon a 2005-01: met -> missed"]
        assert {str(c.cause) for c in live.replayed} == {"rules"}
        assert [n.message for n in live.notices] == [
            "opened with other rules than the last time: 1 change, 1 restatement"
        ]
        assert [(r.subject, r.cause) for r in live.restatements(publication)] == [("a", "rules")]
        live.verify(publication)
        (change,) = live.replayed
        assert change_sentence(change, "en", live.rules) == (
            "a: salon 2005-01 changed from met to missed, because the rules changed"
        )
        assert change_sentence(change, "zh", live.rules).startswith("因规则变动，")


def test_a_rule_that_is_gone_and_one_that_is_new_are_changes(tmp_path: Path) -> None:
    renamed = RULES.replace("  salon: {for", "  circle: {for")
    with opened(tmp_path / "log", at="2005-01-31") as live:
        live.publish("2005-01")
    with opened(tmp_path / "log", rules=renamed) as live:
        january = [c for c in live.replayed if c.period == "2005-01" and c.subject == "a"]
        assert said(january) == ["circle a 2005-01: nothing -> missed", "salon a 2005-01: missed -> nothing"]
        assert change_sentence(january[1], "en", live.rules) == (
            "a: salon 2005-01 is no longer judged (was missed), because the rules changed"
        )
        assert sorted((r.rule, r.subject) for r in live.restatements()) == [
            ("circle", "a"), ("circle", "b"), ("salon", "a"), ("salon", "b"),
        ]  # fmt: skip


def test_a_version_put_before_another_moves_no_result_that_is_the_same(tmp_path: Path) -> None:
    one = "{for: units where level == department, require: salons >= 1, every: month, at_risk: 7 days}"
    earlier = f"[{one[:-1]}, effective: {{to: 2005-01-31}}}}, {one[:-1]}, effective: {{from: 2005-02-01}}}}]"
    with opened(tmp_path / "log", at="2005-03-10") as live:
        live.publish("2005-02")
    with opened(tmp_path / "log", rules=RULES.replace(one, earlier)) as live:
        assert {(c.old.version, c.new.version) for c in live.replayed if c.old and c.new} == {(0, 1)}
        assert all(c.old and c.new and c.period >= "2005-02" for c in live.replayed)
        assert [(json.loads(r.old)["status"], json.loads(r.new)["status"]) for r in live.restatements()] == [("missed", "missed")] * 2  # fmt: skip


def test_rules_and_organisation_that_both_differ_are_told_one_after_the_other(tmp_path: Path) -> None:
    published(tmp_path / "log")
    stricter = ruleset(TEAMS.replace("require: any(course)", "require: count(course) >= 2"))
    with lr.Live(stricter, organisation(MOVED), tmp_path / "log") as live:
        assert [c.cause.sort for c in live.replayed] == sorted(c.cause.sort for c in live.replayed)
        assert {c.cause.sort for c in live.replayed} == {"organisation", "rules"}
        (notice,) = live.notices
        assert notice.message.startswith("opened with other rules and another organisation than the last time: ")
        batch = lr.assess(stricter, organisation(MOVED), lr.events_from(COURSES), at="2022-06-30")
        assert live.result().scorecards.records == batch.scorecards.records
        for publication in live.publications():
            live.verify(publication)


def test_an_organisation_that_does_not_fit_the_rules_before_comes_with_the_new_ones_at_once(tmp_path: Path) -> None:
    published(tmp_path / "log")
    more = ruleset(TEAMS.replace("levels: [firm, team]", "levels: [firm, team, group]"))
    grouped = organisation(MOVED.replace("persons:", "  - {id: green, level: group, parent: red}\npersons:"))
    with lr.Live(more, grouped, tmp_path / "log") as live:
        assert {c.cause.sort for c in live.replayed} == {"inputs"}
        assert (live.seq, len(live.restatements())) == (5, 2)
        change = live.replayed[0]
        assert change_sentence(change, "en", live.rules).endswith(", because the rules and the organisation changed")


def test_rules_that_end_before_the_day_judged_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with opened(path, at="2005-08-10") as live:
        publication = live.publish("2005-07")
    ended = RULES.replace("to: 2006-12-31}", "to: 2005-07-31}").replace("to: 2006-06-30,", "to: 2005-07-31,")
    with pytest.raises(InputError) as refused:
        opened(path, rules=ended)
    assert str(refused.value) == (
        f"{path}: L107 the day judged is 2005-08-10, and the rules judge 2005-01-01 to 2005-07-31\n"
        "    hint: let their `effective` go on to 2005-08-10 or later"
    )
    with opened(path) as live:
        assert (live.seq, live.notices, live.replayed) == (1, [], [])
        live.verify(publication)
        with pytest.raises(InputError, match="L107"):
            live.revise(programme(ended)[0])
        with pytest.raises(InputError, match="L101"):
            live.revise(programme(RULES.replace("id: small", "id: other"))[0])
        assert said(live.revise(programme(RULES.replace("salons >= 1, every", "salons >= 0, every"))[0]), "duty")[
            0
        ] == ("salon a 2005-01: missed -> met")


def test_rules_are_the_same_wherever_their_files_are(tmp_path: Path) -> None:
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "r.yaml").write_text(RULES)
    with lr.Live(lr.load(tmp_path / "one"), programme()[1], tmp_path / "log", at="2005-01-10"):
        pass
    with lr.Live(lr.load(tmp_path / "other" / "r.yaml"), programme()[1], tmp_path / "log") as live:
        assert (live.notices, live.seq) == ([], 1)


def test_before_a_first_day_other_inputs_change_nothing_and_are_kept(tmp_path: Path) -> None:
    with opened(tmp_path / "log") as live:
        live.post(event("1", "2005-01-05"))
    with opened(tmp_path / "log", rules=RULES.replace("salons >= 1, every", "salons >= 2, every")) as live:
        assert (live.replayed, live.seq) == ([], 1)
        changes = live.advance("2005-01-31")
    with opened(tmp_path / "log", rules=RULES.replace("salons >= 1, every", "salons >= 2, every"), since=0) as live:
        assert live.replayed == changes


# ---- logs that hold no inputs


def test_a_log_of_an_older_version_opens_in_silence_with_what_it_was_used_with(tmp_path: Path) -> None:
    publication = published(tmp_path / "log")
    without_inputs(tmp_path / "log")
    with lr.Live(ruleset(TEAMS), organisation(BEFORE), tmp_path / "log") as live:
        assert (live.replayed, live.notices, live.seq) == ([], [], 4)
        live.verify(publication)
    with lr.Live(ruleset(TEAMS), organisation(MOVED), tmp_path / "log") as live:  # it holds them now
        assert live.notices[0].code == "L108"


def test_of_a_log_of_an_older_version_with_another_organisation_what_was_published_is_restated(tmp_path: Path) -> None:
    publication = published(tmp_path / "log")
    without_inputs(tmp_path / "log")
    with lr.Live(ruleset(TEAMS), organisation(MOVED), tmp_path / "log") as live:
        changes = live.replayed
        assert [(n.code, n.message) for n in live.notices] == [
            ("L109", "opened with another organisation than the last time: the log does not hold what was before, so that changes of "
             "published results only are known, 2 restatements")
        ]  # fmt: skip
        assert totals(live.standing(publication)) == {"red": 54.92, "blue": 74.92}
        assert [(c.subject, c.rule, str(c.cause)) for c in changes] == [
            (s, "q", "organisation") for s in ("blue", "red")
        ]
        with pytest.raises(InputError) as refused:
            live.verify(publication)
        assert str(refused.value).endswith(
            "hint: not as they were when it was published, and those are not in the log: the organisation"
        )
    for since in (None, 4):
        with lr.Live(ruleset(TEAMS), organisation(MOVED), tmp_path / "log", since=since) as live:
            assert live.replayed == ([] if since is None else changes)
            assert len(live.restatements()) == 2


# ---- what the log keeps


@given(organisations())
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_organisation_comes_out_of_the_log_as_it_went_in(org: Records) -> None:
    assert_comes_back(Inputs.of(ruleset(TEAMS), org.made))


@pytest.mark.parametrize("name", ["zhabei-2003", "permit-intake"])
def test_shipped_rules_and_organisations_come_out_of_the_log_as_they_went_in(name: str) -> None:
    folder = Path(__file__).parents[2] / "rulesets" / name
    assert_comes_back(Inputs.of(lr.load(folder), lr.read_org(folder / "example" / "org")))


def test_what_was_set_comes_out_of_the_log_too(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(RULES + "\nparameters: {some: 3, word: 'one'}\n")
    rules = lr.load(tmp_path, set={"some": 4, "word": "two", "best.quota": "2"})
    assert_comes_back(Inputs.of(rules, programme()[1]))


def assert_comes_back(inputs: Inputs) -> None:
    contents = inputs.contents()
    back = inputs_from(inputs.digests, *map(contents.get, inputs.digests))
    assert back is not None
    assert back.rules.fields == inputs.rules.fields
    assert back.org.nodes == inputs.org.nodes
    assert back.org.edges == inputs.org.edges
    assert back.org.versions == inputs.org.versions
    assert Inputs.of(back.rules, back.org).digests == inputs.digests


def test_thirty_thousand_persons_take_some_hundred_kilobytes() -> None:
    here, units = Source("org"), [f"unit-{i:03}" for i in range(300)]
    nodes = [Node(u, "unit", {"en": f"Unit {u}"}, None, None, here) for u in units]
    persons = [f"{(i * 7919) % 99_991:05}-{i % 7}" for i in range(30_000)]
    nodes += [Node(p, "person", {"en": f"Person {p}"}, None, None, here) for p in persons]
    edges = [Edge("member_of", p, units[i * 31 % 300], None, None, {}, here) for i, p in enumerate(persons)]
    attributes = [
        Attribute(p, "grade", "senior" if i % 3 else "junior", None, None, here) for i, p in enumerate(persons)
    ]
    org = lr.Organisation.of(
        nodes, edges, [*attributes, *(Attribute(u, "level", "team", None, None, here) for u in units)]
    )
    inputs = Inputs.of(ruleset(TEAMS), org)
    assert sum(map(len, inputs.contents().values())) < 500_000
    assert_comes_back(inputs)
