"""Slow, independent computations that the models are compared with."""
