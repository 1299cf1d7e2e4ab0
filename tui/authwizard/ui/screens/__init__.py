"""One file a screen: what a person meets, in the order of the walk."""
