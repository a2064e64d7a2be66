from __future__ import annotations

import os
from pathlib import Path

import pytest
from platformdirs import user_cache_path, user_config_path, user_data_path

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


def test_a_ledger_that_was_named_has_settings_of_its_own(tmp_path: Path) -> None:
    assert paths.settings_path({}, tmp_path) == tmp_path / "settings.toml"
