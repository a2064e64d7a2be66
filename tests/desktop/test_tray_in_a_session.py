"""The complete program, in the tray of a separate desktop session."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import psutil
import pytest
from tests.desktop.sessions import NEEDED, Session, desktop_session
from tests.desktop.watched import watches

dbus_fast = pytest.importorskip("dbus_fast", reason="dbus-fast is for Linux only")
from tests.desktop.tray_host import TrayHost  # noqa: E402  # needs dbus-fast

pytestmark = [
    pytest.mark.display,
    pytest.mark.slow,
    pytest.mark.linux_programs(*NEEDED),
]

Start = Callable[..., "subprocess.Popen[bytes]"]

PLAN_FOLDER = ".local/share/spendlight/plan"
"""Where status lines store plan limits, in the home folder."""

STEP_S = 0.05

WITHIN_S = 1.0
"""An exchange appended to a log is shown within a second."""


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with (
        tempfile.TemporaryDirectory(prefix="sl-") as folder,
        desktop_session(Path(folder)) as session,
    ):
        yield session


@pytest.fixture
def log(home: Path) -> Path:
    """A log with one exchange of this moment that cost $1."""
    log = home / ".claude" / "projects" / "-home-me-thing" / "session.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text(exchange(0))
    return log


@pytest.fixture
def start(session: Session, home: Path) -> Iterator[Start]:
    """Start the program in the session."""
    started: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryDirectory(prefix="sl-") as runtime:

        def start(**environ: str) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, "-m", "spendlight", "--offline"],
                env=session.environ | {"HOME": str(home), "XDG_RUNTIME_DIR": runtime} | environ,
            )
            started.append(process)
            return process

        yield start
        for process in started:
            process.kill()
            process.wait()


def exchange(number: int) -> str:
    """Return a line as Claude Code logs it, for an exchange that cost $1."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    usage = {"input_tokens": 100, "output_tokens": 50}
    message = {"id": f"msg_{number}", "model": "claude-sonnet-4-5-20250929", "usage": usage}
    line = {"type": "assistant", "timestamp": now, "requestId": f"req_{number}", "costUSD": 1.0}
    return json.dumps(line | {"message": message}) + "\n"


async def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds
        await asyncio.sleep(STEP_S)  # there is no other way to wait for other programs


