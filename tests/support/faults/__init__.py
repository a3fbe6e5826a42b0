"""Faults at every file operation of a command: a kill, an error of the system or a short write, one a trial.

`PYTHONPATH=.:tests/support .venv/bin/python -m faults` prints the figures of docs/reliability.md.
"""
