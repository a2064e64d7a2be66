"""A log that another program truncates while it is read ends no process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.makers import line, write_log

from spendlight.logs.native_file import CHOICE

MB = 1 << 20

READER = """
import sys
from io import FileIO
from pathlib import Path
from spendlight.logs import appended_lines
from spendlight.logs.claude_code import answers
from tests.makers import read

def wait():
    print("now", flush=True)
    sys.stdin.readline()

class Watched(FileIO):
    seen = 0
    def readinto(self, buffer):
        if self.tell() == 0:
            Watched.seen += 1
            if Watched.seen == AT:
                wait()
        return super().readinto(buffer)

if AT:
    appended_lines.open = lambda path, *_, **__: Watched(path)
else:
    usual = answers.decode_usual
    def decode(text):
        answers.decode_usual = usual
        wait()
        return usual(text)
    answers.decode_usual = decode
parsed = read(Path(sys.argv[1]))
print(len(parsed.entries), parsed.end, parsed.failure, flush=True)
"""
"""Reads a log, and waits before its n-th read from the beginning, or after a line."""


@pytest.mark.parametrize(
    ("megabytes", "moment", "expected"),
    [
        (8, 0, "1 {end} None"),
        (8, 1, "0 0 None"),
        (8, 2, "0 0 None"),
        (8, 3, "0 0 it was truncated while it was read"),
        (100, 0, "1 {end} None"),
        (100, 3, "0 0 it was truncated while it was read"),
    ],
)
def test_a_log_may_be_truncated_while_a_long_line_is_read(
    tmp_path: Path, megabytes: int, moment: int, expected: str
) -> None:
    long = line(content="x" * (megabytes * MB))
    log = write_log(tmp_path, "p/s.jsonl", long)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER.replace("AT", str(moment)), str(log)],
        env=os.environ | {CHOICE: "python"},  # whose file is observed
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdin is not None
    assert reader.stdout is not None

    assert reader.stdout.readline() == "now\n"
    os.truncate(log, 0)
    said, _ = reader.communicate("\n")

    assert (reader.returncode, said.strip()) == (0, expected.format(end=len(long)))
