from __future__ import annotations

import re
from pathlib import Path

import pytest
from appimage import joined, runtime_of
from building import ROOT, Order
from check_rpm import required_libraries
from deb import control, md5sums, postrm, prerm, sortable
from linked import Needs, debian_list, glibc_in, rpm_requires
from package import made, table
from rpm import spec
from screen import has_icon, windows_of
from shared_files import lay_out_guide

from spendlight.build import REPOSITORY

NEEDS = Needs(("ld-linux-x86-64.so.2", "libX11.so.6", "libc.so.6"), "2.35")


def test_dependencies_for_debian_are_the_linked_libraries_that_are_not_bundled() -> None:
    found = "shlibs:Depends=libc6 (>= 2.38), libssl3 (>= 3.0.3), libx11-6\n"

    depends = debian_list(found, {"libc6", "libx11-6", "libxcursor1"}, "2.35")

    assert depends == "libc6 (>= 2.35), libx11-6, libxcursor1"


def test_dependencies_for_rpm_are_libraries_and_the_c_librarys_version() -> None:
    requires = rpm_requires(NEEDS)

    assert requires == ["libX11.so.6()(64bit)", "libc.so.6(GLIBC_2.35)(64bit)"]
    assert required_libraries("/bin/sh\n" + "\n".join(requires)) == ["libX11.so.6", "libc.so.6"]


def test_the_version_of_the_c_library_is_recognized() -> None:
    assert glibc_in("GLIBC_2.35          _internal/libpython\nGLIBCXX_3.4.30   x\n") == "2.35"
    with pytest.raises(ValueError, match="No version"):
        glibc_in("GLIBCXX_3.4.30   x\n")


@pytest.mark.parametrize(
    ("version", "sorted_as"),
    [("1.2.3", "1.2.3"), ("1.2.0rc1", "1.2.0~rc1"), ("1.2.0.dev3", "1.2.0~dev3")],
)
def test_a_preview_sorts_before_its_release(version: str, sorted_as: str) -> None:
    assert sortable(version) == sorted_as


def test_a_control_file_has_the_fields_required_by_debian() -> None:
    text = control("0.1.0", "amd64", "libc6 (>= 2.35)", 180_000)

    fields = dict(re.findall(r"^([A-Z][\w-]+): (.+)$", text, re.MULTILINE))
    assert fields["Version"] == "0.1.0"
    assert fields["Installed-Size"] == "180000"
    assert {"Package", "Architecture", "Maintainer", "Depends", "Description"} <= fields.keys()
    body = text.partition("Description: ")[2].splitlines()[1:]
    assert body
    assert all(line.startswith(" ") for line in body)
    assert text.endswith("\n")


def test_changed_files_can_be_found_on_debian(tmp_path: Path) -> None:
    (tmp_path / "a b").write_text("x", encoding="utf-8")

    assert md5sums(tmp_path, [tmp_path / "a b"]) == "9dd4e461268c8034f5c8564e155c67a6  a b\n"


def test_an_upgrade_does_not_end_the_tray_and_a_removal_says_what_stays() -> None:
    before, after = prerm("end_running() { :; }\n"), postrm("The ledger stays.\n")

    assert 'if [ "$1" = remove ]; then\n    end_running /opt/spendlight\n' in before
    assert "The ledger stays.\n" in after


def test_the_rpm_owns_its_folders_and_none_of_the_systems(tmp_path: Path) -> None:
    order = Order(tmp_path, tmp_path, "0.1.0", is_fast=True, date_s=1_783_166_400)
    files = ["/opt/spendlight/_internal/100%.so", "/usr/bin/spendlight"]

    text = spec(order, rpm_requires(NEEDS), files, packing="w1.zstdio")

    assert '%dir "/opt/spendlight"\n%dir "/opt/spendlight/_internal"\n' in text
    assert '%dir "/usr' not in text
    assert '%dir "/opt"\n' not in text
    assert '"/opt/spendlight/_internal/100%%.so"\n' in text
    assert "* Sat Jul 04 2026 Spendlight contributors" in text


def test_an_appimage_is_its_runtime_and_its_image(tmp_path: Path) -> None:
    runtime, picture = tmp_path / "runtime", tmp_path / "picture"
    runtime.write_bytes(b"\x7fELF\x02\x01\x01\x00AI\x02 and so on")
    picture.write_bytes(b"hsqs")

    image = joined(runtime, picture, tmp_path / "Spendlight.AppImage")

    assert image.read_bytes() == runtime.read_bytes() + b"hsqs"
    assert image.stat().st_mode & 0o111


@pytest.mark.parametrize("content", [b"", b"<html>not found", b"\x7fELF\x02\x01\x01\x00plain"])
def test_an_invalid_runtime_is_rejected(tmp_path: Path, content: bytes) -> None:
    runtime = tmp_path / "runtime"
    runtime.write_bytes(content)

    with pytest.raises(SystemExit, match="is no runtime"):
        joined(runtime, runtime, tmp_path / "Spendlight.AppImage")

    assert not (tmp_path / "Spendlight.AppImage").exists()


def test_a_runtime_given_as_argument_overrides_the_environment() -> None:
    environ = {"SPENDLIGHT_APPIMAGE_RUNTIME": "/a/runtime"}

    assert runtime_of(Path("/b"), environ) == Path("/b")
    assert runtime_of(None, environ) == Path("/a/runtime")
    assert runtime_of(None, {}) is None


def test_the_created_files_are_listed_with_their_sizes(tmp_path: Path) -> None:
    package = tmp_path / "spendlight.deb"
    package.write_bytes(b"x" * 2_000_000)

    files = made(f"# a remark\n{package}\n")

    assert table(files) == f"{package}     2.0 MB"


PANEL = """\
     0x200001 "trayer": ("trayer" "Trayer")  10x10+10+10  +10+10
        0x200003 "panel": ("panel" "trayer")  24x28+0+0  +1256+772
           2 children:
              1 child:
              {icon}
     0x600010 "Today $1.00 - Spendlight": ("Spendlight" "spendlight")  1080x720+0+0  +88+33
"""


def test_only_an_icon_accepted_by_the_panel_counts() -> None:
    icon = '0x600007 "Spendlight": ("Spendlight" "spendlight")  22x26+0+0  +1257+773'

    assert has_icon(PANEL.format(icon=icon))
    assert not has_icon(PANEL.format(icon="0x400277 (has no name): ()  4x18+0+0  +1256+772"))
    assert windows_of(PANEL.format(icon="")) == [("0x600010", 1080)]


def test_packages_contain_the_guide_with_working_links(tmp_path: Path) -> None:
    lay_out_guide(tmp_path, "1.2.3")

    pages = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.md")}
    assert pages.keys() == {path.name for path in (ROOT / "docs").glob("*.md")}
    links = {link for text in pages.values() for link in re.findall(r"\]\(([^)#]+)", text)}
    assert f"{REPOSITORY}/blob/v1.2.3/ARCHITECTURE.md" in links
    assert [link for link in links if "://" not in link and not (tmp_path / link).exists()] == []
