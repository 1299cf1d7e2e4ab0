"""Wire formats, pure: challenges, tokens, Basic, OAuth messages, and keeping secrets out of texts."""
