from __future__ import annotations

import plistlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spendlight.autostart import (
    AutostartError,
    LoginItem,
    LoginState,
    RunningProgram,
    login_command,
    login_item,
    repair,
    terminal_command,
)
from spendlight.autostart.choosing import package_family
from spendlight.autostart.entry import NAME
from spendlight.autostart.launch_agent import AGENT_LABEL, LaunchAgent
from spendlight.autostart.run_key import APPROVED_KEY, RUN_KEY, RunKey
from spendlight.autostart.startup_task import TASKS_KEY, StartupTask
from spendlight.autostart.xdg import XdgAutostart, arguments_of, exec_line

HERE = [sys.executable, "-m", "spendlight"]
GONE = ["/gone/bin/spendlight"]


class FakeRegistry:
    def __init__(self) -> None:
        self.values: dict[tuple[str, str], object] = {}

    def read(self, key: str, name: str) -> object:
        return self.values.get((key, name))

    def write(self, key: str, name: str, value: str) -> None:
        self.values[key, name] = value

    def delete(self, key: str, name: str) -> None:
        self.values.pop((key, name), None)


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry()


def item(system: str, folder: Path, registry: FakeRegistry, command: list[str]) -> LoginItem:
    if system == "windows":
        return RunKey(registry, command)
    kind = XdgAutostart if system == "linux" else LaunchAgent
    return kind(folder / "autostart", command)


SYSTEMS = pytest.mark.parametrize("system", ["linux", "macos", "windows"])


@SYSTEMS
def test_it_is_disabled_by_default(tmp_path: Path, registry: FakeRegistry, system: str) -> None:
    entry = item(system, tmp_path, registry, HERE)
    assert entry.state() is LoginState.OFF
    entry.disable()

    entry.enable()
    assert entry.state() is LoginState.ON

    entry.disable()
    assert entry.state() is LoginState.OFF


@SYSTEMS
def test_an_entry_with_a_missing_program_is_repaired(
    tmp_path: Path, registry: FakeRegistry, system: str
) -> None:
    item(system, tmp_path, registry, GONE).enable()
    entry = item(system, tmp_path, registry, HERE)
    assert entry.state() is LoginState.STALE

    assert repair(entry)

    assert entry.state() is LoginState.ON
    assert not repair(entry)


@SYSTEMS
def test_repairing_enables_nothing(tmp_path: Path, registry: FakeRegistry, system: str) -> None:
    entry = item(system, tmp_path, registry, HERE)

    assert not repair(entry)

    assert entry.state() is LoginState.OFF


@SYSTEMS
def test_an_entry_of_another_existing_copy_is_not_changed(
    tmp_path: Path, registry: FakeRegistry, system: str
) -> None:
    other = tmp_path / "other copy" / "spendlight"
    other.parent.mkdir()
    other.touch()
    item(system, tmp_path, registry, [str(other)]).enable()
    entry = item(system, tmp_path, registry, HERE)

    assert not repair(entry)

    assert item(system, tmp_path, registry, [str(other)]).state() is LoginState.ON


def test_a_program_on_the_path_exists(tmp_path: Path) -> None:
    (tmp_path / "spendlight.desktop").write_text("[Desktop Entry]\nExec=sh -c spendlight\n")

    assert XdgAutostart(tmp_path, HERE).state() is LoginState.ON


def test_keys_that_disable_the_entry_are_removed(tmp_path: Path) -> None:
    file = tmp_path / "spendlight.desktop"
    file.write_text("[Desktop Entry]\nExec=/gone\nTryExec=/gone\n\n[Desktop Action x]\nExec=y\n")

    assert repair(XdgAutostart(tmp_path, HERE))

    assert "TryExec=/gone" not in file.read_text()


def test_a_session_ignores_the_entry_of_a_removed_program(tmp_path: Path) -> None:
    XdgAutostart(tmp_path, [r"/opt/a \ b/spendlight-tray", "--offline"]).enable()

    lines = (tmp_path / "spendlight.desktop").read_text().splitlines()

    assert r"TryExec=/opt/a \\ b/spendlight-tray" in lines


