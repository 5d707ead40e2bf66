"""Events: deliveries of webhooks, from the wire to landing.

Belongs here: receiving, keeping and landing what systems tell of their own accord.
Does not: reading the records that an event names (`sources/`), asking for a run (`dagster_project`).
"""
