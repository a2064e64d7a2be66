"""A folder belongs to the repository that git says, and all worktrees to their main checkout."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.makers import line, write_log
from tests.tracker.worlds import World, at

from spendlight.ledger.attributions import Names
from spendlight.ledger.opening import connect
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.metering.periods import DAY_MS
from spendlight.tracker import repositories
from spendlight.tracker.filling_in import fill_in_now
from spendlight.tracker.repositories import repository_of

if TYPE_CHECKING:
    from collections.abc import Callable

ME = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "protocol.file.allow=always")


def git(folder: Path, *words: str) -> None:
    environment = {key: text for key, text in os.environ.items() if not key.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(
        ["git", *ME, *words], cwd=folder, env=environment, check=True, capture_output=True
    )


def make(folder: Path) -> Path:
    """Make a repository with a commit."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q")
    git(folder, "commit", "-q", "--allow-empty", "-m", "begin")
    (folder / "src/deep").mkdir(parents=True)
    return folder


@pytest.fixture(autouse=True)
def _there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repositories, "AT_ONCE_S", 30)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path.resolve()


def found(folder: Path, place: Path) -> str:
    """Return a repository's path below the test's folder."""
    repository = repository_of(folder)
    return os.path.relpath(repository, place).replace(os.sep, "/") if repository else ""


def test_worktrees_belong_to_the_main_checkout(place: Path) -> None:
    main = make(place / "engine")
    git(main, "worktree", "add", "-q", "../side")
    git(main, "worktree", "add", "-q", ".claude/worktrees/mend")
    (place / "side/src").mkdir()

    for folder in (main, main / "src/deep", place / "side/src", main / ".claude/worktrees/mend"):
        assert found(folder, place) == "engine"
    git(main, "worktree", "remove", ".claude/worktrees/mend")
    assert found(main / ".claude/worktrees/mend/src", place) == "engine"
    assert found(place, place) == ""


def test_a_worktree_of_claude_code_is_known_even_if_all_is_gone() -> None:
    assert repository_of("/gone/engine/.claude/worktrees/mend/src") == "/gone/engine"
    assert repository_of("C:\\gone\\engine\\.claude\\worktrees\\mend") == "C:\\gone\\engine"
    assert repository_of("/gone/engine/.claude/worktrees/") == ""
    assert repository_of("/gone/engine/src") == ""


def test_a_worktree_of_claude_code_belongs_to_the_repository_around_its_project(
    place: Path,
) -> None:
    main = make(place / "engine")

    assert found(main / "src/.claude/worktrees/mend", place) == "engine"


def test_a_submodule_is_a_repository_of_its_own(place: Path) -> None:
    main, other = make(place / "engine"), make(place / "gear")
    git(main, "submodule", "--quiet", "add", str(other), "parts/gear")

    assert found(main / "parts/gear", place) == "engine/parts/gear"
    git(main / "parts/gear", "worktree", "add", "-q", str(place / "side"))
    assert found(place / "side", place) == "engine/parts/gear"


def test_worktrees_of_a_bare_repository_belong_to_it(place: Path) -> None:
    make(place / "engine")
    git(place, "clone", "-q", "--bare", "engine", "hub.git")
    git(place / "hub.git", "worktree", "add", "-q", str(place / "one"))
    (place / "group").mkdir()
    git(place, "clone", "-q", "--bare", "engine", "group/.bare")
    (place / "group/.git").write_text("gitdir: ./.bare\n")
    git(place / "group/.bare", "worktree", "add", "-q", str(place / "group/two"))

    assert found(place / "one", place) == found(place / "hub.git/refs", place) == "hub.git"
    assert found(place / "group/two", place) == found(place / "group", place) == "group"


def test_a_repository_that_is_kept_elsewhere_is_its_checkout(place: Path) -> None:
    (place / "engine").mkdir()
    git(place / "engine", "init", "-q", f"--separate-git-dir={place / 'kept'}")

    assert found(place / "engine", place) == "engine"


def test_the_nearest_repository_counts(place: Path) -> None:
    make(place / "home")
    inner = make(place / "home/engine")
    (place / "home/notes/.git").mkdir(parents=True)  # git takes this for no repository

    assert found(inner / "src", place) == "home/engine"
    assert found(place / "home/notes", place) == "home"


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_lead_to_one_repository(place: Path) -> None:
    make(place / "engine")
    (place / "link").symlink_to(place / "engine/src")
    (place / "loop").symlink_to(place / "loop")

    assert found(place / "link/deep", place) == "engine"
    assert found(place / "loop", place) == ""


