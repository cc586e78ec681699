"""Runs on Spark: the same kernel in its executors, the same judging on its driver.

`events` and `stream` can be imported without Spark, which they import where it is used; the other modules need it.
"""
