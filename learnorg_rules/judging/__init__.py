"""Cells to results: measures, duties, scorecards, plans, decisions and awards. Batch is the definition of the answer."""
