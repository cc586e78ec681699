"""Events to cells: what is read is checked and settled, then counted by subject and period."""
