"""Reads session-block files, in which other tools describe five-hour blocks, into the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.ledger.batches import FileMark, LogName, Recorded
from spendlight.logs.claude_code.block_files import BlockFile, find_block_files
from spendlight.metering.entry import LineProblem, SessionName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spendlight.ledger.usage_ledger import UsageLedger
    from spendlight.logs.agent import LogRoot

_PROJECT = "session-block files"
"""The project, in reports, of usage that is known only from such files."""


def take_in_block_files(ledger: UsageLedger, roots: Sequence[LogRoot]) -> Recorded:
    """Read the changed session-block files of data folders; most folders have none.

    Returns:
        How many blocks have usage that is in no log and was not known, and the slots whose sums
        changed.
    """
    new_answers = 0
    slots: frozenset[int] = frozenset()
    for root in {root.name: root for root in reversed(roots)}.values():
        files = find_block_files(root)
        if not files:
            continue
        marks = ledger.marks([file.name for file in files])
        for file in files:
            mark = marks.get(file.name)
            if mark is not None and mark[1:4] == file[2:]:
                continue
            recorded = _take_in(ledger, root, file)
            new_answers += recorded.new_answers
            slots |= recorded.slots
    return Recorded(new_answers, slots)


def _take_in(ledger: UsageLedger, root: LogRoot, file: BlockFile) -> Recorded:
    from spendlight.logs.claude_code import block_reading  # few have such files

    stem = file.name.replace("\\", "/").rpartition("/")[2].removesuffix(".json")
    name = LogName(
        file.name,
        root.name,
        root.machine,
        root.parent_name,
        SessionName(_PROJECT, _PROJECT, stem),
    )
    try:
        blocks, reasons = block_reading.read_block_file(file.path)
    except (block_reading.BlockFileError, OSError) as error:
        blocks, reasons = [], [getattr(error, "strerror", None) or str(error)]
    number = ledger.enlist([name])[file.name]
    mark = FileMark(number, *file[2:], file.size, 0)
    problems = [LineProblem(file.name, index, reason) for index, reason in enumerate(reasons)]
    return ledger.describe(mark, blocks, problems)
