"""Simulation: an organisation that behaves as a scenario says, judged by the rules of each policy, many times over."""

from importlib.util import find_spec

if find_spec("numpy") is None:
    raise ImportError("simulation needs numpy: install learnorg-rules[simulate]", name="numpy")
