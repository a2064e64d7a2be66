"""What can go wrong in a way that the user can understand, with the words to say it.

UsageError
├── BadArgumentError         what was asked makes no sense; exit code 2 on the command line
├── NoClaudeFoundError       CLAUDE_CONFIG_DIR names no Claude data directory
├── LedgerError
│   ├── LedgerTooNewError        written by a newer version
│   ├── LedgerUnusableError      cannot be opened, read or written
│   └── LedgerBusyError          another process keeps it locked
└── PriceListError           a price list that cannot be read
"""

from __future__ import annotations


class UsageError(Exception):
    """A failure the user can understand.

    Attributes:
        title: What went wrong, one sentence without its full stop.
        advice: What still works or what to do, one or two sentences.
    """

    def __init__(self, title: str, advice: str = "") -> None:
        super().__init__(f"{title}. {advice}" if advice else f"{title}.")
        self.title = title
        self.advice = advice

    def __reduce__(self) -> tuple[object, ...]:
        return (UsageError, (self.title, self.advice))


class BadArgumentError(UsageError):
    """What was asked makes no sense."""


class NoClaudeFoundError(UsageError):
    """``CLAUDE_CONFIG_DIR`` is set and names no Claude data directory."""

    def __init__(self, value: str) -> None:
        super().__init__(
            f"CLAUDE_CONFIG_DIR names no Claude data directory: {value!r}",
            "Each folder in it must hold a folder 'projects'. Correct it or unset it.",
        )


class LedgerError(UsageError):
    """Something is wrong with the usage ledger."""


class LedgerTooNewError(LedgerError):
    """The ledger was written by a newer version of this program."""

    def __init__(self, path: str, found: int, known: int) -> None:
        super().__init__(
            "The usage ledger is from a newer version of Spendlight",
            f"It has schema {found}, this version knows {known}: {path}. Please update Spendlight.",
        )


class LedgerUnusableError(LedgerError):
    """The ledger cannot be opened, read or written."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"The usage ledger cannot be used: {reason}",
            f"It is kept in {path}. Make that place readable and writable, with free space, "
            "or name another with SPENDLIGHT_DATA_DIR.",
        )


class LedgerBusyError(LedgerError):
    """Another process keeps the ledger locked."""

    def __init__(self, path: str) -> None:
        super().__init__(
            "The usage ledger is busy",
            f"Another process has been writing to {path} for too long. Try again in a moment.",
        )


class PriceListError(UsageError):
    """A price list that cannot be read."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"The price list {name} cannot be used: {reason}",
            "It must be a JSON object of models in the form of LiteLLM's list.",
        )
