"""The live sockets: calls as they happen, talking in the browser, listening in. docs/asyncapi.yaml
describes every message.

A program sends its API key in the Authorization header, or in the first message, since a browser's
WebSocket cannot set headers: ``{"type": "authenticate", "key": "tl_live_..."}``. A logged-in member
needs neither; with several tenants ``?tenant=ten_...`` names one.
"""
