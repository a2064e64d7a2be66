from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.logs.listers import list_in_python
from tests.makers import line, write_log

from spendlight.logs import agents, discovery
from spendlight.logs.agent import LogRoot
from spendlight.logs.claude_code.agent import CLAUDE_CODE, of_claude_code
from spendlight.logs.discovery import discover, state_of
from spendlight.logs.homes import home_folder
from spendlight.logs.sources import LogKind
from spendlight.metering.session_names import session_name


def make_root(folder: Path) -> Path:
    """Make a Claude data folder without logs."""
    (folder / "projects").mkdir(parents=True)
    return folder


def find_roots(environ: dict[str, str], **more: Any) -> list[LogRoot]:  # noqa: ANN401  # any option
    return of_claude_code(agents.find_roots(environ, **more))


def folders(environ: dict[str, str], *, with_vms: bool = True) -> list[str]:
    """Return the folders of the roots in effect."""
    return [root.folder for root in find_roots(environ, with_vms=with_vms)]


def listed(*parts: object) -> dict[str, str]:
    """Return an environment that lists folders."""
    return {"CLAUDE_CONFIG_DIR": ",".join(map(str, parts)), "HOME": "/nowhere"}


def places(root: Path) -> list[str]:
    """Return the logs below a root."""
    return [file.relative_path for file in discover([LogRoot(str(root), CLAUDE_CODE)]).files]


def test_the_listed_folders_count_in_their_order(tmp_path: Path) -> None:
    one, two = make_root(tmp_path / "one"), make_root(tmp_path / "two")

    assert folders(listed(two, one)) == [str(two), str(one)]


@pytest.mark.parametrize(
    "text", ["{0}", " {0} , ", ",{0},,{0}", "{0}/,{0}/.", "{0}/projects", "{0}/x/.."]
)
def test_blanks_empty_parts_and_repetitions_in_the_list_are_ignored(
    tmp_path: Path, text: str
) -> None:
    root = make_root(tmp_path / "one")

    assert folders(listed(text.format(root))) == [str(root)]


def test_a_listed_folder_need_not_exist_or_contain_logs(tmp_path: Path) -> None:
    root = make_root(tmp_path / "one")
    (tmp_path / "two").mkdir()
    (tmp_path / "three" / "projects").parent.mkdir()
    (tmp_path / "three" / "projects").write_text("a file")

    found = find_roots(listed(tmp_path / "two", tmp_path / "three", "/nowhere", root))

    assert [one.exists for one in found] == [False, False, False, True]
    assert discover(found) == discovery.Discovery((), ())


@pytest.mark.parametrize("value", ["", " , "])
def test_an_empty_list_names_no_folder(value: str) -> None:
    assert folders({"CLAUDE_CONFIG_DIR": value, "HOME": "/nowhere"}) == []


def test_a_listed_folder_may_be_relative_to_home_or_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, here = make_root(tmp_path / "home"), make_root(tmp_path / "here")
    sub = make_root(home / "sub")
    monkeypatch.chdir(tmp_path)

    environ = {"CLAUDE_CONFIG_DIR": "~,~/sub,here", "HOME": str(home)}

    assert folders(environ) == [str(home), str(sub), str(here)]


def test_a_data_folder_called_projects_means_its_parent(tmp_path: Path) -> None:
    root = make_root(tmp_path / "projects" / "claude")

    assert folders(listed(root)) == [str(root)]
    assert folders(listed(root / "projects")) == [str(root)]
    assert folders(listed(make_root(tmp_path / "a" / "projects"))) == [str(tmp_path / "a")]


def test_by_default_the_xdg_and_the_home_folder_both_count(tmp_path: Path) -> None:
    xdg, home = tmp_path / "xdg", tmp_path / "home"

    assert folders({"HOME": str(home), "XDG_CONFIG_HOME": str(xdg)}) == [
        str(xdg / "claude"),
        str(home / ".claude"),
    ]
    assert folders({"HOME": str(home)}) == [
        str(home / ".config" / "claude"),
        str(home / ".claude"),
    ]


