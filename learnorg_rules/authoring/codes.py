"""The codes of faults in rule files that are no fault of YAML, of form, or of an expression."""

from collections.abc import Mapping

__all__ = ["CODES"]

CODES: Mapping[str, tuple[str, str]] = {
    "E210": (
        "unknown section",
        "The first level of a rule file holds the sections of the reference and nothing else.",
    ),
    "E211": (
        "one id, two definitions",
        "An id is unique in its section over all files of the folder. Rules that changed over time are a list of "
        "versions under one id, in one place.",
    ),
    "E212": (
        "the section `ruleset` is missing or doubled",
        "Exactly one file of the folder says what the ruleset is called, in which time zone its days begin, and "
        "which days it judges.",
    ),
    "E213": (
        "unknown time zone",
        "A time zone is a name of the IANA database, such as `Asia/Shanghai`; it decides on which day an event falls.",
    ),
    "E214": (
        "versions overlap",
        "Two versions of a rule are in force on one day, so it would be open which of them judges it.",
    ),
    "E215": (
        "`--set` names nothing there is",
        "From outside a parameter can be replaced by its name, and any value of a rule by its path, such as "
        "`card.indicator.points`.",
    ),
    "E216": (
        "not a value of a parameter",
        "A parameter is a number, a percentage, a number with a unit, a duration, a date, a text in quotes, true or "
        "false, a list of ids or numbers, or a mapping from days to these.",
    ),
    "E217": (
        "a date range ends before it begins",
        "Both ends of `from` and `to` are included; `to` is the same day or later.",
    ),
    "E218": (
        "two names that look the same",
        "A warning: two names or options differ in a letter of another script, a blank or the like, which nobody can see. Write "
        "one of them as the other, or rename one. Accents written in two ways are one name.",
    ),
    # Faults of expressions; `learnorg_rules.expr` finds them.
    "E301": (
        "malformed expression",
        "The text is no expression. Signs of other languages and of a keyboard in Chinese are named with what to write "
        "instead: `=` is `==`, `&&` is `and`, `（` is `(`.",
    ),
    "E302": (
        "the expression is too large",
        "Texts, nesting and numbers have limits far above what a rule needs. Give parts of it names under `measures`.",
    ),
    "E303": (
        "an impossible value",
        "A day that the calendar does not have, a number with an exponent, a duration of half a day.",
    ),
    "E304": (
        "unknown name",
        "The name means nothing in this place. Names are measures, parameters and attributes of the subject; inside an "
        "aggregate they are fields of the events, attributes of the person, and parameters.",
    ),
    "E305": (
        "types that do not go together",
        "A number is compared with a date, a condition is expected where a number stands, and the like.",
    ),
    "E306": (
        "units of measure differ",
        "Minutes and persons can be divided by each other, and not added or compared. A bare number agrees with every "
        "unit.",
    ),
    "E307": (
        "not an option",
        "A choice is compared with a word that is not among its options.",
    ),
    "E308": (
        "unknown kind of event",
        "An aggregate names a kind that the section `events` does not declare.",
    ),
    "E309": (
        "a function used wrongly",
        "There is no function of this name, or it takes other arguments. The list of functions is closed.",
    ),
    "E310": (
        "an aggregate used wrongly",
        "Aggregates over events do not nest, stand in measures, duties and scorecards only, and each has one form.",
    ),
    "E311": (
        "cannot be computed over events",
        "What stands inside an aggregate is computed for every event in exact decimals: no division, and functions "
        "over constants only; and what is multiplied must not come to more than 1000 digits. Compute after aggregating.",
    ),
    "E501": (
        "a cycle",
        "Measures, duties (through `met`) or selectors depend on each other in a circle, so none could be computed "
        "first. `previous(x)` counts as depending on x.",
    ),
    "E502": (
        "one name, two meanings",
        "In one expression the name could mean either. Rename one.",
    ),
    "E503": (
        "a share that is no ratio",
        "A share is a ratio: its units of measure cancel out. `sum(minutes in study)` is a number of minutes, and ten "
        "points for it would depend on whether it is counted in minutes or hours.",
    ),
    "E504": (
        "exactly one of several keys",
        "A duty repeats (`every`) or has a last day (`by`). An indicator has one of `share`, `when` and `value`; "
        "a scorecard has `categories` or `indicators`.",
    ),
    "E505": (
        "unknown period",
        "`every` takes year, half, quarter, month, week, day, or a list that the section `ruleset` names in `periods`.",
    ),
    "E506": (
        "a constant cannot be used",
        "Points, days and the like are expressions over parameters. They must have a value on every day on which "
        "the rule is in force, and points are not negative.",
    ),
    "E507": (
        "points do not add up",
        "The points of the parts must give the points declared for the whole, for every value the parameters take. "
        "Indicators without points share equally what their category has left.",
    ),
    "E508": (
        "the number of items differs",
        "`declared_items` is the number the source states; the indicators in force are counted against it.",
    ),
    "E509": (
        "grades leave a gap or overlap",
        "Every total has exactly one grade. In the short form each grade is a lower bound and the best comes first; in "
        "the long form the bands must touch, and one side of each border includes it.",
    ),
    "E510": (
        "`missing` must be written",
        "The indicator can be without a value, and what follows from that is a decision of the programme: `zero`, "
        "`exclude` or `missing`.",
    ),
    "E511": (
        "an award that cannot be decided",
        "A quota needs an order (`rank_by`), of which every entry but `id` says `descending` or `ascending`; `id` breaks every tie "
        "and so comes last; `within` is a level; a quota is a whole number.",
    ),
    "E512": (
        "keys that do not go together",
        "The key has no meaning beside the others: `above` needs a requirement of the form `x in a..b`, `from` needs "
        "`by`, `without_events: missing` needs a value that is one aggregate.",
    ),
    "E513": (
        "a type and its keys disagree",
        "`of` belongs to a choice, `places` to a decimal, `unit`, `min` and `max` to numbers.",
    ),
    "E514": (
        "undeclared field",
        "A kind of event lists a field that the section `fields` does not declare.",
    ),
    "E515": (
        "an empty range",
        "The lower end of a range is above its upper end, so nothing can lie in it.",
    ),
    "E516": (
        "never in force",
        "The rule has no day in common with the days the ruleset judges.",
    ),
    "E517": (
        "a setting of the ruleset is out of range",
        "`year_starts` is a month, `required_share` a share above 0, periods of a list do not overlap, and the like.",
    ),
    "E518": (
        "no such grade",
        "A veto sets a grade that the scorecard does not have.",
    ),
    "E519": (
        "a selector among ids",
        "A list of subjects holds ids only. A named selector stands alone.",
    ),
    "E520": (
        "unknown kind of edge",
        "Selectors follow edges of the kinds an organisation can have, and `roll_up` follows one that makes a tree.",
    ),
    "E522": (
        "steps that do not follow each other",
        "The steps of a plan stand in the order of their days, do not overlap, and lie within the days judged.",
    ),
    "E523": (
        "a gate that says nothing",
        "A gate of a plan is the same whatever happens, or asks a count to be negative, so it can never hold.",
    ),
    "E524": (
        "an event with an effect lacks a field",
        "A waiver says which rule it lets off, why, who granted it and until when; an appeal says which rule and period "
        "it is about, why, and who decided it.",
    ),
    "E525": (
        "full marks are not the declared whole",
        "A scorecard rounds each part before it adds (`round: {of: parts}`), or to fewer decimals than its points have, so that "
        "who loses nothing has another total than the declared one.",
    ),
    "E526": (
        "a total that nobody can have",
        "A grade begins above full marks, or an award asks for a total that is never reached.",
    ),
    "E530": (
        "peers of whom no rule judges",
        "`peers` are the subjects of the rule that uses the value. A rule for units asks for the peers of a person, or one "
        "for persons for those of a unit, so there are none.",
    ),
    "E531": (
        "a group that is always empty",
        "Persons have no `members`, `children`, `below`, `led` or `guided`, and `home` is where a person belongs: a rule "
        "for subjects of the other sort would count nobody.",
    ),
    "E532": (
        "an item that takes points away",
        "The `value` of an indicator is between 0 and its points. One that can never be above 0 would have no points at all, or, "
        "under `missing: zero`, take nothing away: say what is left of its points instead.",
    ),
    "E533": (
        "a result or attribute of the other sort of subject",
        "A rule for units asks for the score, duty or attribute of persons, or the other way round: a subject of the rule never has "
        "one. Reach the others through a group: `mean(met(certificate) in members)`, `max(year.total in home)`.",
    ),
    "E521": (
        "measures rest on each other too deeply",
        "A measure rests on a measure that rests on a measure, and so on, more than twenty times. No reader could "
        "follow it; write some of them out.",
    ),
    "W502": (
        "days between two versions",
        "Two versions of a rule leave days on which neither is in force, so nothing is judged by it then.",
    ),
    "W510": (
        "a value of each, where that of the subject may be meant",
        "Inside a group a name is that of each of its subjects. A measure over the children, compared with each of the "
        "children, is taken of the children of each. `subject.NAME` is that of the subject whose group it is.",
    ),
    "W511": (
        "a quota that is no whole number, or keeps nobody out",
        "A quota that is never below what it counts, such as `10 * candidates`, selects all. For some numbers of candidates the quota is not whole, and then nobody could be selected. How it is rounded is a "
        "decision of the programme.",
    ),
    "W512": (
        "a condition that can never hold, or always does",
        "Whatever happens, the condition is not met (a count below 0, a share above 1, a rank of 0, 13 months in a year, a mark "
        "above the highest that its field takes), or it is met (a count of at least 0). A condition that is meant to hold always is "
        "`true`.",
    ),
    "W514": (
        "a percentage of what is no share",
        "`60%` is 0.6. A total, or a number of events, is compared with a number: `year.total >= 60`.",
    ),
    "W515": (
        "points or a share beyond the whole",
        "The value of an indicator lies between 0 and its points; with another one there is no total. A share above 1 counts as 1, so "
        "a number that is no ratio gives all the points at once. Where the counting is to end, say so: `min(10, 2 * count(visit))`.",
    ),
    "W501": (
        "declared and never used",
        "No rule uses it. This is often a misspelling elsewhere, or what is left of a removed rule.",
    ),
}