@pytest.mark.parametrize("content", [b"no list", b"<plist><dict>", b"bplist00\xff"])
def test_a_damaged_entry_is_rewritten(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / f"{AGENT_LABEL}.plist"
    file.write_bytes(content)
    agent = LaunchAgent(tmp_path, HERE)
    assert agent.state() is LoginState.STALE

    assert repair(agent)

    assert plistlib.loads(file.read_bytes())["ProgramArguments"] == HERE


def test_an_appimage_is_started_and_not_its_mounted_program() -> None:
    environ = {"APPIMAGE": "/home/ada/Spendlight.AppImage", "APPDIR": "/tmp/.mount_1"}  # noqa: S108  # where they are

    def command(executable: str) -> tuple[str, ...]:
        return login_command(RunningProgram(environ, executable=executable, is_frozen=True))

    assert command("/tmp/.mount_1/usr/bin/spendlight") == (environ["APPIMAGE"],)  # noqa: S108  # likewise
    assert command("/gone/spendlight/spendlight") == ("/gone/spendlight/spendlight",)


@pytest.mark.parametrize("suffix", ["", ".exe"])
@pytest.mark.parametrize("running", ["spendlight", "spendlight-tray"])
def test_a_bundle_starts_its_tray_at_login_and_prints_from_the_other_program(
    tmp_path: Path, running: str, suffix: str
) -> None:
    programs = {name: tmp_path / f"{name}{suffix}" for name in ("spendlight", "spendlight-tray")}
    for program in programs.values():
        program.touch()
    here = str(programs[running])

    tray = login_command(RunningProgram({}, executable=here, is_frozen=True))
    terminal = terminal_command(RunningProgram({}, executable=here, is_frozen=True))

    assert tray == (str(programs["spendlight-tray"]),)
    assert terminal == (str(programs["spendlight"]),)


PACKAGE = r"C:\Program Files\WindowsApps\1.Spendlight_0.1.0.0_x64__8wekyb3d8bbwe"


@pytest.mark.parametrize(
    ("executable", "family"),
    [
        (rf"{PACKAGE}\spendlight-tray.exe", "1.Spendlight_8wekyb3d8bbwe"),
        (rf"{PACKAGE}\_internal\x.exe", "1.Spendlight_8wekyb3d8bbwe"),
        (r"C:\Users\ada\AppData\Local\Microsoft\WindowsApps\python.exe", ""),
        (r"C:\Users\ada\AppData\Local\Programs\Spendlight\spendlight.exe", ""),
        ("/opt/spendlight/spendlight", ""),
        (r"C:\Program Files\WindowsApps\odd\spendlight.exe", ""),
    ],
)
def test_a_package_of_the_store_is_recognized_by_its_folder(executable: str, family: str) -> None:
    assert package_family(executable) == family


def test_a_package_of_the_store_is_started_by_its_alias(tmp_path: Path) -> None:
    aliases = tmp_path / "Microsoft" / "WindowsApps"
    aliases.mkdir(parents=True)
    (aliases / "spendlight.exe").symlink_to("nowhere")
    environ = {"LOCALAPPDATA": str(tmp_path)}
    here = rf"{PACKAGE}\spendlight-tray.exe"

    terminal = terminal_command(RunningProgram(environ, executable=here, is_frozen=True))

    assert terminal == (str(aliases / "spendlight.exe"),)


@pytest.mark.parametrize(
    ("noted", "state"),
    [
        (None, LoginState.OFF),
        (0, LoginState.OFF),
        (1, LoginState.BLOCKED),
        (2, LoginState.ON),
        (3, LoginState.BLOCKED),
        (4, LoginState.ON),
        ("odd", LoginState.OFF),
    ],
)
def test_windows_decides_whether_a_package_of_the_store_starts(
    registry: FakeRegistry, noted: object, state: LoginState
) -> None:
    entry = StartupTask(registry, "1.Spendlight_8wekyb3d8bbwe")
    if noted is not None:
        registry.values[rf"{TASKS_KEY}\1.Spendlight_8wekyb3d8bbwe\{NAME}", "State"] = noted

    assert entry.state() is state
    assert entry.is_own() is (noted is not None)
    if state is LoginState.ON:
        entry.enable()
        with pytest.raises(AutostartError, match="under Apps > Startup"):
            entry.disable()
    else:
        entry.disable()
        with pytest.raises(AutostartError, match="under Apps > Startup"):
            entry.enable()


def test_packages_of_the_windows_store_have_a_different_entry() -> None:
    def entry(executable: str) -> LoginItem:
        return login_item({}, HERE, "win32", executable)

    assert isinstance(entry(rf"{PACKAGE}\spendlight-tray.exe"), StartupTask)
    assert isinstance(entry(r"C:\spendlight\spendlight-tray.exe"), RunKey)


def test_an_entry_disabled_by_the_session_stays_disabled(tmp_path: Path) -> None:
    entry = XdgAutostart(tmp_path, GONE)
    entry.enable()
    file = tmp_path / "spendlight.desktop"
    file.write_text(file.read_text() + "Hidden=true\nX-Mine=kept\n")

    assert entry.state() is LoginState.BLOCKED
    assert not repair(entry)
    entry.enable()
    assert "X-Mine=kept" in file.read_text()
    assert "Hidden" not in file.read_text()


def test_an_entry_disabled_in_the_task_manager_can_be_enabled(
    registry: FakeRegistry,
) -> None:
    entry = RunKey(registry, HERE)
    entry.enable()
    registry.values[APPROVED_KEY, NAME] = b"\x03" + bytes(11)
    assert entry.state() is LoginState.BLOCKED

    entry.enable()

    assert entry.state() is LoginState.ON
    assert (RUN_KEY, NAME) in registry.values


def test_a_launch_agent_has_the_keys_that_launchd_needs(tmp_path: Path) -> None:
    LaunchAgent(tmp_path, HERE).enable()

    (file,) = tmp_path.iterdir()
    content = plistlib.loads(file.read_bytes())
    assert content["ProgramArguments"] == HERE
    assert content["RunAtLoad"] is True
    assert content["Label"] == file.stem


def test_macos_gets_no_temporary_path(tmp_path: Path) -> None:
    agent = LaunchAgent(tmp_path, ["/private/var/AppTranslocation/1/Spendlight"])

    with pytest.raises(AutostartError, match="temporary folder"):
        agent.enable()


def test_an_unwritable_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(AutostartError, match="could not be changed"):
        XdgAutostart(tmp_path / "file", HERE).enable()


@pytest.mark.linux_programs("desktop-file-validate")
def test_the_desktop_file_is_valid(tmp_path: Path) -> None:
    XdgAutostart(tmp_path, ["/home/ada lovelace/50% off/spendlight"]).enable()

    subprocess.run(["desktop-file-validate", tmp_path / "spendlight.desktop"], check=True)


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1),
        min_size=1,
    )
)
def test_any_command_is_read_back_from_a_desktop_file(command: list[str]) -> None:
    assert arguments_of(exec_line(command)) == command


