"""The life of a call: admit, place, claim, record what happens, finish, and find what was lost."""
