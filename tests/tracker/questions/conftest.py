from __future__ import annotations

from itertools import product

import pytest
from tests.makers import OPUS, SONNET, line, write_log
from tests.tracker.worlds import World, at

from spendlight.tracker.tracker import UsageTracker

DAY = 24 * 60


@pytest.fixture
def tracker(world: World) -> UsageTracker:
    """Two projects and two models over eleven days, several blocks with gaps between them."""
    number = 0
    for project, session in product(("-home-ada-kettle", "-home-ada-boats"), range(3)):
        lines = []
        for step in range(8):
            number += 1
            minutes = -session * 3 * DAY - step * 97 - number
            lines.append(
                line(
                    id=f"msg_{number}",
                    requestId=f"req_{number}",
                    timestamp=at(minutes),
                    model=OPUS if step % 3 else SONNET,
                    output_tokens=100 + number,
                )
            )
        write_log(world.root, f"{project}/session-{session}.jsonl", *lines)
    return world.read()
