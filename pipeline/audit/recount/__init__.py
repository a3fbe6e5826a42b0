"""Decisions and counts, computed again from ledger, tables and register to every published number.

Each module recounts one step, by the rules that docs/method.md states and with no code of the writers. A rewrite of
a table or an output is found even where all its hashes were renewed, because the step before it says something else.
"""
