"""Brings the cache up to date. It is only open while it is used, not while files are downloaded."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from spendlight.team.cache_file import using
from spendlight.team.intake import (
    Endurance,
    Fetched,
    batches,
    fetch,
    result,
    segments_in,
    take_in,
    unknown,
)
from spendlight.team.listing import Unreadable
from spendlight.team.machine_names import changed_machines, read_machines
from spendlight.team.segments import DAYS_SUFFIX
from spendlight.team.shared_folder import SharedFolder, SharedFolderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from spendlight.team.cache import TeamCache
    from spendlight.team.intake import TakenIn, Wanted
    from spendlight.team.listing import Listed, Listing
    from spendlight.team.machine_names import MachineRow

_T = TypeVar("_T")

_MOST_TRIES: Final = 2
"""How often a segment is downloaded: again if the cache had to be made again meanwhile."""


class _Missing(NamedTuple):
    """What is to be downloaded while the cache is closed."""

    segments: list[Wanted]
    machines: list[Listed]


class _Used(NamedTuple, Generic[_T]):
    """What came of using the cache."""

    value: _T


def up_to_date(
    path: Path,
    thresholds_of: Callable[[set[str]], Iterable[int]],
    url: str,
    use: Callable[[TeamCache, TakenIn | None, str], _T],
) -> _T:
    """Take in what is new in a team's folder, and use the cache.

    Args:
        path: The cache's file.
        thresholds_of: See `TeamCache`.
        url: The team's folder.
        use: Gets the cache, what was found in the folder, which is None if it cannot be used now,
            and why. It is called again if the cache turns out to be damaged and is made again.

    Raises:
        CacheBusyError: If another process uses the cache for too long.
        CacheUnusableError: If it cannot be read or written.
        TeamMissingError: If the libraries for teams are not installed.
    """
    try:
        shared = SharedFolder(url)
        shared.demand_team()
        update = _Update(shared, shared.list(without=DAYS_SUFFIX))
    except SharedFolderError as error:
        problem = error.reason

        def use_old(cache: TeamCache) -> _T:
            cache.complete_sums()
            return use(cache, None, problem)

        return using(path, thresholds_of, use_old)
    with TemporaryDirectory(prefix="spendlight-team-") as folder:

        def use_new(cache: TeamCache) -> _Missing | _Used[_T]:
            return update.take_in(cache) or _Used(update.finish(cache, use))

        while isinstance(found := using(path, thresholds_of, use_new), _Missing):
            update.download(found, Path(folder))
        return found.value


class _Update:
    """Takes in a team's folder as it was listed."""

    def __init__(self, shared: SharedFolder, listing: Listing) -> None:
        self._shared = shared
        self._listing = listing
        self._segments = segments_in(listing)
        self._endurance = Endurance(shared)
        self._wanted: list[Wanted] = []
        self._fetched = Fetched([], {})
        self._tries: Counter[str] = Counter()
        self._new: set[str] = set()
        self._faults: dict[str, str] = {}
        self._machines: list[MachineRow] = []
        self._problem = ""

    def take_in(self, cache: TeamCache) -> _Missing | None:
        """Take in what is on this machine; return what must be downloaded first, if anything."""
        self._take_in(self._wanted, self._fetched, cache)
        cache.note_machines(self._machines)
        wanted = unknown(self._segments, cache)
        machines = changed_machines(self._listing, cache.machine_files())
        if self._shared.is_local:
            self._take_in_local(wanted, cache)
            if any(name.is_merged for name, _ in wanted):
                self._take_in_local(unknown(self._segments, cache), cache)
            self._read(machines)
            cache.note_machines(self._machines)
            return None
        wanted = [one for one in wanted if self._may_try(one[1].path)]
        machines = [one for one in machines if one.path not in self._faults]
        if self._problem or not (wanted or machines):
            return None
        return _Missing(next(batches(wanted), []), machines)

    def _take_in_local(self, wanted: list[Wanted], cache: TeamCache) -> None:
        for batch in batches(wanted):
            fetched = fetch(batch, self._shared, Path(), self._endurance)
            self._take_in(batch, fetched, cache)

    def download(self, missing: _Missing, folder: Path) -> None:
        """Download something.

        Args:
            missing: What.
            folder: Where to put it, in place of what was downloaded before.
        """
        self._wanted = missing.segments
        self._tries.update(one.path for _, one in missing.segments)
        self._fetched = fetch(missing.segments, self._shared, folder, self._endurance)
        if self._fetched.error is not None:
            self._problem = self._fetched.error.reason
        else:
            self._read(missing.machines)

    def finish(self, cache: TeamCache, use: Callable[[TeamCache, TakenIn | None, str], _T]) -> _T:
        """Use the cache, which is up to date."""
        cache.complete_sums()
        faults = [Unreadable(*fault) for fault in self._faults.items()]
        taken_in = result(self._listing, self._segments, len(self._new), cache, faults)
        return use(cache, taken_in, self._problem)

    def _take_in(self, wanted: list[Wanted], fetched: Fetched, cache: TeamCache) -> None:
        if wanted:
            self._faults |= take_in(wanted, fetched, cache)
            self._new |= {one.path for _, one in wanted}

    def _read(self, machines: list[Listed]) -> None:
        try:
            rows, unreadable = read_machines(machines, self._shared, self._endurance)
        except SharedFolderError as error:
            self._problem = error.reason
            return
        self._machines = rows
        self._faults |= dict(unreadable)

    def _may_try(self, path: str) -> bool:
        return path not in self._faults and self._tries[path] < _MOST_TRIES
