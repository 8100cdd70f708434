"""Trunkline on one machine: embedded PostgreSQL and Valkey, and the processes that `manage.py up` runs.

Nothing here imports Django: the servers must run before the settings that name them are read.
"""
