"""GitHub: issues, their events, milestones."""
