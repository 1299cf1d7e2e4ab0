"""What a person has at hand, read: a curl command, `curl -v` or `-i` text, a raw response, a token, a URL."""
