"""Documents of strangers become text, in a process of their own. No Django in here: it starts quickly."""
