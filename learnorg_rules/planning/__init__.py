"""What future events would change a result: what is missing, and what could be gamed."""
