"""The machines that usage comes from: this one and its name, and the imported ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.errors import BadArgumentError
from spendlight.metering.periods import to_utc
from spendlight.tracker.data_folders import names_in_effect

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from spendlight.ledger.machines import Machine
    from spendlight.ledger.usage_ledger import Scope, UsageLedger
    from spendlight.logs.agent import LogRoot

NAME_VARIABLE: Final = "SPENDLIGHT_MACHINE"
"""Sets this machine's name; the ledger stores it."""

MOST_LETTERS: Final = 100
"""A longer name would not fit into any table."""


class UnknownMachineError(BadArgumentError):
    """An unknown machine was named."""

    def __init__(self, names: Iterable[str], known: Iterable[str]) -> None:
        wanted = ", ".join(repr(name) for name in names)
        super().__init__(
            f"There is no machine named {wanted}", f"Known machines: {', '.join(known)}."
        )


def know_machine(ledger: UsageLedger, environ: Mapping[str, str]) -> Machine:
    """Return this machine's identity; store it the first time, or when a new name is set.

    A stored name stays when the host is renamed.
    """
    known = ledger.this_machine()
    chosen = fit_name(environ.get(NAME_VARIABLE, ""))
    if known is None or chosen not in {"", known.name}:
        return ledger.name_machine(chosen or _host_name())
    return known


def fit_name(text: str) -> str:
    """Return a name that can be shown and typed: in one line, without commas."""
    letters = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(letters.replace(",", " ").split())[:MOST_LETTERS].strip()


def scope_in_effect(  # noqa: PLR0913  # which folders, and what of them
    ledger: UsageLedger,
    environ: Mapping[str, str],
    folders: Sequence[LogRoot],
    *,
    with_vms: bool,
    machines: Collection[str],
    agents: Collection[str] = (),
) -> Scope:
    """Return the scope of a question: folders of this machine, and everything imported.

    ``CLAUDE_CONFIG_DIR`` selects folders of this machine and does not affect others.

    Raises:
        UnknownMachineError: If one of the machines named is not known.
    """
    known = ledger.roots()
    if machines:
        names = {know_machine(ledger, environ).name, *(root.machine for root in known)}
        unknown = [name for name in machines if name not in names]
        if unknown:
            raise UnknownMachineError(unknown, sorted(names, key=str.casefold))
    in_effect = names_in_effect(folders, known)
    return ledger.scope(in_effect, with_vms=with_vms, machines=machines, agents=agents)


def imported_in(ledger: UsageLedger, scope: Scope) -> dict[str, datetime]:
    """Return the names of the imported machines in a scope, and when each was last imported."""
    chosen = sorted(
        (root.machine.casefold(), root.machine, root.imported_at_ms or 0)
        for root in ledger.roots()
        if root.key and (scope.roots is None or root.number in scope.roots)
    )
    return {name: to_utc(at_ms) for _, name, at_ms in chosen}


def _host_name() -> str:
    import socket  # once in a ledger's life

    return fit_name(socket.gethostname().partition(".")[0]) or "this machine"
