"""Random alterations of a study, made on a copy and taken back: which of them the audit and the second verifier find.

`PYTHONPATH=.:tests/support python -m alterations --plain 2000 --consistent 100 --seed 1` prints the figures of docs/reliability.md.
"""
