"""What the steps need from outside: a store, a workspace, feeds, a clock. Every effect goes through here.

One file a subject. A transaction is composed of them (`store.py`); what only reads has no writers.
"""
