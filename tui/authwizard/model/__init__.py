"""The frozen nouns every other part speaks in: standard library only, no I/O, no judgement."""
