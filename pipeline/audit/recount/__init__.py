"""Decisions and counts, computed again from ledger, tables and register to every published number.

Each module goes one step of the way, by the rules that docs/method.md states and with no code of the writers. A rewrite of
a table or an output is found even where all its hashes were renewed, because what lies before it says something else.
"""
