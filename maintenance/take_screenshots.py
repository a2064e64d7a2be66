"""Takes the screenshots of the tray for the documentation, with made-up logs.

Runs on Linux without a screen: it starts its own display, message bus, window manager and panel.
Needs the Debian packages in `NEEDED`, and the program in this interpreter:

    python maintenance/take_screenshots.py [FOLDER]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

NEEDED = {
    "Xvfb": "xvfb",
    "xvfb-run": "xvfb",
    "dbus-run-session": "dbus",
    "openbox": "openbox",
    "xfce4-panel": "xfce4-panel",
    "xdotool": "xdotool",
    "import": "imagemagick",
    "convert": "imagemagick",
    "xsetroot": "x11-xserver-utils",
}
"""Programs and their Debian packages; also needed: adwaita-icon-theme, fonts-dejavu."""

INSIDE = "SPENDLIGHT_SCREENSHOTS_INSIDE"
"""Set in the environment of the second process, which runs on the new display."""

DOCS = Path(__file__).resolve().parents[1] / "docs"
AFTERNOON = 17
"""The time of day in the pictures, so that the day has some usage."""

GROUND = "#5b6b7f"
"""The background colour."""

ICON = (1264, 14)
"""Where the icon is: at the right end of a panel as wide as the screen."""

PANEL = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="true"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="28"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
        <value type="int" value="3"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="clock">
      <property name="digital-layout" type="uint" value="3"/>
      <property name="digital-time-format" type="string" value="%H:%M"/>
    </property>
    <property name="plugin-3" type="string" value="systray"/>
  </property>
</channel>
"""


def main() -> int:
    """Take the screenshots, and return an exit code."""
    missing = sorted({package for name, package in NEEDED.items() if shutil.which(name) is None})
    if missing:
        print(f"Not installed: apt install {' '.join(missing)}", file=sys.stderr)
        return 1
    if INSIDE not in os.environ:
        with tempfile.TemporaryDirectory(prefix="sl-") as home:
            screen = ["xvfb-run", "-a", "-s", "-screen 0 1280x800x24 -nolisten tcp"]
            again = [*screen, "dbus-run-session", "--", sys.executable, *sys.argv]
            return subprocess.run(again, env=fresh_environ(Path(home)), check=False).returncode
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS
    folder.mkdir(parents=True, exist_ok=True)
    with running(["openbox"]), running(["xfce4-panel", "-d"]):
        time.sleep(3)
        subprocess.run(["xsetroot", "-solid", GROUND], check=True)
        take(folder)
    for picture in sorted(folder.glob("*.png")):
        print(f"{picture}: {picture.stat().st_size // 1024} kB")
    return 0


def fresh_environ(home: Path) -> dict[str, str]:
    """Return the environment of a fresh user on a desktop in the afternoon."""
    config = home / ".config" / "xfce4" / "xfconf" / "xfce-perchannel-xml"
    config.mkdir(parents=True)
    (config / "xfce4-panel.xml").write_text(PANEL)
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    east = (AFTERNOON - datetime.now(UTC).hour + 12) % 24 - 12
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    return kept | {
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(runtime),
        "TZ": f"<local>{-east:+d}",
        "GTK_THEME": "Adwaita:dark",
        INSIDE: "1",
    }


def take(folder: Path) -> None:
    """Take the pictures of the tray; `gallery.py` paints those of the window."""
    program = [sys.executable, "-m", "spendlight", "--demo"]
    with running(program, QT_QPA_PLATFORMTHEME="gtk3"):
        time.sleep(8)  # the demo's logs are written and read
        point(640, 400)
        point(*ICON)
        time.sleep(1.5)
        capture(folder / "tray-tooltip.png", crop="380x120+900+0")
        xdotool("click", "3")
        time.sleep(1)
        capture(folder / "tray-menu.png", crop="380x260+900+0")
        xdotool("key", "Escape")


@contextmanager
def running(command: list[str], **environ: str) -> Iterator[None]:
    """Run a program as long as the context lasts."""
    with subprocess.Popen(command, env=os.environ | environ) as process:
        try:
            yield
        finally:
            process.terminate()


def xdotool(*words: str) -> str:
    """Control mouse or keyboard, or query windows."""
    done = subprocess.run(["xdotool", *words], capture_output=True, text=True, check=False)
    return done.stdout


def point(x: int, y: int) -> None:
    """Move the mouse."""
    xdotool("mousemove", str(x), str(y))


def capture(path: Path, *, crop: str = "") -> None:
    """Save a picture of the screen."""
    subprocess.run(["import", "-window", "root", str(path)], check=True)
    cropping = ["-crop", crop, "+repage"] if crop else []
    subprocess.run(["convert", str(path), *cropping, "-strip", str(path)], check=True)


if __name__ == "__main__":
    sys.exit(main())
