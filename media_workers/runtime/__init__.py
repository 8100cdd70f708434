"""The media node: a supervisor and its line processes. Wires SIP, conversation, providers and audio.

`python -m media_workers.runtime` starts it; `config` says which environment it reads.
"""
