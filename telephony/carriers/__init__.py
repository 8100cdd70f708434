"""Carriers: one folder each, behind one interface (`base.Carrier`), found by name in `registry`.

To add one: a folder with a class that fulfils `Carrier`, and its line in `registry.CARRIERS`.
"""
