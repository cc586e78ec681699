"""Pictures and texts about simulations and sweeps."""