async def wait_until_watched(process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a program has started and notices each new exchange."""
    await wait_until(lambda: watches(process.pid, log.parent), 20)


def test_the_icon_shows_the_cost_and_is_updated(session: Session, start: Start, log: Path) -> None:
    async def scenario() -> None:
        async with TrayHost(session.bus) as host:
            process = start()
            await host.wait_for_item()
            await host.wait_for_tooltip("Block $1.00 · ends ")
            assert "\nToday $1.00\n" in await host.tooltip()
            assert {16, 22, 24, 32, 48} <= set(await host.pixmap_sizes())
            await wait_until_watched(process, log)

            waits = []
            for number in range(1, 6):
                with log.open("a") as writer:
                    writer.write(exchange(number))
                waits.append(await host.wait_for_tooltip(f"Block ${number + 1}.00"))
            print("shown after", [round(wait * 1_000) for wait in waits], "ms")  # noqa: T201  # shown with -s
            assert median(waits) < WITHIN_S  # a busy machine may be late once

            rows = [row for row in await host.menu() if row.is_visible]
            assert rows[0].label.startswith("Block $6.00 · ")
            assert [row.label for row in rows[1:]] == [
                "Today $6.00",
                "Open window",
                "Refresh now",
                "Mute alerts",
                "Settings…",
                "Quit",
            ]
            assert all(row.is_enabled for row in rows)

    asyncio.run(scenario())


def hook(log: Path, percent: float) -> bytes:
    """Return what Claude Code passes to its status line."""
    soon, late = (time.time() + hours * 3_600 for hours in (2, 40))
    said = {
        "session_id": "s",
        "transcript_path": str(log),
        "model": {"display_name": "Sonnet"},
        "rate_limits": {
            "five_hour": {"used_percentage": percent, "resets_at": soon},
            "seven_day": {"used_percentage": 63, "resets_at": late},
        },
    }
    return json.dumps(said).encode()


def test_plan_limits_from_a_status_line_are_in_the_menu_at_once(
    session: Session, start: Start, log: Path, home: Path
) -> None:
    def say(percent: float) -> None:
        subprocess.run(
            [sys.executable, "-m", "spendlight", "--offline", "statusline"],
            input=hook(log, percent),
            env=session.environ | {"HOME": str(home)},
            stdout=subprocess.DEVNULL,
            check=True,
        )

    async def scenario() -> None:
        async with TrayHost(session.bus) as host:
            process = start()
            await host.wait_for_item()
            await host.wait_for_tooltip("Today $1.00")
            await wait_until(lambda: watches(process.pid, home / PLAN_FOLDER))

            waits = []
            for percent in (41.5, 44, 46):
                say(percent)
                waits.append(await host.wait_for_tooltip(f"5-hour limit {int(percent)} %"))
            print("shown after", [round(wait * 1_000) for wait in waits], "ms")  # noqa: T201  # shown with -s
            assert median(waits) < WITHIN_S

            rows = [row for row in await host.menu() if row.is_visible]
            assert rows[0].label.startswith("Block $1.00 · ")
            assert [row.label for row in rows[1:5]] == [
                "5-hour limit 46 % · from Claude Code, just now",
                "Week 63 % · lasts until reset",
                "Today $1.00",
                "Open window",
            ]
            assert all(row.is_enabled for row in rows)

    asyncio.run(scenario())


@pytest.mark.usefixtures("log")
def test_the_command_line_ends_it_after_its_ledger_is_closed(
    session: Session, start: Start, home: Path
) -> None:
    def quit_tray(environ: dict[str, str]) -> str:
        command = [sys.executable, "-m", "spendlight", "quit"]
        return subprocess.run(
            command, env=environ, capture_output=True, text=True, check=True
        ).stdout

    async def scenario() -> None:
        async with TrayHost(session.bus) as host:
            tray = start()
            await host.wait_for_item()
            await host.wait_for_tooltip("Today $1.00")
            environ = psutil.Process(tray.pid).environ()

            assert await asyncio.to_thread(quit_tray, environ) == "Spendlight has quit.\n"

            assert tray.poll() == 0
            assert await asyncio.to_thread(quit_tray, environ) == "Spendlight is not running.\n"

    asyncio.run(scenario())
    ledgers = home / ".local" / "share" / "spendlight"
    assert [path.name for path in ledgers.glob("ledger*")]
    assert not list(ledgers.glob("*-wal"))


@pytest.mark.usefixtures("log")
def test_a_click_on_the_icon_shows_and_hides_the_window(session: Session, start: Start) -> None:
    async def scenario() -> None:
        async with TrayHost(session.bus) as host:
            start()
            await host.wait_for_item()
            await host.wait_for_tooltip("Today $1.00")

            await host.activate()
            await wait_until(lambda: session.is_shown("Today $1.00 – Spendlight"))
            await host.click("Today $1.00")
            assert session.is_shown("Today $1.00 – Spendlight")

    asyncio.run(scenario())


async def come_late_and_again(session: Session, log: Path) -> None:
    """Act as a panel that starts after the program and is restarted; it gets one icon each time.

    An exchange that is logged, read and shown in between gives the program time to do too much, or
    to notice that the panel has gone.
    """
    number = 0
    for _ in range(2):
        async with TrayHost(session.bus) as host:
            await host.wait_for_item()
            await host.wait_for_tooltip(f"Today ${number + 1}.00")
            number = await log_and_see(number + 1, log, host)
            assert (await host.menu())[-1].label == "Quit"
            assert host.count == 1
            icon = host.icon
        async with TrayHost(session.bus, icon=icon) as nobody:
            number = await log_and_see(number + 1, log, nobody)


async def log_and_see(number: int, log: Path, host: TrayHost) -> int:
    """Log one more exchange, wait until it is shown, and return its number."""
    with log.open("a") as writer:
        writer.write(exchange(number))
    await host.wait_for_tooltip(f"Today ${number + 1}.00")
    return number


def test_a_panel_that_starts_late_or_restarts_gets_one_icon(
    session: Session, start: Start, log: Path
) -> None:
    async def scenario() -> None:
        await wait_until_watched(start(), log)
        await come_late_and_again(session, log)

    asyncio.run(scenario())


@pytest.mark.linux_programs("weston")
def test_on_wayland_a_panel_that_starts_late_or_restarts_gets_one_icon(
    session: Session, start: Start, log: Path
) -> None:
    async def scenario(display: Path) -> None:
        await wait_until(display.exists)
        process = start(DISPLAY="", WAYLAND_DISPLAY=str(display), QT_QPA_PLATFORM="wayland")
        await wait_until_watched(process, log)
        await come_late_and_again(session, log)

    with tempfile.TemporaryDirectory(prefix="sl-") as folder:
        screen = ["weston", "--backend=headless-backend.so", "--socket=wayland-test"]
        environ = os.environ | {"XDG_RUNTIME_DIR": folder}
        with subprocess.Popen(screen, env=environ, stderr=subprocess.DEVNULL) as weston:
            try:
                asyncio.run(scenario(Path(folder, "wayland-test")))
            finally:
                weston.terminate()


@pytest.mark.usefixtures("log")
def test_quit_in_the_menu_ends_it_cleanly(session: Session, start: Start) -> None:
    async def scenario() -> subprocess.Popen[bytes]:
        async with TrayHost(session.bus) as host:
            process = start()
            await host.wait_for_item()
            await host.wait_for_tooltip("Today $1.00")
            await host.click("Quit")
            await wait_until(lambda: process.poll() is not None)
            assert host.count == 0
            return process

    assert asyncio.run(scenario()).returncode == 0


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_and_leaves_nothing_running(
    session: Session, start: Start, number: signal.Signals
) -> None:
    async def scenario() -> subprocess.Popen[bytes]:
        async with TrayHost(session.bus) as host:
            process = start()
            await host.wait_for_item()
            await host.wait_for_tooltip("Today $1.00")
            children = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(number)
            await wait_until(lambda: process.poll() is not None, 3)
            assert not [child for child in children if child.is_running()]
            return process

    assert asyncio.run(scenario()).returncode == 0


@pytest.mark.usefixtures("log")
def test_a_second_start_raises_the_window_of_the_first(session: Session, start: Start) -> None:
    async def scenario() -> None:
        async with TrayHost(session.bus) as host:
            start()
            await host.wait_for_item()
            await host.wait_for_tooltip("Today $1.00")

            second = start()
            await wait_until(lambda: second.poll() is not None)

            assert second.returncode == 0
            await wait_until(lambda: session.is_shown("Today $1.00 – Spendlight"))
            assert host.count == 1

    asyncio.run(scenario())


@pytest.mark.usefixtures("log")
def test_without_a_tray_the_window_opens_by_itself(session: Session, start: Start) -> None:
    async def scenario() -> None:
        start(XDG_CURRENT_DESKTOP="GNOME")

        await wait_until(lambda: session.is_shown("Today $1.00 – Spendlight"), 20)

    asyncio.run(scenario())
