"""Rules in their order: duties, scorecards, awards and plans, each from settled values."""

from attrs import field, frozen

from ..decisions.port import Decider
from ..errors import Issues
from .bench import Bench
from .deciding import decide, with_decisions
from .judge_awards import judge_award
from .judge_duties import judge_duty
from .judge_phases import judge_plan
from .judge_scores import judge_scorecard
from .results import AwardResult, DecisionResult, DutyResult, PhaseResult, ScoreResult

__all__ = ["Judging"]


@frozen
class Judging:
    """One run over all rules. `bench.findings` has what an author or a person has to settle."""

    bench: Bench
    decider: Decider | None = None  # None where the ruleset decides nothing
    duties: list[DutyResult] = field(factory=list)
    scores: list[ScoreResult] = field(factory=list)
    awards: list[AwardResult] = field(factory=list)
    phases: list[PhaseResult] = field(factory=list)
    decisions: list[DecisionResult] = field(factory=list)

    @property
    def findings(self) -> Issues:
        """What a person has to settle, with subject and place."""
        return self.bench.findings

    def run(self) -> None:
        """Judge every rule in the dataflow's order; decide before awards what they rest on, and after them the rest."""
        ruleset, nodes = self.bench.binding.ruleset, self.bench.dataflow.rules
        for node in nodes:
            if node.kind == "duty":
                self.duties.extend(judge_duty(self.bench, node, ruleset.duties[node.id][node.version]))
            elif node.kind == "scorecard":
                self.scores.extend(judge_scorecard(self.bench, node, ruleset.scorecards[node.id][node.version]))
            elif node.kind == "phase":
                self.phases.extend(judge_plan(self.bench, node, ruleset.phases[node.id][node.version]))
        if self.decider is not None:
            self.decisions.extend(decide(self.bench, self.decider, False, self.duties, self.scores, self.phases))
            self.scores[:] = with_decisions(self.bench, self.scores, self.decisions)
        for node in nodes:
            if node.kind == "award":
                self.awards.extend(judge_award(self.bench, node, ruleset.awards[node.id][node.version]))
        if self.decider is not None:
            after = decide(self.bench, self.decider, True, self.duties, self.scores, self.phases, self.awards)
            self.decisions.extend(after)
