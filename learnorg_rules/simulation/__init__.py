"""Simulation: an organisation that behaves as a scenario says, judged by the rules of each policy, many times over."""

from importlib.util import find_spec

for _needed in ("numpy", "scipy"):
    if find_spec(_needed) is None:
        raise ImportError(f"simulation needs {_needed}: install learnorg-rules[simulate]", name=_needed)
