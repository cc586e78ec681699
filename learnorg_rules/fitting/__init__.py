"""Behaviours of a scenario, fitted to recorded events."""