def test_by_default_a_folder_need_not_exist_yet(tmp_path: Path) -> None:
    roots = find_roots({"HOME": str(tmp_path)})

    assert [root.exists for root in roots] == [False, False]
    assert discover(roots) == discovery.Discovery((), ())


@pytest.mark.parametrize(
    ("environ", "home"),
    [
        ({"HOME": "/h", "USERPROFILE": "/u"}, "/h"),
        ({"HOME": "", "USERPROFILE": "/u"}, "/u"),
        ({"HOMEDRIVE": "C:", "HOMEPATH": "\\me"}, "C:\\me"),
        ({}, ""),
    ],
)
def test_home_has_several_names(environ: dict[str, str], home: str) -> None:
    assert home_folder(environ) == home


def test_without_a_home_there_are_no_roots() -> None:
    assert find_roots({}) == []


def test_virtual_machines_are_separate_roots_unless_excluded(tmp_path: Path) -> None:
    root = make_root(tmp_path / "claude")
    vm = make_root(root / "vms" / "beta")
    make_root(root / "vms" / "alpha")
    (root / "vms" / "empty").mkdir()
    (root / "vms" / "file").write_text("")

    found = find_roots(listed(root))

    assert [one.machine for one in found] == ["", "alpha", "beta"]
    assert found[2] == LogRoot(str(vm), CLAUDE_CODE, "beta", str(root))
    assert folders(listed(root), with_vms=False) == [str(root)]


@pytest.mark.usefixtures("lister")
def test_every_log_below_projects_is_found_even_hidden_and_nested_ones(tmp_path: Path) -> None:
    wanted = [".h/s.jsonl", ".x.jsonl", "a/b/c/d/e.jsonl", "d.jsonl/e.jsonl", "p/agent-1.jsonl"]
    for place in [*wanted, "p/.jsonl", "p/s.json", "p/s.JSONL", "p/s.jsonl.bak", "jsonl"]:
        write_log(tmp_path, place, line())

    assert places(tmp_path) == sorted(wanted)


def test_logs_of_all_roots_are_sorted_by_path(tmp_path: Path) -> None:
    for root in ("b", "a"):
        for place in ("p/s/subagents/x.jsonl", "p/s.jsonl"):
            write_log(tmp_path / root, place, line())

    found = discover(
        [LogRoot(str(tmp_path / "b"), CLAUDE_CODE), LogRoot(str(tmp_path / "a"), CLAUDE_CODE)]
    )

    assert [file.path.removeprefix(str(tmp_path)) for file in found.files] == [
        "/a/projects/p/s.jsonl",
        "/a/projects/p/s/subagents/x.jsonl",
        "/b/projects/p/s.jsonl",
        "/b/projects/p/s/subagents/x.jsonl",
    ]


@pytest.mark.usefixtures("lister")
def test_a_log_has_the_attributes_of_its_file(tmp_path: Path) -> None:
    path = write_log(tmp_path, "p/s.jsonl", line())

    (found,) = discover([LogRoot(str(tmp_path), CLAUDE_CODE)]).files

    status = path.stat()
    assert found == (
        str(path),
        str(path),
        LogRoot(str(tmp_path), CLAUDE_CODE),
        "p/s.jsonl",
        len(line()),
        status.st_mtime_ns,
        status.st_ino,
        LogKind.LINES,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="needs the right to make links")
class Status(NamedTuple):
    """The attributes of a file."""

    st_size: int
    st_mtime_ns: int
    st_ino: int


@pytest.mark.parametrize("mtime_ns", [-(2**70), -(2**63), -1, 2**63 - 1, 2**63, 2**80])
@pytest.mark.parametrize("inode", [0, 2**63 - 1, 2**63, 2**64 - 1, 2**128 - 1])
def test_any_file_attributes_fit_into_the_ledger(mtime_ns: int, inode: int) -> None:
    status = Status(7, mtime_ns, inode)

    size, stored_ns, stored_inode = state_of(status)  # type: ignore[arg-type]  # has the attributes in use

    assert size == 7
    assert -(2**63) <= stored_ns < 2**63
    assert 0 <= stored_inode < 2**63
    if inode < 2**63:
        assert stored_inode == inode
    else:
        assert stored_inode != state_of(status._replace(st_ino=inode - 1))[2]  # type: ignore[arg-type]


