"""Reads and writes the settings file: at once or not at all, and never over what is not read."""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path
from typing import Final

from spendlight.errors import UsageError
from spendlight.regular_files import read_regular
from spendlight.settings.reading import read
from spendlight.settings.values import LoadedSettings, Settings

_MOST_BYTES: Final = 1 << 20
"""A larger file is no settings file."""

_BYTE_ORDER_MARK: Final = "\ufeff"
"""Some editors on Windows begin a file with it."""


class SettingsNotSavedError(UsageError):
    """The settings could not be written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The settings could not be saved: {reason}",
            f"They stay in effect until Spendlight quits. Make sure that {path} is writable.",
        )


class SettingsFile:
    """The file that keeps the settings.

    Attributes:
        path: Where it stands; it may be a link.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> LoadedSettings:
        """Return what the file says; what cannot be read is a problem in it and no error."""
        try:
            return read(tomllib.loads(_text(self.path)))
        except FileNotFoundError:
            return LoadedSettings(Settings())
        except OSError as error:
            reason = f"cannot be read: {error.strerror or error}"
        except (ValueError, RecursionError) as error:
            reason = f"is not valid TOML, and is left unchanged: {error}"
        return LoadedSettings(Settings(), (f"{self.path} {reason}. The defaults are used.",))

    def save(self, settings: Settings) -> None:
        """Write the settings; comments and unknown keys in the file stay.

        A file that is no TOML is kept as ``settings.toml.broken-1``, or the next number.

        Raises:
            SettingsNotSavedError: It cannot be written. It is as it was.
        """
        from spendlight.settings import writing  # needs tomlkit, which is slow to import

        try:
            try:
                before = _text(self.path)
                text = writing.merged(before, settings)
                if text == before:
                    return
            except FileNotFoundError:
                text = writing.fresh(settings)
            except (ValueError, RecursionError):
                text = None
            if text is None:
                _keep_copy(self.path)
                text = writing.fresh(settings)
            _replace(self.path, text)
        except OSError as error:
            raise SettingsNotSavedError(self.path, error.strerror or str(error)) from error


def _text(path: Path) -> str:
    # as bytes, or the ends of lines would be changed
    return read_regular(path, _MOST_BYTES).decode().removeprefix(_BYTE_ORDER_MARK)


def _keep_copy(path: Path) -> None:
    """Copy a file beside itself, under a name that is free."""
    number = 1
    while True:
        copy = path.with_name(f"{path.name}.broken-{number}")
        try:
            handle = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            number += 1
            continue
        break
    with open(handle, "wb") as file:  # noqa: PTH123  # a handle
        file.write(path.read_bytes())
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, text: str) -> None:
    """Put a text in the place of a file at once, and where it is a link, of its target."""
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # for us alone
    draft = Path(name)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123  # a handle
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
