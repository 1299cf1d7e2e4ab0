"""Measure the wizard against its yardsticks: `python tests/benchmarks/run.py [FIGURE ...] [--quick]`.

Each line is a ratio with its goal. Ratios of interleaved medians hold on a busy machine, times do not. Exit status 1 where a goal is
missed; `--quick` measures once, to see that it works.
"""

from __future__ import annotations

import argparse
import sys

from figures import FIGURES, measured

ROUNDS = 7


def main() -> int:
    """Measure what was asked for; return the exit status."""
    parser = argparse.ArgumentParser(description="Measure the wizard against its yardsticks.")
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"one of: {', '.join(FIGURES)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="measure once and reach no verdict")
    named = parser.parse_args()
    if unknown := set(named.figures) - FIGURES.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    missed = False
    for name in named.figures or FIGURES:
        for figure in measured(name, 1 if named.quick else ROUNDS):
            print(figure, flush=True)
            missed = missed or figure.ratio > figure.goal
    return int(missed and not named.quick)


if __name__ == "__main__":
    sys.exit(main())
