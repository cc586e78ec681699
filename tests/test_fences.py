"""What must not come back: the name of a kind of rule where the register of kinds should be asked."""

import ast
from collections.abc import Iterator
from pathlib import Path

from learnorg_rules.model.kinds import KINDS, SORTS

PACKAGE = Path(__file__).parents[1] / "learnorg_rules"
NAMES = {kind.name for kind in KINDS}
CLASSES = {sort.result.__name__ for sort in SORTS} | {kind.definition.__name__ for kind in KINDS} - {"DecisionRule"}

ALLOWED = """
# definitions, records, the register, and what is public
model/definitions.py model/results.py model/ruleset.py model/decision.py model/kinds.py model/references.py public/runs.py
# what points and totals are
model/scorecard.py
# each kind's judge; the order in which kinds are judged; what only a duty has: a last day, periods in a row
judging/duties.py judging/scorecards.py judging/awards.py judging/plans.py judging/deciding.py judging/judging.py
judging/batch.py dataflow/build.py live/follower.py
# names that expressions and decision patterns may use
expr/resolve.py
# each kind's checks
authoring/rule_checks.py authoring/scorecard_checks.py authoring/decision_reading.py authoring/decision_names.py
authoring/total_checks.py authoring/reach_checks.py authoring/decisions.py authoring/decision_reach.py
authoring/dependence.py authoring/expected.py authoring/resolve.py authoring/scopes.py
# each kind's way back, and its sentences
tracing/trace.py tracing/traces.py tracing/plan_traces.py tracing/decision_traces.py
explain/rules.py explain/plans.py explain/decisions.py explain/changes.py explain/summary.py diff/reasons.py diff/rests.py
diff/comparison.py diff/phrases.py words/tables.py
# each kind's table on the terminal
cli/duty_tables.py cli/score_tables.py cli/award_tables.py cli/diff_texts.py cli/diff_markdown.py cli/selection.py
# lines that old logs hold
live/codec.py
# what can be foreseen: of duties and scorecards only
planning/missing.py planning/outlook.py planning/gaming.py planning/trial.py
# rule tests: how each kind is expected
ruletests/targets.py ruletests/results.py ruletests/expectations.py ruletests/running.py ruletests/tracing.py
# tables and pictures of scenarios, with columns of their own
sensitivity/numbers.py sensitivity/variants.py sensitivity/sweeps.py
simulation/windows.py simulation/responses.py simulation/comparisons.py simulation/results.py
simulation/definitions.py simulation/answers.py simulation/forms.py simulation/blocks.py simulation/checks.py
reports/report.py reports/pictures_duties.py reports/pictures_totals.py
# a comparison also moves parts of results
diff/moves.py
"""


def allowed() -> set[str]:
    lines = (line for line in ALLOWED.splitlines() if not line.startswith("#"))
    return {name for line in lines for name in line.split()}


def named(file: Path) -> Iterator[str]:
    """The kinds that the code of a file names: by class, or by a text that is no more than the name."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name | ast.alias):
            name = node.id if isinstance(node, ast.Name) else node.name
            if name in CLASSES:
                yield name
        elif isinstance(node, ast.Constant) and node.value in NAMES:
            yield repr(node.value)


def test_a_kind_is_named_only_where_it_is_meant():
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        name = file.relative_to(PACKAGE).as_posix()
        if name not in allowed() and not name.startswith("decisions/"):
            kinds = sorted(set(named(file)))
            if kinds:
                found[name] = kinds
    assert not found, (
        f"these files name kinds of rules: {found}. Ask learnorg_rules.model.kinds instead (`kind_of`, `kind_named`, `KINDS`, "
        "`rules_in`), so that a new kind works there too; only what is about one kind alone belongs into the list"
    )


def test_the_list_holds_no_file_that_names_no_kind():
    silent = {name for name in allowed() if not (PACKAGE / name).exists() or not set(named(PACKAGE / name))}
    assert not silent, f"take these off the list, they need no kind any more: {sorted(silent)}"
