"""Two rulesets over the same organisation and events: what differs in the rules, whom it moves, by how much, and why."""

from .comparison import Comparison, compare

__all__ = ["Comparison", "compare"]
