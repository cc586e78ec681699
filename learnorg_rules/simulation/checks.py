"""What can be wrong in a scenario whose form is right: numbers, names, and what does not go together."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from ..counting.binding import Binding, bind
from ..documents import Scalar
from ..errors import InputError, Issues, Source, did_you_mean
from ..expr.nodes import Subjects
from ..model.definitions import EventKind, FieldType
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY, Period
from .definitions import Behaviour
from .draw_checks import fault_of
from .forms import BehaviourForm, Drawn, Head, OrganisationForm, Persons, ResponseForm, ShapeLevel

__all__ = ["MOST", "check_behaviour", "check_head", "check_shape", "selected"]

MOST = 10_000_000  # repetitions
_COUNT = FieldType("integer", min=Fraction(0))


def check_head(head: Head, rules: Ruleset, issues: Issues) -> bool:
    """The section `scenario`; whether its days are ones the rules judge."""
    if head.repetitions < 1:
        issues.error(head.place("repetitions"), "M102", f"{head.repetitions} repetitions; at least 1 is expected")
    if head.repetitions > MOST:
        message = f"more than {MOST:,} repetitions"
        issues.error(
            head.place("repetitions"), "M102", message, "a tenth of them gives chances to a tenth of a percent"
        )
    if head.seed < 0:
        issues.error(head.place("seed"), "M102", f"the seed {head.seed} is below zero", "write 0 or more")
    first, last = rules.first_day, rules.end - ONE_DAY
    if head.from_ > head.to:
        issues.error(head.place("to"), "M101", f"{head.to} is before {head.from_}, where the scenario begins")
        return False
    outside = [key for key, day in (("from", head.from_), ("to", head.to)) if not first <= day <= last]
    for key in outside:
        day = head.from_ if key == "from" else head.to
        issues.error(head.place(key), "M101", f"{day} is no day that the rules judge", f"they judge {first} to {last}")
    return not outside


# ---- organisations by shape


def check_shape(form: OrganisationForm, rules: Ruleset, issues: Issues) -> bool:
    """Levels, counts and attributes of a shape; whether it can be made."""
    before = len(issues.errors)
    schema = rules.organisation
    for level in form.shape:
        if schema.levels and level.level not in schema.levels:
            hint = did_you_mean(level.level, schema.levels)
            issues.error(level.place("level"), "M112", f"there is no level '{level.level}'", hint)
        _check_drawn(level, schema.units, "units", issues)
    names = [level.level for level in form.shape]
    for place, level in enumerate(form.shape):
        if level.level in names[:place]:
            issues.error(
                level.place("level"), "M112", f"the level '{level.level}' stands in the shape twice", "name it once"
            )
    persons = form.persons
    if persons is not None:
        if persons.in_ not in names:
            hint = did_you_mean(persons.in_, names)
            issues.error(persons.place("in"), "M112", f"the shape has no level '{persons.in_}'", hint)
        _check_drawn(persons, schema.persons, "persons", issues)
    return len(issues.errors) == before


def _check_drawn(part: ShapeLevel | Persons, declared: Mapping[str, FieldType], what: str, issues: Issues) -> None:
    sort = part.count.draw.sort
    fault = fault_of(part.count.draw, _COUNT) or ("" if sort in ("range", "reported") else "it is no number or range")
    if fault:
        issues.error(part.count.source, "M108", f"count: {fault}", "write 12 or 6..12")
    for name, drawn in part.attributes.items():
        if name not in declared:
            hint = did_you_mean(name, declared)
            issues.error(drawn.source, "M112", f"the ruleset declares no attribute '{name}' of {what}", hint)
        else:
            _check_draw(name, drawn, declared[name], "attribute", issues)


def _check_draw(name: str, drawn: Drawn, kind: FieldType, what: str, issues: Issues) -> None:
    chance = drawn.draw.chance
    if chance is not None:
        _check_chance(name, chance, drawn.source, issues)
    fault = fault_of(drawn.draw, kind)
    if fault:
        issues.error(drawn.source, "M108", f"{what} '{name}': {fault}")


# ---- behaviours


def check_behaviour(
    form: BehaviourForm, subjects: Subjects | None, rules: Ruleset, organisation: Organisation | None, issues: Issues
) -> None:
    """Everything about one behaviour but whom its selector finds. `subjects` is None where the selector was refused."""
    _check_numbers(form, issues)
    kind = rules.events.get(form.event)
    if kind is None:
        hint = did_you_mean(form.event, rules.events)
        issues.error(form.place("event"), "M106", f"there is no kind of event '{form.event}'", hint)
    elif kind.effect:
        message = f"'{form.event}' is {_an(kind.effect)}, which somebody decides and nobody just does"
        issues.error(form.place("event"), "M106", message, "name a kind without an effect")
    else:
        _check_fields(form, kind, rules, issues)
        _check_persons(form, subjects, kind, organisation, issues)
    for response in form.responds:
        _check_response(response, rules, issues)


def _check_numbers(form: BehaviourForm, issues: Issues) -> None:
    for key, number in (("rate", form.rate), ("spread", form.spread), ("recorded_after", form.recorded_after)):
        _check_not_below(key, number, form.place(key), issues)
    _check_not_below("attendance_spread", form.attendance_spread, form.place("attendance_spread"), issues)
    months: set[int] = set()
    for name, factor, place in form.season.months:
        if not _is_month(name):
            issues.error(name.source, "M104", f"'{name.text}' is not a month", "write a number from 1 to 12")
        elif int(name.text) in months:
            issues.error(name.source, "M104", f"the month {int(name.text)} stands there twice", "write it once")
        else:
            months.add(int(name.text))
        _check_not_below("season", factor, place, issues)
    if form.attendance is not None and _check_chance("attendance", form.attendance, form.place("attendance"), issues):
        most = form.attendance * (1 - form.attendance)
        if form.attendance_spread > 0 and form.attendance_spread**2 >= most:
            message = (
                f"subjects cannot differ by {float(form.attendance_spread):g} in a chance of {float(form.attendance):g}"
            )
            hint = f"write less than {float(most) ** 0.5:.3g}"
            issues.error(form.place("attendance_spread"), "M103", message, hint)
    if form.attendance is None and form.attendance_spread:
        message = "'attendance_spread' stands without 'attendance'"
        issues.error(form.place("attendance_spread"), "M114", message, "write 'attendance', or leave it out")
    if form.errors is not None:
        _check_chance("errors", form.errors.chance, form.errors.place("chance"), issues)
        after = form.errors.corrected_after
        _check_not_below(
            "corrected_after", None if after is None else Fraction(after), form.errors.place("corrected_after"), issues
        )


def _is_month(name: Scalar) -> bool:
    return name.text.isascii() and name.text.isdigit() and 1 <= int(name.text) <= 12


def _check_not_below(key: str, number: Fraction | None, place: Source, issues: Issues) -> None:
    if number is not None and number < 0:
        issues.error(place, "M102", f"'{key}' is {float(number):g}, below zero", "write 0 or more")


def _check_chance(key: str, chance: Fraction, place: Source, issues: Issues) -> bool:
    if 0 <= chance <= 1:
        return True
    issues.error(place, "M103", f"'{key}' is {float(chance):g}, no chance between 0 and 1", "write it as 80% or 0.8")
    return False


def _check_fields(form: BehaviourForm, kind: EventKind, rules: Ruleset, issues: Issues) -> None:
    takes = {name: needed for name, needed in kind.takes.items() if name != "person"}
    for name, drawn in form.fields.items():
        if name not in takes:
            issues.error(drawn.source, "M107", f"'{name}' is not a field of '{form.event}'", did_you_mean(name, takes))
        else:
            _check_draw(name, drawn, rules.fields[name], "field", issues)
    for name, needed in takes.items():
        if needed and name not in form.fields:
            hint = f"write it under 'fields', such as {{{name}: {_example(rules.fields[name])}}}"
            issues.error(form.place("fields"), "M109", f"'{form.event}' needs the field '{name}'", hint)


def _example(kind: FieldType) -> str:
    if kind.type == "choice":
        return f"[{', '.join(kind.of)}]"
    return {"boolean": "80%", "date": "2005-01-01..2005-12-31", "text": "[history, law]"}.get(kind.type, "60..120")


def _check_persons(
    form: BehaviourForm, subjects: Subjects | None, kind: EventKind, organisation: Organisation | None, issues: Issues
) -> None:
    family = "" if subjects is None else subjects.family
    of_persons = family == "persons"
    takes, needs = "person" in kind.takes, kind.takes.get("person", False)
    if form.attendance is not None and not takes:
        message = f"'{form.event}' takes no person, so nobody can attend it"
        issues.error(form.place("attendance"), "M114", message, "leave 'attendance' out")
    elif form.attendance is not None and of_persons:
        message = "'attendance' is of the members of units; this behaviour is of persons"
        issues.error(form.place("attendance"), "M114", message, "leave 'attendance' out")
    elif needs and form.attendance is None and family in ("units", "bodies"):
        message = f"'{form.event}' needs a person, and the behaviour is of {family} without 'attendance'"
        issues.error(form.place("event"), "M114", message, "write 'attendance: 75%', or 'for: persons'")
    elif of_persons and not takes:
        message = f"'{form.event}' takes no person, and the behaviour is of persons"
        issues.error(form.place("event"), "M114", message, "name a kind that takes a person")
    if (of_persons or form.attendance is not None) and organisation is not None and not organisation.persons:
        message = "the behaviour is about persons, and the organisation has none"
        issues.error(form.source, "M113", message, "write 'persons' under 'organisation'")


def _check_response(form: ResponseForm, rules: Ruleset, issues: Issues) -> None:
    _check_not_below("factor", form.factor, form.place("factor"), issues)
    _check_not_below("within", form.within, form.place("within"), issues)
    takes_within = form.to in ("distance", "rank")
    if takes_within and form.within is None:
        issues.error(form.source, "M115", f"'to: {form.to}' needs the key 'within'", "such as within: 3")
    elif not takes_within and form.within is not None:
        issues.error(form.place("within"), "M115", f"'to: {form.to}' takes no 'within'", "leave it out")
    sort, known = {
        "missed": ("duty", rules.duties), "at_risk": ("duty", rules.duties), "distance": ("scorecard", rules.scorecards),
    }.get(form.to, ("award", rules.awards))  # fmt: skip
    if form.rule not in known:
        issues.error(form.place("rule"), "M110", f"there is no {sort} '{form.rule}'", did_you_mean(form.rule, known))
    elif form.to == "distance" and not any(card.grades for card in rules.scorecards[form.rule]):
        issues.error(form.place("rule"), "M110", f"the scorecard '{form.rule}' has no grades", "name one that has")


def selected(
    behaviour: Behaviour, form: BehaviourForm, head: Head, rules: Ruleset, organisation: Organisation, issues: Issues
) -> None:
    """Whether the selector finds anybody, and members where they are to attend."""
    tree, place = behaviour.subjects, form.place("for")
    unknown = [name for name in (*tree.ids, tree.of, tree.by) if name and name not in organisation.nodes]
    for name in unknown:
        hint = did_you_mean(name, organisation.nodes)
        issues.error(place, "M116", f"the organisation has no '{name}'", hint)
    if unknown:
        return
    try:
        binding = bind(rules, organisation, head.to)
    except InputError:
        return  # reported when the organisation was read
    found = _found(binding, tree, head, rules)
    if not found:
        issues.error(place, "M116", f"'{form.for_.text}' finds nobody on the first day of any step")
    along = rules.header.roll_up.along
    attended = any(organisation.as_of(day).members(subject, along) for subject, day in found)
    if found and behaviour.attendance is not None and not attended:
        issues.error(place, "M113", f"nobody belongs to '{form.for_.text}', so nobody attends")
    persons = {subject for subject, _ in found if organisation.kind(subject) == "person"}
    kind = rules.events.get(behaviour.event)
    if found and not persons and behaviour.attendance is None and kind is not None and kind.takes.get("person"):
        message = f"'{behaviour.event}' needs a person, and '{form.for_.text}' are none"
        issues.error(place, "M114", message, "write 'attendance: 75%', or name persons")


def _found(binding: Binding, tree: Subjects, head: Head, rules: Ruleset) -> set[tuple[str, date]]:
    steps = rules.calendar.schedule(head.step, head.from_, head.to + ONE_DAY).periods
    days = [max(step.start, head.from_) for step in steps]
    return {(s, day) for day in days for s, _ in binding.select(tree, Period(day, day + ONE_DAY, "step"))}


def _an(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