@pytest.mark.parametrize(
    ("platform", "kind"), [("linux", XdgAutostart), ("darwin", LaunchAgent), ("win32", RunKey)]
)
def test_each_system_has_its_kind_of_entry(tmp_path: Path, platform: str, kind: type) -> None:
    assert isinstance(login_item({"HOME": str(tmp_path)}, HERE, platform), kind)


def test_the_command_is_the_one_that_was_run(tmp_path: Path) -> None:
    script = tmp_path / "spendlight"
    script.touch()
    python = str(tmp_path / "python")

    def command(platform: str, script: str, *, is_frozen: bool = False) -> tuple[str, ...]:
        return login_command(
            RunningProgram(
                {}, platform=platform, executable=python, script=script, is_frozen=is_frozen
            )
        )

    assert command("linux", str(script)) == (str(script),)
    assert command("linux", "-c") == (str(script),)
    assert command("linux", str(script), is_frozen=True) == (python,)
    assert command("win32", str(script)) == (python, "-P", "-m", "spendlight")
    windowless = tmp_path / "pythonw.exe"
    windowless.touch()
    python = str(tmp_path / "pythonw.exe")
    assert command("win32", str(script)) == (python, "-P", "-m", "spendlight")
    assert terminal_command(RunningProgram({}, platform="win32", executable=python, script="-c"))[
        0
    ] == str(tmp_path / "python.exe")
    windowless.unlink()
    python = str(tmp_path / "python")
    script.unlink()
    assert command("linux", "-c") == (python, "-P", "-m", "spendlight")


def test_a_relative_configuration_folder_is_ignored(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": "relative"}

    login_item(environ, ["/opt/spendlight/spendlight-tray"], platform="linux").enable()

    assert (tmp_path / ".config" / "autostart" / "spendlight.desktop").is_file()
