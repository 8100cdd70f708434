"""The sandbox phone network: telephones behind a carrier that exists only on this machine.

Real SIP, RTP and speech; only the people are scripts. `serve` answers the magic numbers of
`numbers.PHONES`, `call` places a scripted call. A party to a call (`party.Party`) has no clock and
no socket: audio frames go in and out, and their count is its time.
"""
