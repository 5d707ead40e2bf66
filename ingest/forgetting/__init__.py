"""Forgetting a person: landing is immutable but for this. Everything it holds of the person gets one pseudonym."""
