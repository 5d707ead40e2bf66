"""The files source: a folder into which files of the contract are dropped."""
