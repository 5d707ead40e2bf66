"""Redmine: issues with their history, hours, versions, users."""
