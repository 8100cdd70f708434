"""Simulated callers over text: an agent's real dialogue and tools, without voices and without waiting.

`play.simulate` plays a case of a test suite and looks at its assertions (`checks`, `judge`). Nothing here has
a clock but for how long the model took.
"""
