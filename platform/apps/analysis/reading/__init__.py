"""A call read by a language model: asked with constrained output, checked word by word, repaired once."""
