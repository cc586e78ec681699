"""Runs on Spark: the same kernel in its executors, the same judging on its driver.

Importing this package needs no Spark; `spark.run` and what stands beside it do.
"""
