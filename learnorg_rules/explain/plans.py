"""Why a step of a plan stands where it stands: its days, its gates, and what it went through."""

from collections.abc import Iterator

from attrs import frozen

from ..model.results import Transition
from ..tracing.traces import GateTrace, PlanTrace, StepTrace
from .parts import Parts
from .tree import Reason
from .wording import Wording

__all__ = ["Plans"]


@frozen
class Plans:
    """Writes plans of one trace."""

    words: Wording
    parts: Parts

    def value(self, plan: PlanTrace) -> str:
        """The state of the step asked for; of a whole plan those of all its steps."""
        words = self.words
        if not plan.whole:
            return self._state(plan.steps[0])
        states = [words.say("result", what=words.short(s.definition), value=self._state(s)) for s in plan.steps]
        return words.list(states)

    def reasons(self, plan: PlanTrace) -> list[Reason]:
        """What stands behind the step asked for, or behind every step."""
        if not plan.whole:
            return list(self._step(plan.steps[0], whole=False))
        words, found = self.words, []
        for step in plan.steps:
            text = words.say("result", what=words.title(step.definition), value=self._state(step))
            place = words.place(step.definition.source)
            inner = list(self._step(step, whole=True))
            found.append(Reason(text, inner, place, kind="step", reference=step.definition.reference))
        result = plan.steps[0].result
        call = words.ask(result.subject, f"{result.rule}.{result.step}", "")
        return [*found, Reason(words.say("ask_phase", call=call))]

    def _state(self, step: StepTrace) -> str:
        return self.words.state("plan", step.result.state.value)

    def _step(self, step: StepTrace, whole: bool) -> Iterator[Reason]:
        words, result = self.words, step.result
        yield Reason(words.say("planned_days", start=result.from_.isoformat(), last=result.to.isoformat()))
        if step.blocked_by is not None:
            yield Reason(words.say("phase_blocked", phase=words.short(step.blocked_by)))
        for gate in step.gates:
            yield self._gate(step, gate, whole)
        if result.state.value in ("carried_over", "extended", "closed"):
            yield Reason(words.say(f"unmet.{result.unmet}"))
        for transition in result.transitions:
            yield Reason(self._transition(step, transition), kind="transition")

    def _gate(self, step: StepTrace, gate: GateTrace, whole: bool) -> Reason:
        """Whether the gate held on its day, and whether it holds now; its condition with the values up to then."""
        words, state = self.words, gate.state
        due = gate.due.isoformat()
        if state.held:
            phrase = "held"
        elif state.held is None and words.trace.at < gate.due:
            phrase = "holds_before" if state.held_now else "not_yet"
        elif state.held_now:
            phrase = "held_late"
        elif state.held_now is None:
            phrase = "unknown"
        else:
            phrase = "missing" if gate.due < words.trace.at else "missing_on_day"
        what = words.say(f"gate_{state.kind}", name=words.short(gate.definition))
        fault = None if gate.formula is None else gate.formula.fault
        how = words.say(f"gate.{phrase}", day=due, at=words.trace.at.isoformat())
        if phrase == "unknown" and fault is not None:
            how = words.fault(fault)
        text = words.say("result", what=what, value=how)
        inner: list[Reason] = []
        if gate.formula is not None:
            settled = "needs" if state.held else "needs_so_far"
            said = words.say(settled, needs=words.text(gate.formula), was=words.filled(gate.formula))
            inner = [Reason(said, () if whole else self.parts.behind(gate.formula), kind="formula")]
        elif state.kind == "enter":
            inner = [Reason(words.say("gate_nothing_before"))]
        definition = gate.definition
        return Reason(text, inner, words.place(definition.source), kind="gate", reference=definition.reference)

    def _transition(self, step: StepTrace, transition: Transition) -> str:
        words = self.words
        before, after = (words.state("plan", state.value) for state in (transition.before, transition.after))
        phrase = "transition_later" if transition.later else "transition"
        text = words.say(phrase, day=transition.day.isoformat(), before=before, after=after)
        gates = {**step.definition.enter, **step.definition.done}
        names = [words.short(gates[name]) if name in gates else name for name in transition.missing]
        return text + (words.say("transition_lacking", names=words.list(names)) if names else "")
