"""COMMANDS: everything an operator can do, one file per group."""
