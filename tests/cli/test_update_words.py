"""What the doctor says about newer versions, without a request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.shell import Shell

from spendlight import __version__
from spendlight.build import REPOSITORY, Build, Channel
from spendlight.cli import update_words
from spendlight.cli.update_words import UpdateState
from spendlight.settings import Settings, SettingsFile
from spendlight.updates import kept
from spendlight.updates.kept import Known
from spendlight.updates.releases import read_release

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
AGO = NOW - timedelta(hours=3)
NEWER = read_release("v99.0.0", "• Faster")
PAGE = f"{REPOSITORY}/releases/tag/v99.0.0"


def lines(known: Known, reason: str = "") -> list[str]:
    return list(update_words.lines(UpdateState(known, NOW, reason), UTC))


@pytest.mark.parametrize(
    ("known", "reason", "expected"),
    [
        (
            Known(NEWER, AGO, AGO),
            "",
            [f"Version 99.0.0 is available, as of 2026-11-30 09:00 (3 h ago): {PAGE}"],
        ),
        (
            Known(read_release(__version__, ""), AGO, AGO),
            "",
            [f"Latest release: {__version__}, as of 2026-11-30 09:00 (3 h ago)"],
        ),
        (Known(None, AGO, AGO), "", ["There is no release yet, as of 2026-11-30 09:00 (3 h ago)"]),
        (
            Known(NEWER, AGO - timedelta(days=5), AGO, "api.github.com answered 403"),
            "",
            [
                f"Version 99.0.0 is available, as of 2026-11-25 09:00 (5 days ago): {PAGE}",
                "The last check failed, 2026-11-30 09:00 (3 h ago): api.github.com answered 403",
            ],
        ),
        (Known(), "", ["No check for updates yet; the tray checks at most once a day"]),
        (
            Known(),
            "your system's package manager installs them",
            ["Not checking for updates: your system's package manager installs them"],
        ),
    ],
)
def test_what_is_known_is_shown_with_its_age(
    known: Known, reason: str, expected: list[str]
) -> None:
    assert lines(known, reason) == expected


def know(home: Path, known: Known) -> None:
    folder = home / ".local" / "share" / "spendlight" / "updates"
    folder.mkdir(parents=True)
    kept.write(folder, known)


def test_the_doctor_shows_it_without_a_request(shell: Shell, home: Path) -> None:
    now = datetime.now(UTC)
    know(home, Known(NEWER, now, now, "api.github.com answered 500"))

    text, told = shell.run("doctor"), shell.run("doctor", "--json")

    assert f"  Version 99.0.0 is available, as of {now:%Y-%m-%d %H:%M} (just now): {PAGE}\n" in (
        text.out
    )
    assert "(just now): api.github.com answered 500\n" in text.out
    updates = told.json["updates"]
    assert updates.pop("lookedAt") == updates.pop("triedAt")
    assert updates == {
        "available": True,
        "latest": "99.0.0",
        "checks": True,
        "page": PAGE,
        "problem": "api.github.com answered 500",
    }
    names = {path.name for path in (home / ".local/share/spendlight/updates").iterdir()}
    assert names == {"latest.json"}


def test_the_doctor_says_why_updates_are_not_checked(
    shell: Shell, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "Not checking for updates: "
    assert f"{said}Spendlight is offline" in shell.run("doctor", "--offline").out

    build = Build(Channel.DEB, "", is_frozen=True)
    monkeypatch.setattr(update_words, "read_build", lambda: build)
    assert f"{said}your system's package manager installs them" in shell.run("doctor").out

    file = SettingsFile(home / ".config" / "spendlight" / "settings.toml")
    file.save(Settings(check_for_updates=True))
    assert said not in shell.run("doctor").out
    file.save(Settings(check_for_updates=False))
    assert f"{said}it is turned off in the settings" in shell.run("doctor").out
    assert shell.run("doctor", "--json").json["updates"]["checks"] is False


def test_no_other_command_says_anything(shell: Shell, home: Path) -> None:
    shell.log("p/s.jsonl")
    know(home, Known(NEWER, NOW, NOW))

    for words in (("daily",), ("statusline",), ("stats",)):
        ran = shell.run(*words)
        assert "99.0.0" not in ran.out + ran.err
