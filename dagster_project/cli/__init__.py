"""The `pmo` command line, one module a group of commands. Modules here import nothing heavy before a command runs."""
