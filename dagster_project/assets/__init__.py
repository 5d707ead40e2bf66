"""The assets of the nightly job, from the landing streams to the published build."""
