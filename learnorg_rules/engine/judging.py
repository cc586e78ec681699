"""Rules in their order: duties, scorecards, awards and plans, each from settled values."""

from attrs import field, frozen

from ..errors import Issues
from .bench import Bench
from .judge_awards import judge_award
from .judge_duties import judge_duty
from .judge_phases import judge_plan
from .judge_scores import judge_scorecard
from .results import AwardResult, DutyResult, PhaseResult, ScoreResult

__all__ = ["Judging"]


@frozen
class Judging:
    """One run over all rules. `bench.findings` has what an author or a person has to settle."""

    bench: Bench
    duties: list[DutyResult] = field(factory=list)
    scores: list[ScoreResult] = field(factory=list)
    awards: list[AwardResult] = field(factory=list)
    phases: list[PhaseResult] = field(factory=list)

    @property
    def findings(self) -> Issues:
        """What a person has to settle, with subject and place."""
        return self.bench.findings

    def run(self) -> None:
        """Judge every rule, in the dataflow's order."""
        ruleset = self.bench.binding.ruleset
        for node in self.bench.dataflow.rules:
            if node.kind == "duty":
                self.duties.extend(judge_duty(self.bench, node, ruleset.duties[node.id][node.version]))
            elif node.kind == "scorecard":
                self.scores.extend(judge_scorecard(self.bench, node, ruleset.scorecards[node.id][node.version]))
            elif node.kind == "phase":
                self.phases.extend(judge_plan(self.bench, node, ruleset.phases[node.id][node.version]))
            else:
                self.awards.extend(judge_award(self.bench, node, ruleset.awards[node.id][node.version]))
