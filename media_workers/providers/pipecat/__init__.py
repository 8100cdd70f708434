"""Vendors without an adapter of ours, through the service classes of Pipecat (BSD-2), which is an optional
extra: `pip install trunkline[pipecat]`.

A service is run without a pipeline, between two ends that collect what it pushes (`host`).
"""
