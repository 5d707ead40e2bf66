"""Mutation testing of the metrics, run by hand: formulas broken one by one, and which tests notice."""
