"""The tests of the project: unit, conformance, golden, integration, meta."""
