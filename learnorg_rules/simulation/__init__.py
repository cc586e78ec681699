"""Simulation: an organisation that behaves as a scenario says, judged by the rules of each policy, many times over."""
