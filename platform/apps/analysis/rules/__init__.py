"""What can be known of a call without a model: by rules, each in a small module that is pure.

Nothing is guessed: what a rule finds is a piece of what somebody said, and its value is that piece in another
form.
"""
