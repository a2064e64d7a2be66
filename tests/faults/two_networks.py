"""Two machines, each in a network of its own, that are connected by a cable; one has a bucket.

unshare --map-root-user --net python -m tests.faults.two_networks PLACE

Prints a line when it is ready, and then does what lines of JSON ask for: ["here" or "there", words
of a command …], ["up"] or ["down"]; and answers with the exit code and what was printed. Each
machine has its logs in a folder of its name in PLACE.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

HERE, THERE = "10.98.76.1", "10.98.76.2"
BUCKET = "usage"


def ip(*words: str, namespace: list[str] | None = None) -> None:
    """Change the network."""
    subprocess.run([*(namespace or []), "ip", *words], check=True)


def main() -> None:
    """Make the networks, and serve."""
    place = Path(sys.argv[1])
    there = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE)
    try:
        ip("link", "set", "lo", "up")
        ip("link", "add", "cable0", "type", "veth", "peer", "name", "cable1")
        inside = ["nsenter", f"--target={there.pid}", "--net"]
        network = Path("/proc", str(there.pid), "ns", "net")
        while network.readlink() == Path("/proc/self/ns/net").readlink():
            os.sched_yield()  # until it has its own
        ip("link", "set", "cable1", "netns", str(there.pid))
        ip("address", "add", f"{HERE}/24", "dev", "cable0")
        ip("link", "set", "cable0", "up")
        ip("address", "add", f"{THERE}/24", "dev", "cable1", namespace=inside)
        ip("link", "set", "cable1", "up", namespace=inside)
        server = ThreadedMotoServer(HERE, 0, verbose=False)
        server.start()
        os.environ["AWS_ENDPOINT_URL"] = f"http://{HERE}:{server.get_host_and_port()[1]}"
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        print("ready", flush=True)  # noqa: T201
        for order in sys.stdin:
            where, *words = json.loads(order)
            if where in {"up", "down"}:
                ip("link", "set", "cable1", where, namespace=inside)
                answer = (0, "", "")
            else:
                program = [sys.executable, "-m", "spendlight", *words, "--offline"]
                ran = subprocess.run(
                    [*(inside if where == "there" else []), *program],
                    env=os.environ
                    | {
                        "CLAUDE_CONFIG_DIR": str(place / where),
                        "SPENDLIGHT_DATA_DIR": str(place / f"data-{where}"),
                    },
                    capture_output=True,
                    text=True,
                    check=False,
                )
                answer = (ran.returncode, ran.stdout, ran.stderr)
            print(json.dumps(answer), flush=True)  # noqa: T201
        server.stop()
    finally:
        there.kill()
        there.wait()


if __name__ == "__main__":
    main()
