"""The register of checks that no type can do: each looks at a whole ruleset and adds to its issues.

In the order of a rule file. None relies on another having passed: each leaves alone what an earlier one refuses.
"""

from collections.abc import Callable, Sequence

from ..errors import Issues
from ..model.ruleset import Ruleset
from .plan_checks import effects_have_their_fields, gates_can_hold, steps_follow
from .reach_checks import conditions_depend_on_something, percentages_are_shares, values_can_be_earned
from .rule_checks import (
    awards_can_be_decided,
    constants_fit_single_events,
    days_run_forward,
    deadlines_lie_inside,
    duties_have_a_date,
    edges_exist,
    every_is_known,
    groups_hold_somebody,
    only_rules_have_days,
    outer_values_are_named,
    ranges_hold_something,
    rules_come_into_force,
    spans_have_values,
    unused_names,
    values_are_of_their_subjects,
    without_events_fits,
)
from .scorecard_checks import (
    grades_cover_every_total,
    indicators_say_one_thing,
    missing_is_decided,
    points_add_up,
    scorecards_have_indicators,
    shares_are_ratios,
    vetoes_name_grades,
)
from .setting_checks import (
    columns_are_known,
    fields_fit_their_types,
    header_is_sound,
    kinds_list_declared_fields,
    names_look_different,
    periods_are_sound,
)
from .total_checks import totals_can_be_reached

__all__ = ["CHECKS", "CHECKS_OF_WHOLE", "Check"]

Check = Callable[[Ruleset, Issues], None]

CHECKS: Sequence[Check] = (
    # The ruleset itself and its vocabulary; what is wrong here explains much of what may follow.
    header_is_sound,
    periods_are_sound,
    columns_are_known,
    fields_fit_their_types,
    kinds_list_declared_fields,
    names_look_different,
    # Days: before anything that is computed day by day.
    days_run_forward,
    every_is_known,
    only_rules_have_days,
    rules_come_into_force,
    # Rule by rule.
    without_events_fits,
    constants_fit_single_events,
    edges_exist,
    groups_hold_somebody,
    values_are_of_their_subjects,
    outer_values_are_named,
    ranges_hold_something,
    duties_have_a_date,
    deadlines_lie_inside,
    spans_have_values,
    scorecards_have_indicators,
    indicators_say_one_thing,
    shares_are_ratios,
    missing_is_decided,
    points_add_up,
    grades_cover_every_total,
    totals_can_be_reached,
    vetoes_name_grades,
    values_can_be_earned,
    awards_can_be_decided,
    conditions_depend_on_something,
    percentages_are_shares,
    steps_follow,
    gates_can_hold,
    effects_have_their_fields,
)
"""What must hold in every ruleset, also in one of which parts were refused."""

CHECKS_OF_WHOLE: Sequence[Check] = (unused_names,)
"""What can only be said where nothing was refused: a refused rule may be the one that uses a name."""
