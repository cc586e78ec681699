"""Which decision rules fire on which settled facts: small facts in, decisions out.

`port` says what a decider is, `reference` is the definition in plain Python, `durable` does the same through
durable-rules, `choice` takes the best that can be had. What a rule means stands in `learnorg_rules.model.decision`.
"""
