"""Agents: a draft that changes and immutable published versions."""
