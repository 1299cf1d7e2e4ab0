"""Where profiles, secrets and what is remembered between runs are kept, and how they are read and written."""
