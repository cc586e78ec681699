"""The codes of faults in scenarios: M1xx."""

from collections.abc import Mapping

__all__ = ["CODES"]

CODES: Mapping[str, tuple[str, str]] = {
    "M101": (
        "a horizon that the rules do not judge",
        "`from` and `to` of a scenario lie within `effective` of its ruleset, and `from` is not after `to`.",
    ),
    "M102": (
        "a number out of range",
        "Rates, factors, spreads and delays are not below zero, and repetitions are at least 1 and at most ten million. Nothing is cut off to fit.",
    ),
    "M103": (
        "not a chance",
        "A chance lies between 0 and 1, both included. Where subjects differ in a chance, its deviation must be less than "
        "the root of chance * (1 - chance), or no distribution on 0..1 has it.",
    ),
    "M104": ("not a month", "The keys of `season` are months, 1 to 12, each once."),
    "M105": (
        "a scenario without its parts",
        "A scenario has at least one behaviour and one policy; its organisation is given by `files` or by `shape`, not by "
        "both.",
    ),
    "M106": ("unknown kind of event", "`event` names a kind that the ruleset declares and that has no effect of its own."),
    "M107": ("not a field of the kind", "`fields` says how the fields of the behaviour's kind of event are drawn, and no others."),
    "M108": (
        "a draw that does not fit",
        "What is drawn must be of the type of the field or attribute, among its options, and within its `min` and `max`.",
    ),
    "M109": ("a needed field is not drawn", "The kind of event needs the field; without it every event would be put aside."),
    "M110": (
        "a response to nothing",
        "`missed` and `at_risk` name a duty, `award`, `no_award` and `rank` an award, `distance` a scorecard with grades.",
    ),
    "M111": ("unknown parameter", "`set` of a policy names a parameter of the ruleset, or the path of a value in its rules."),
    "M112": ("unknown level or attribute", "Levels and attributes of a shape are those that the ruleset declares."),
    "M113": (
        "no persons",
        "The behaviour is about persons, or is attended by them, and the organisation has none, or none there.",
    ),
    "M114": (
        "persons and kinds that do not go together",
        "`attendance` is for units and bodies, with a kind that takes a person; a kind that needs a person is of persons, or "
        "attended.",
    ),
    "M115": ("`within` is missing or in vain", "`distance` and `rank` say within what; the others do not."),
    "M116": ("a behaviour of nobody", "On no first day of a step does the selector find anybody, so nothing would happen."),
    "M117": ("a policy that the rules refuse", "With what the policy sets, the ruleset has faults that it does not have without."),
    "M118": (
        "more memory than allowed",
        "The results, as rows of all repetitions and policies, would need more than was allowed (`--memory`, `simulate(memory=)`), or than the machine has where nothing was said. The estimate counts rows by "
        "rule, subject and period, and takes 32 bytes for a text, 8 for other values, and twice that while tables are joined.",
    ),
}  # fmt: skip
