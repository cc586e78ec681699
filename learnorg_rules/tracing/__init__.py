"""The way back from a result to its formula, its values and the events behind them."""
