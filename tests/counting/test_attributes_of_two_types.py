"""Units and persons may have attributes of one name and two types; each is read in its own."""

from programmes import assess_text, salons

RULES = """
ruleset:
  id: two_types
  effective: {from: 2005-01-01, to: 2005-12-31}
organisation:
  levels: [district, section]
  units: {rank: integer}
  persons: {rank: {type: choice, of: [ke, chu]}, level: integer}
events:
  salon: [person?]
measures:
  of_ke: count(salon where rank == ke and level == 7)
  at_two: count(salon where unit.rank == 2)
duties:
  some: {for: units where level == district and rank == 2, every: year, require: of_ke == 1 and at_two == 1 and persons(level > 6) == 1}
"""
ORG = """
units:
  - {id: a, level: district, rank: 2}
  - {id: b, level: section, parent: a, rank: [{value: 3, to: 2005-05-31}, {value: "4", from: 2005-06-01}]}
persons:
  - {id: ann, unit: b, rank: ke, level: 7}
  - {id: bo, unit: a, rank: chu, level: 6}
"""


def test_an_attribute_of_units_and_one_of_persons_with_its_name_do_not_meet():
    events = [*salons("a", "2005-03-01", person="bo"), *salons("b", "2005-03-01", person="ann")]
    result = assess_text(RULES, ORG, events, at="2005-12-31")
    assert [(duty.subject, str(duty.status)) for duty in result.duties] == [("a", "met")]
