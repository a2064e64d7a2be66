from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from spendlight.assets import resource

SCRIPT = Path(__file__).resolve().parents[2] / "maintenance" / "make_icons.py"
KEPT = Path(str(resource("icons", "app")))


def picture(path: Path) -> bytes:
    """Return an image, reduced and blurred so that the version of Qt does not matter."""
    with Image.open(path) as opened:
        return bytes(opened.convert("RGBA").resize((24, 24)).tobytes())


@pytest.mark.slow
@pytest.mark.usefixtures("home")
def test_the_icons_in_the_repository_match_the_drawings(tmp_path: Path) -> None:
    subprocess.run([sys.executable, SCRIPT, tmp_path], check=True, stdout=subprocess.DEVNULL)

    assert sorted(path.name for path in KEPT.iterdir()) == sorted(
        path.name for path in tmp_path.iterdir()
    )
    for made in tmp_path.iterdir():
        pairs = zip(picture(made), picture(KEPT / made.name), strict=True)
        assert max(abs(one - other) for one, other in pairs) < 24


@pytest.mark.parametrize("size", [16, 22, 48, 256, 1024])
def test_each_icon_has_the_size_in_its_name(size: int) -> None:
    with Image.open(KEPT / f"spendlight-{size}.png") as opened:
        assert opened.size == (size, size)


def test_the_icon_for_windows_has_every_size() -> None:
    with Image.open(KEPT / "spendlight.ico") as opened:
        assert {(16, 16), (24, 24), (32, 32), (48, 48), (256, 256)} <= opened.info["sizes"]


def test_the_icon_for_macos_has_every_size() -> None:
    with Image.open(KEPT / "spendlight.icns") as opened:
        sides = {width * scale for width, _, scale in opened.info["sizes"]}
    assert {32, 64, 128, 256, 512, 1024} <= sides
