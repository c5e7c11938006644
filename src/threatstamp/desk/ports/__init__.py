"""Ports: the protocols through which the steps reach the outside: store, Slack, feeds, clock.

Every effect goes through one of them, so that the tests can crash a process before and after each. There is
one file per subject; a transaction is composed of them (`store.py`), and a reading has no methods that write.
"""
