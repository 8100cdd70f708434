"""Carriers: one folder each, behind the interfaces of `base`, found by name in `registry`.

To add one: a folder with a class that fulfils `NumberCarrier`, and its line in `registry`
(docs/guides/carriers.md).
"""
