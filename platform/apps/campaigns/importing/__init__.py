"""Files of contacts: what they are, what is in them, and what is wrong with them. No database here."""