def test_links_inside_are_ignored_but_a_link_to_projects_is_followed(tmp_path: Path) -> None:
    real = tmp_path / "real"
    write_log(real, "p/s.jsonl", line())
    (real / "projects" / "file.jsonl").symlink_to(real / "projects" / "p" / "s.jsonl")
    (real / "projects" / "folder").symlink_to(real / "projects" / "p")
    (real / "projects" / "loop").symlink_to(real / "projects")
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "projects").symlink_to(real / "projects")

    assert places(real) == ["p/s.jsonl"]
    assert places(linked) == ["p/s.jsonl"]
    assert discover([LogRoot(str(linked), CLAUDE_CODE)]).links == ()


@pytest.mark.skipif(sys.platform == "win32", reason="needs the right to make links")
def test_links_to_logs_that_are_found_nowhere_else_are_named(
    tmp_path: Path,
) -> None:
    root = make_root(tmp_path / "claude")
    write_log(tmp_path / "elsewhere", "p/s.jsonl", line())
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "memory.md").write_text("")
    inside = root / "projects"
    (inside / "-home-big").symlink_to(tmp_path / "elsewhere" / "projects")
    (inside / "one.jsonl").symlink_to(tmp_path / "elsewhere" / "projects" / "p" / "s.jsonl")
    (inside / "memory").symlink_to(notes)
    (inside / "memory.md").symlink_to(notes / "memory.md")
    (inside / "gone").symlink_to(tmp_path / "nowhere")

    found = discover([LogRoot(str(root), CLAUDE_CODE)])

    assert found.files == ()
    assert found.links == (str(inside / "-home-big"), str(inside / "one.jsonl"))


@pytest.mark.usefixtures("lister")
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_with_the_name_of_a_log_is_ignored(tmp_path: Path) -> None:
    write_log(tmp_path, "p/s.jsonl", line())
    os.mkfifo(tmp_path / "projects" / "p" / "pipe.jsonl")

    assert places(tmp_path) == ["p/s.jsonl"]


