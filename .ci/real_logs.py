"""Checks the totals of a report on the reference's real logs, read from standard input."""

from __future__ import annotations

import json
import math
import sys

TOKENS = 141_887_847
DOLLARS = 174.253545
"""Like the reference, except for long-context requests, which we price as they are billed."""


def main() -> int:
    """Compare, and print the result."""
    report = json.load(sys.stdin)
    if "totals" in report:
        tokens, dollars = report["totals"]["totalTokens"], report["totals"]["totalCost"]
    else:
        tokens = sum(block["totalTokens"] for block in report["blocks"])
        dollars = sum(block["costUSD"] for block in report["blocks"])
    is_right = tokens == TOKENS and math.isclose(dollars, DOLLARS, abs_tol=1e-6)
    verdict = "as it should be" if is_right else f"{TOKENS:,} and ${DOLLARS} expected"
    print(f"Real logs, {sys.argv[1]}: {tokens:,} tokens, ${dollars:.6f}: {verdict}")
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
