"""The part of the reader of a ledger that knows its roots, and what parts of it they make up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.ledger.checking import translated_errors
from spendlight.ledger.machines import (
    agents_in,
    parts_of,
    roots,
    scope_of,
    scope_of_agents,
    this_machine,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from spendlight.ledger.connection import LedgerConnection
    from spendlight.ledger.machines import Machine, Root, Scope


class RootReader:
    """Knows the roots: the data folders of this machine's agents, and of others."""

    _db: LedgerConnection
    _path: Path

    def this_machine(self) -> Machine | None:
        """Return this machine's identity, or None if it was never set in the ledger."""
        with translated_errors(self._path):
            return this_machine(self._db)

    def roots(self) -> list[Root]:
        """Return the data folders that it knows, here and on other machines."""
        with translated_errors(self._path):
            return roots(self._db)

    def first_logs(self, scope: Scope) -> dict[tuple[str, str], str]:
        """Return the first log of each session by path, below its data folder and with "/".

        The sessions are known by their project's path and their id.
        """
        from spendlight.ledger.owners import first_logs_in  # few reports name logs

        with translated_errors(self._path):
            return first_logs_in(self._db, scope)

    def scope(
        self,
        folders: Collection[str],
        *,
        with_vms: bool = True,
        machines: Collection[str] = (),
        agents: Collection[str] = (),
    ) -> Scope:
        """Return the scope of some data folders here and of everything imported.

        Args:
            folders: The roots' folders, whether they still exist or not.
            with_vms: Whether virtual machines found in one of them are included, even deleted
                ones.
            machines: Only what is on these machines, by name; by default all.
            agents: Only usage of these agents, by their names in it; by default all.
        """
        with translated_errors(self._path):
            return scope_of(self._db, folders, with_vms=with_vms, machines=machines, agents=agents)

    def scope_of_agents(self, scope: Scope, agents: Collection[str]) -> Scope:
        """Return the part of a scope that is usage of some agents."""
        with translated_errors(self._path):
            return scope_of_agents(self._db, scope, agents)

    def agents(self, scope: Scope) -> list[str]:
        """Return the agents that have sessions in a scope, by their names in it, in order."""
        with translated_errors(self._path):
            return agents_in(self._db, scope)

    def parts(self, scope: Scope) -> list[tuple[str, Scope]]:
        """Return each machine's part of a scope, in the order of the machines' names."""
        with translated_errors(self._path):
            return parts_of(self._db, scope)
