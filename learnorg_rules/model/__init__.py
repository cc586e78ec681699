"""What each kind of rule is, and what it means."""
