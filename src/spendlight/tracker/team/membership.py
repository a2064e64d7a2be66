"""Which team this machine belongs to: a file beside the ledger that nobody else can read."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.errors import BadArgumentError, UsageError
from spendlight.regular_files import read_regular
from spendlight.tracker.machines import fit_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FILE: Final = "team.json"
CACHE: Final = "team.duckdb"

_MOST_BYTES: Final = 64 << 10
_ID_BYTES: Final = 8
_SECRET_BYTES: Final = 32
_PRIVATE: Final = 0o600


class NoTeamError(BadArgumentError):
    """This machine belongs to no team."""

    def __init__(self) -> None:
        super().__init__(
            "This machine does not belong to a team",
            "Join one with 'spendlight team join URL', or create it in an empty folder.",
        )


class OtherTeamError(BadArgumentError):
    """This machine belongs to another team already."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"This machine already belongs to the team at {url}",
            "Leave it first with 'spendlight team leave'.",
        )


class MembershipFileError(UsageError):
    """The file of the membership cannot be read or written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The team's settings cannot be used: {reason}",
            f"They are in {path}. If the file is damaged, delete it and join again.",
        )


class Membership(NamedTuple):
    """This machine's membership.

    Attributes:
        url: Where the team's files lie.
        id: Identifies this membership; another one publishes everything again.
        person: Whose machine it is.
        name: The machine's name in the team.
        hide: The kinds of names that are hidden.
        secret: The key of their hashes.
        keeps_entries: Whether the ledger takes in the entries of other machines.
    """

    url: str
    id: str
    name: str
    person: str
    hide: tuple[str, ...]
    secret: bytes
    keeps_entries: bool = False


def new_membership(
    url: str, name: str, person: str, hide: tuple[str, ...], *, keeps_entries: bool = False
) -> Membership:
    """Return a new membership with a secret of its own."""
    secret = os.urandom(_SECRET_BYTES)
    return Membership(url, os.urandom(_ID_BYTES).hex(), name, person, hide, secret, keeps_entries)


def changed(
    before: Membership,
    name: str,
    person: str,
    hide: Iterable[str] | None,
    *,
    keeps_entries: bool | None,
) -> Membership:
    """Return a membership with what is given changed; "" and None change nothing.

    If other names are hidden, it is another one, so that everything is published again.
    """
    hidden = before.hide if hide is None else tuple(sorted(set(hide)))
    keeps = before.keeps_entries if keeps_entries is None else keeps_entries
    made = new_membership(
        before.url,
        fit_name(name) or before.name,
        fit_name(person) or before.person,
        hidden,
        keeps_entries=keeps,
    )
    if before.hide != hidden:
        return made
    return made._replace(id=before.id, secret=before.secret)


def load(folder: Path) -> Membership | None:
    """Return the membership, or None if there is none.

    Args:
        folder: The ledger's.

    Raises:
        MembershipFileError: If it cannot be read.
    """
    path = folder / FILE
    try:
        found = json.loads(read_regular(path, _MOST_BYTES))
        return Membership(
            url=_text(found["url"]),
            id=_text(found["id"]),
            name=_text(found["name"]),
            person=_text(found["person"]),
            hide=tuple(map(_text, found["hide"])),
            secret=bytes.fromhex(_text(found["secret"])),
            keeps_entries=found.get("keepEntries") is True,
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise MembershipFileError(path, error.strerror or str(error)) from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise MembershipFileError(path, "the file is damaged") from error


def demand(folder: Path) -> Membership:
    """Return the membership.

    Raises:
        NoTeamError: If there is none.
        MembershipFileError: If it cannot be read.
    """
    found = load(folder)
    if found is None:
        raise NoTeamError
    return found


def save(folder: Path, membership: Membership) -> None:
    """Store the membership.

    Raises:
        MembershipFileError: If it cannot be written.
    """
    content = {
        "url": membership.url,
        "id": membership.id,
        "name": membership.name,
        "person": membership.person,
        "hide": list(membership.hide),
        "secret": membership.secret.hex(),
        "keepEntries": membership.keeps_entries,
    }
    path = folder / FILE
    part = path.with_name(f"{FILE}.{os.getpid()}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123  # a descriptor
            json.dump(content, file, indent=2)
        part.replace(path)
    except OSError as error:
        raise MembershipFileError(path, error.strerror or str(error)) from error


def remove(folder: Path) -> None:
    """Delete the membership and the cache.

    Raises:
        MembershipFileError: If it cannot be deleted.
    """
    path = folder / FILE
    try:
        path.unlink(missing_ok=True)
        for name in (CACHE, f"{CACHE}.wal"):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise MembershipFileError(path, error.strerror or str(error)) from error


def user_name() -> str:
    """Return the user's name on this system."""
    import getpass  # once in a membership

    try:
        return fit_name(getpass.getuser()) or "unknown"
    except (OSError, KeyError):
        return "unknown"


def _text(value: object) -> str:
    if not isinstance(value, str):
        message = f"not a text: {value!r}"
        raise TypeError(message)
    return value
