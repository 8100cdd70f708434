"""The contract between the two planes (pydantic models): what the control plane may import of us.

`agent`: an agent's configuration. `calls`: jobs, plans, commands, heartbeats. `events`: what a call
reports. `voices`: who can speak.
"""
