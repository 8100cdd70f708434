"""Talking to an agent in a browser: a process beside the telephone lines whose legs are sockets.

Only the control plane's web process connects, which relays between it and the browser. Between the
two: binary messages of 20 ms frames (320 bytes, 16-bit little-endian mono, 8000 Hz) both ways, and
JSON: ``ready`` and ``refused`` (`code`, `detail`) from here, ``hang_up``, ``dtmf`` (`digit`) and
``gone`` (the browser's own socket broke) from there. The end of the call closes the socket.
"""