@pytest.mark.parametrize(
    "told", [b"", b"gitdir: ", b"gitdir: /nowhere/.git/worktrees/x\n", b"\xff\0", b"x" * 1_000_000]
)
def test_a_pointer_to_nothing_says_nothing(place: Path, told: bytes) -> None:
    main = make(place / "engine")
    (main / "src/.git").write_bytes(told)

    assert found(main / "src/deep", place) == ""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="it has no pipes")
def test_a_pipe_is_not_waited_for(place: Path) -> None:
    main = make(place / "engine")
    os.mkfifo(main / "src/.git")

    assert found(main / "src", place) == "engine"


@pytest.mark.parametrize("folder", ["", "relative/engine", "C:\\x", "/a\0b", "/" + "x/" * 5000])
def test_odd_folders_are_not_known(folder: str) -> None:
    assert repository_of(folder) == ""


def known(world: World, *folders: Path | str) -> list[str]:
    with closing(connect(world.place / "data/ledger.sqlite3")) as connection:
        names = Names(connection)
        return [names.repository(str(folder)) for folder in folders]


def write_answers(world: World, *folders: Path | str) -> None:
    lines = [
        line(id=f"m{n}", requestId=f"r{n}", timestamp=at(n), cwd=str(folder))
        for n, folder in enumerate(folders)
    ]
    write_log(world.root, "p/s.jsonl", *lines)


def test_a_pass_finds_the_repositories_of_new_folders(world: World, place: Path) -> None:
    main = make(place / "engine")
    folders = [main / "src", main, place / "later", place / "gone"]
    write_answers(world, *folders)
    (place / "later").mkdir()

    tracker = world.read()

    assert known(world, *folders) == [str(main), str(main), "", ""]
    git(place / "later", "init", "-q")
    tracker.refresh()
    assert known(world, place / "later") == [""]  # it is looked for once a day
    with UsageLedger(world.place / "data/ledger.sqlite3") as ledger:
        ledger.note_repositories({str(place / "later"): ""}, 0)
    tracker.refresh()
    assert known(world, *folders) == [str(main), str(main), str(place / "later"), ""]


def test_what_is_known_stays_known_when_the_repository_is_gone(world: World, place: Path) -> None:
    main = make(place / "engine")
    write_answers(world, main / "src")
    tracker = world.read()
    main.rename(place / "other")
    write_answers(world, main / "src", place / "other")

    tracker.refresh()

    assert known(world, main / "src", place / "other") == [str(main), str(place / "other")]


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let folders of one name take for ever, until this is called."""
    event = threading.Event()

    def find(folder: str) -> str:
        if "slow" in folder:
            event.wait(60)
        return f"{folder}/repository"

    monkeypatch.setattr(repositories, "repository_of", find)
    monkeypatch.setattr(repositories, "_stuck", [])
    monkeypatch.setattr(repositories, "AT_ONCE_S", 0.01)

    def end() -> None:
        event.set()
        monkeypatch.setattr(repositories, "AT_ONCE_S", 30)
        for thread in threading.enumerate():
            if thread.name == "repositories":
                thread.join()

    return end


def test_a_drive_that_does_not_respond_holds_up_nothing(
    world: World, release: Callable[[], None]
) -> None:
    write_answers(world, "/a/slow", "/b")
    tracker = world.read()
    tracker.refresh()
    assert known(world, "/a/slow") == [""]

    release()
    tracker.refresh()
    tracker.refresh()

    assert known(world, "/a/slow", "/b") == ["/a/slow/repository", "/b/repository"]


def test_a_process_in_the_background_gives_it_up_for_the_day(
    world: World, release: Callable[[], None]
) -> None:
    write_answers(world, "/a/slow")
    world.read()
    path = world.place / "data/ledger.sqlite3"

    fill_in_now(path)

    with UsageLedger(path) as ledger:
        assert ledger.folders_to_find(0x7FFF, 9) == ["/a/slow"]
        assert ledger.folders_to_find(time.time_ns() // 1_000_000 // DAY_MS, 9) == []
    release()
