"""Behaviours of a scenario, fitted to recorded events."""

from .. import simulation as simulation  # refuses, with the extra to install, where numpy or scipy is missing
