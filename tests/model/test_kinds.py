import pytest

from learnorg_rules.judging.judging import JUDGES
from learnorg_rules.model.kinds import JUDGED, KINDS, SORTS, kind_named, kind_of, sort_in, sort_of
from learnorg_rules.model.ruleset import Ruleset

FIRST = ["rule", "subject", "period", "version"]


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.name)
def test_every_record_begins_with_rule_subject_period_and_version(sort):
    names = [a.name for a in sort.result.__attrs_attrs__]
    assert names[:4] == FIRST
    read = {*sort.columns, *(name for name, word in sort.more.items() if word != "run")}
    assert all(name in names or isinstance(vars(sort.result).get(name), property) for name in read)


def test_every_kind_has_a_section_of_rulesets_and_every_judged_one_a_judge():
    assert {kind.section for kind in KINDS} <= {a.name for a in Ruleset.__attrs_attrs__}
    assert set(JUDGES) == {kind.name for kind in JUDGED}


def test_the_register_finds_a_kind_by_name_definition_and_record():
    for kind in KINDS:
        assert kind_named(kind.name) is kind
        assert sort_in(kind.section) is kind
        assert kind_of(object.__new__(kind.definition)) is kind
        assert kind_of(object.__new__(kind.result)) is kind
        assert sort_of(object.__new__(kind.result)) is kind
        assert kind.part is None or sort_of(object.__new__(kind.part.result)) is kind.part


def test_what_is_no_result_and_no_rule_has_no_kind():
    with pytest.raises(KeyError):
        kind_of("duty")
    with pytest.raises(KeyError):
        kind_named("duties")
