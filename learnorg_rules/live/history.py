"""Which rules and which organisation were in force from which entries of a log on, and these themselves."""

from collections.abc import Iterator, Sequence
from datetime import date

from ..model.ruleset import Ruleset
from ..periods import ONE_DAY
from ..store import InForce, Log, New
from .codes import refuse, refuse_another
from .inputs import Inputs, inputs_from

__all__ = ["InputHistory"]


class InputHistory:
    """The inputs of one log.

    Attributes:
        turns: from which entries on which were in force, in order; the first also before its entry, as far as is known.
    """

    def __init__(self, log: Log, name: str, given: Inputs) -> None:
        """Of a log of this name, that is opened with these.

        Raises:
            InputError: it is another ruleset's (L101), or the rules do not judge its last day (L107).
        """
        self._log, self._name = log, name
        self._known = {given.digests: given}
        owner = log.mark("ruleset")
        if owner is not None:
            refuse_another(name, owner, given.rules.id)
        self.turns = log.in_force()
        if not self.turns:  # it begins now, or was written by a version that kept their digests only
            then = log.mark("rules") or "", log.mark("organisation") or ""
            is_held = then in (given.digests, ("", ""))
            digests, contents = (given.digests, given.contents()) if is_held else (then, {})
            self.turns = [log.take_over(None, digests, contents, {"ruleset": given.rules.id})]
        if self.now != given.digests:
            self._rename(given)
            self.refuse_unjudged(given.rules)

    @property
    def now(self) -> tuple[str, str]:
        """The digests of what is in force after the last entry."""
        return self.turns[-1].digests

    def before(self, number: int) -> tuple[str, str]:
        """The digests of what was in force before a turn."""
        return self.turns[max(0, number - 1)].digests

    def since(self, seq: int) -> Iterator[InForce]:
        """What is in force after an entry, then what came into force later."""
        first = sum(turn.seq <= seq for turn in self.turns) - 1
        return iter(self.turns[max(0, first) :])

    def inputs(self, digests: tuple[str, str]) -> Inputs | None:
        """From the log, unless they are at hand; None where it does not hold them."""
        found = self._known.get(digests) or inputs_from(digests, *map(self._log.content, digests))
        if found is not None:
            self._known[digests] = found
        return found

    def take_over(self, inputs: Inputs, at: date | None) -> int:
        """Write down that these are in force from now on, by an entry of the day judged; the number of this turn."""
        entry = None if at is None else New("advance", "", None, None, at.isoformat())
        self.turns.append(self._log.take_over(entry, inputs.digests, inputs.contents()))
        self._known[inputs.digests] = inputs
        return len(self.turns) - 1

    def let_go(self, others: Sequence[Inputs]) -> None:
        """Keep no more at hand than these."""
        self._known = {inputs.digests: inputs for inputs in others}

    def refuse_unjudged(self, rules: Ruleset) -> None:
        """Refuse rules that do not judge the day to which time has passed (L107)."""
        line, first, last = self._log.last_day(), rules.first_day, rules.end - ONE_DAY
        if line is not None and not first - ONE_DAY <= date.fromisoformat(line) <= last:
            later = line > last.isoformat()
            hint = f"let their `effective` go on to {line} or later" if later else "begin another log for them"
            raise refuse(self._name, "L107", f"the day judged is {line}, and the rules judge {first} to {last}", hint)

    def _rename(self, given: Inputs) -> None:
        """What is word for word what the log holds is not another; only the library has another digest for it."""
        contents, then = given.contents(), self.now
        rules, org = (
            new if new in contents and self._log.content(old) == contents[new] else old
            for old, new in zip(then, given.digests, strict=True)
        )
        if (rules, org) != then:
            self._log.renamed(then, (rules, org), contents)
            self.turns = self._log.in_force()