def refuse(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Make all folders of a name unreadable."""
    list_in_python(monkeypatch)
    scan = os.scandir

    def guarded(folder: str | int) -> Iterator[os.DirEntry[str]]:
        if isinstance(folder, str) and os.path.basename(folder) == name:  # noqa: PTH119  # any text
            raise PermissionError(13, "Permission denied")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", guarded)


def test_a_folder_that_cannot_be_read_is_reported_and_hides_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("p/s.jsonl", "secret/s.jsonl", "z/s.jsonl"):
        write_log(tmp_path, place, line())
    refuse(monkeypatch, "secret")

    found = discover([LogRoot(str(tmp_path), CLAUDE_CODE)])

    assert [file.relative_path for file in found.files] == ["p/s.jsonl", "z/s.jsonl"]
    assert found.unreadable == ((str(tmp_path / "projects" / "secret"), "Permission denied"),)


def test_a_log_deleted_while_its_folder_is_listed_hides_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_in_python(monkeypatch)
    for name in "abc":
        write_log(tmp_path, f"p/{name}.jsonl", line())
    scan = os.scandir

    class Listing:
        def __init__(self, folder: str) -> None:
            self._entries = scan(folder)

        def __enter__(self) -> Iterator[Any]:
            for one in list(self._entries):
                if one.name == "b.jsonl":
                    os.unlink(one.path)  # noqa: PTH108  # text
                yield one

        def __exit__(self, *_: object) -> None:
            self._entries.close()

    monkeypatch.setattr(os, "scandir", Listing)
    found = discover([LogRoot(str(tmp_path), CLAUDE_CODE)])

    assert [file.relative_path for file in found.files] == ["p/a.jsonl", "p/c.jsonl"]
    assert found.unreadable == ()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_invalid_utf_8_names_can_be_opened_stored_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_log(tmp_path, "caf\udce9/s\u00e9.jsonl", line())
    write_log(tmp_path, "no\udce9/s.jsonl", line())
    refuse(monkeypatch, "no\udce9")

    found = discover([LogRoot(str(tmp_path), CLAUDE_CODE)])

    (file,) = found.files
    assert file.relative_path == "caf\\xe9/s\u00e9.jsonl"
    assert file.name.encode().endswith(b"/caf\\xe9/s\xc3\xa9.jsonl")
    assert Path(file.path).read_bytes() == line()
    assert [one.path[-6:].encode() for one in found.unreadable] == [b"no\\xe9"]


@pytest.mark.parametrize(
    ("place", "session", "project_path", "project"),
    [
        ("root.jsonl", "root.jsonl", "Unknown Project", "root.jsonl"),
        ("p/s1.jsonl", "s1", "p", "p"),
        ("p/agent-xyz.jsonl", "agent-xyz", "p", "p"),
        ("p/s1/subagents/agent-a.jsonl", "s1", "p", "p"),
        ("p/s3/sub/chat.jsonl", "sub", "p/s3", "p"),
        ("p/s3/chat.jsonl", "s3", "p", "p"),
        ("p/s1/subagents/wf/agent-b.jsonl", "wf", "p/s1/subagents", "p"),
        ("p/s1/subagents/workflows/agent-c.jsonl", "s1", "p", "p"),
        ("p/s1/subagents/workflows/w1/agent-c.jsonl", "s1", "p", "p"),
        ("p/s1/subagents/workflows/w1/deep/er/agent-c.jsonl", "s1", "p", "p"),
        ("p/s1/subagents/agent-a/subagents/agent-d.jsonl", "s1", "p", "p"),
        ("p/q/s9/subagents/workflows/w1/x.jsonl", "s9", "p/q", "p"),
        ("p/subagents/workflows/w1/x.jsonl", "w1", "p/subagents/workflows", "p"),
        ("p/s1/workflows/w1/subagents/x.jsonl", "w1", "p/s1/workflows", "p"),
        ("p/subagents/agent-c.jsonl", "subagents", "p", "p"),
        ("p/a.jsonl.jsonl", "a.jsonl", "p", "p"),
        ("projects/projects.jsonl", "projects", "projects", "projects"),
    ],
)
def test_the_path_determines_session_and_project(
    place: str, session: str, project_path: str, project: str
) -> None:
    assert session_name(place) == (project, project_path, session)


def test_a_parent_folder_called_projects_is_not_the_project(tmp_path: Path) -> None:
    root = tmp_path / "projects" / "work" / ".claude"
    write_log(root, "-app/s.jsonl", line())

    assert places(root) == ["-app/s.jsonl"]


def test_an_inaccessible_folder_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = os.stat

    def guarded(path: str | Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if str(path).startswith(str(tmp_path)):
            raise PermissionError(13, "Permission denied")
        return look(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "stat", guarded)
    refuse(monkeypatch, "projects")
    roots = find_roots({"CLAUDE_CONFIG_DIR": str(tmp_path / "closed"), "HOME": "/nowhere"})

    assert discover(roots).unreadable == (
        (str(tmp_path / "closed" / "projects"), "Permission denied"),
    )


def test_additional_folders_are_added_to_those_found(tmp_path: Path) -> None:
    other = make_root(tmp_path / "a, b: c")
    environ = {"HOME": str(tmp_path)}

    roots = find_roots(environ, more=[str(other / "projects"), "~/work", str(tmp_path / ".claude")])

    usual = [str(tmp_path / ".config" / "claude"), str(tmp_path / ".claude")]
    assert [root.folder for root in roots] == [*usual, str(other), str(tmp_path / "work")]
