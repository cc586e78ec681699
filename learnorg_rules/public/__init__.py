"""The names of `learnorg_rules`, each written once: a line here makes it importable, completed, documented and checked.

The modules are imported one after the other until one of them has the name that is asked for, so each has what needs no
more than the modules before it: `rules` needs no Polars, `runs` the engine, `live` the log as well, `studies` the rest. None needs an extra.
"""
