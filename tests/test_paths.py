from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from platformdirs import user_cache_path, user_config_path, user_data_path, user_state_path

from spendlight import paths


def test_each_kind_of_file_has_the_systems_place_for_it(home: Path) -> None:
    places = {paths.data_dir(os.environ), paths.cache_dir(os.environ), paths.config_dir(os.environ)}

    assert len(places) == 3 or os.name == "nt"
    assert all(place.is_relative_to(home) for place in places)
    assert paths.settings_path(os.environ) == paths.config_dir(os.environ) / "settings.toml"


@pytest.mark.parametrize("named", [None, "", "/elsewhere", "/with/~", "relative", " "])
def test_the_systems_place_is_the_one_that_platformdirs_knows(
    named: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        if named is None:
            monkeypatch.delenv(variable)
        else:
            monkeypatch.setenv(variable, named)

    assert paths.data_dir(os.environ) == user_data_path("spendlight", appauthor=False)
    assert paths.cache_dir(os.environ) == user_cache_path("spendlight", appauthor=False)
    assert paths.config_dir(os.environ) == user_config_path("spendlight", appauthor=False)


def test_one_variable_names_a_place_for_everything(tmp_path: Path) -> None:
    environ = {"SPENDLIGHT_DATA_DIR": str(tmp_path)}

    assert paths.data_dir(environ) == tmp_path
    assert paths.cache_dir(environ) == tmp_path / "cache"
    assert paths.settings_path(environ) == tmp_path / "settings.toml"


def test_a_named_ledger_has_separate_settings(tmp_path: Path) -> None:
    assert paths.settings_path({}, tmp_path) == tmp_path / "settings.toml"


def test_the_state_has_a_place_that_the_ledgers_does_not_move(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPENDLIGHT_DATA_DIR", "/elsewhere")

    assert paths.state_dir() == user_state_path("spendlight", appauthor=False)
    assert all(place.is_relative_to(home) for place in paths.temporary_ledgers()[:2])


def test_temporary_files_are_where_python_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        monkeypatch.setenv("TMPDIR", str(place))
        monkeypatch.setattr(tempfile, "tempdir", None)

        assert paths.temp_dir().parent == Path(tempfile.gettempdir())


@pytest.mark.skipif(os.name == "nt", reason="other users have no access there")
def test_a_folder_that_others_can_write_to_or_own_is_not_private(tmp_path: Path) -> None:
    made, open_to_all, link = (tmp_path / name for name in ("made", "open", "link"))
    paths.make_own(made)
    paths.make_own(made)
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    link.symlink_to(made)

    assert paths.is_own(made)
    assert made.stat().st_mode & 0o777 == 0o700
    for folder in (open_to_all, link):
        assert not paths.is_own(folder)
        with pytest.raises(PermissionError):
            paths.make_own(folder)
    assert not paths.is_own(tmp_path / "nothing")
