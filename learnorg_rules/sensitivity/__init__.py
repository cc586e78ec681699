"""How results depend on the settings of the rules."""
