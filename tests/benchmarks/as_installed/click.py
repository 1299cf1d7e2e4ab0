"""Stands in front of the package of this name: tools of the tests bring it along, a user's installation has none, and httpx reads more with it."""

raise ImportError("measured as installed for use, without click")
