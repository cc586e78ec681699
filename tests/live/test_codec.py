"""Results kept as JSON: those of logs that were written before the kinds had one form are read as those of today."""

import json

import pytest

from learnorg_rules.live.codec import NOTHING, line_of, record_of, renewed

DUTY = (
    '{"above":false,"appeal":null,"due":"2005-01-31","duty":"salon","first":null,"hears_next":["city"],"period":"2005-01",'
    '"responsible":["a"],"start":"2005-01-01","status":"missed","subject":"a","unmet_in":[],"value":false,"version":1,'
    '"waiver":null}'
)
SCORECARD = (
    '{"appeal":null,"decided_by":["talk"],"decimals":2,"first":null,"grade":"poor","grade_by_total":"good","items":[{"appeal":'
    '{"decided":"","decided_by":"town","event":"r1","period":"2005","points":"7/2","reason":"flood","rule":"year.often",'
    '"subject":"a"},"category":"","first":15,"indicator":"often","out_of":60,"period":"2005","points":"7/2","scorecard":"year",'
    '"state":"scored","subject":"a","value":"1/4","waiver":{"event":"w1","from":"2005-01-01","granted_by":"town","reason":'
    '"flood","rule":"year.often","subject":"a","until":"2005-12-31"}}],"out_of":100,"period":"2005","provisional":true,'
    '"scorecard":"year","subject":"a","total":"7/2","version":0,"vetoes":[]}'
)
AWARD = (
    '{"award":"cup","candidates":3,"keys":["93/5","a"],"outcome":"granted","peers":"","period":"2005","quota":1,"rank":1,'
    '"subject":"a","version":0}'
)
AWARD_BEFORE_DECISIONS = (
    '{"candidates":3,"keys":["93/5","a"],"kind":"award","outcome":"granted","peers":"","period":"2005","quota":1,"rank":1,'
    '"rule":"cup","subject":"a","version":0}'
)
DECISION = (
    '{"because":{"by_language":{"en":"it missed salon"}},"do":"notify","facts":["duty(a)"],"number":0,"rule":"talk",'
    '"subject":"a","values":{"period":"2005-01","to":"city"}}'
)


@pytest.mark.parametrize(
    ("line", "kind", "rule", "period"),
    [
        (DUTY, "duty", "salon", "2005-01"),
        (SCORECARD, "scorecard", "year", "2005"),
        (AWARD, "award", "cup", "2005"),
        (AWARD_BEFORE_DECISIONS, "award", "cup", "2005"),
        (DECISION, "decision", "talk", "2005-01"),
    ],
)
def test_a_result_of_an_old_log_is_read_and_written_as_today(line, kind, rule, period):
    now = renewed(line)
    assert {key: json.loads(now)[key] for key in ("kind", "rule", "period")} == {
        "kind": kind, "rule": rule, "period": period,
    }  # fmt: skip
    record = record_of(line)
    assert line_of(record) == now == renewed(now)
    assert record == record_of(now)


def test_indicators_of_an_old_log_name_their_scorecard_as_their_rule():
    (indicator,) = record_of(SCORECARD).indicators
    assert (indicator.rule, indicator.version, indicator.appeal.event) == ("year", 0, "r1")
    assert indicator.waiver.until.isoformat() == "2005-12-31"


def test_no_result_is_no_record():
    assert renewed(NOTHING) == NOTHING
    assert record_of(NOTHING) is None
