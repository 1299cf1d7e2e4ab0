"""How many answers does `authwizard explain --jsonl` explain a second? Run by hand: python tests/benchmarks/explain_rate.py [LINES]

Prints the rate over distinct answers of many servers, start-up included, beside a yardstick of the same run: the same lines through
json.loads and json.dumps alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "knowledge"))

from message_examples import EXAMPLES
from more_message_examples import MORE

COMMAND = [sys.executable, "-m", "authwizard", "explain", "--jsonl"]
BARE = "import json, sys\nfor line in sys.stdin.buffer: sys.stdout.write(json.dumps(json.loads(line)) + '\\n')"


def answers(count: int) -> bytes:
    """Answers as servers send them: words, an id and a time of their own in each, so that none is like another."""
    words = [text for stack, examples in (EXAMPLES | MORE).items() if not stack.endswith(" log") for text, _ in examples]
    lines = []
    for number in range(count):
        text = words[number % len(words)]
        body = {"error": text, "message": "Unauthorized", "path": f"/v2/things/{number}", "requestId": f"{number:08x}", "status": 401}
        headers = {"Content-Type": "application/json", "X-Request-Id": f"{number:016x}", "WWW-Authenticate": f'Bearer realm="api-{number}"'}
        lines.append(json.dumps({"status": 401, "headers": headers, "body": json.dumps(body)}))
    return ("\n".join(lines) + "\n").encode()


def seconds(command: list[str], text: bytes) -> float:
    begin = time.perf_counter()
    done = subprocess.run(command, input=text, capture_output=True, check=False)
    spent = time.perf_counter() - begin
    if done.stdout.count(b"\n") != text.count(b"\n"):
        sys.exit(f"{text.count(bytes((10,)))} lines in, {done.stdout.count(bytes((10,)))} out: {done.stderr.decode()[-500:]}")
    return spent


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    text = answers(count)
    spent = min(seconds(COMMAND, text) for _ in range(3))
    bare = min(seconds([sys.executable, "-c", BARE], text) for _ in range(3))
    print(f"explain --jsonl: {count / spent:,.0f} answers a second; JSON alone {count / bare:,.0f}; ratio {spent / bare:.1f}")


if __name__ == "__main__":
    main()
