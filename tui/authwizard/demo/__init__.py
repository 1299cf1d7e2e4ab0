"""The embedded practice platform: an authorization server, an API, a clock and a proxy on 127.0.0.1, each able to be wrong in one way."""
