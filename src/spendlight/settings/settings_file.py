"""Reads and writes the settings file, atomically and without losing what it cannot parse."""

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
"""A larger file is not a settings file."""

_BYTE_ORDER_MARK: Final = "\ufeff"
"""Some editors on Windows write it at the beginning of a file."""


class SettingsNotSavedError(UsageError):
    """The settings could not be written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The settings could not be saved: {reason}",
            f"They stay in effect until Spendlight quits. Make sure that {path} is writable.",
        )


class SettingsFile:
    """The settings file.

    Attributes:
        path: Its path; it may be a link.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> LoadedSettings:
        """Return the settings in the file; what cannot be read is listed as a problem."""
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

        A file that is not valid TOML is kept as ``settings.toml.broken-1``, or the next number.

        Raises:
            SettingsNotSavedError: If it cannot be written. It is then unchanged.
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
    # as bytes, or line ends would be converted
    return read_regular(path, _MOST_BYTES).decode().removeprefix(_BYTE_ORDER_MARK)


def _keep_copy(path: Path) -> None:
    """Copy a file beside itself, under an unused name."""
    number = 1
    while True:
        copy = path.with_name(f"{path.name}.broken-{number}")
        try:
            handle = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            number += 1
            continue
        break
    with open(handle, "wb") as file:  # noqa: PTH123  # a descriptor
        file.write(path.read_bytes())
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, text: str) -> None:
    """Replace a file, or the target of a link, atomically."""
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # private
    draft = Path(name)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123  # a descriptor
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
