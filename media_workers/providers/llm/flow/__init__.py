"""Agents as graphs: one engine for flows and for the `script` model, with or without a language model."""
