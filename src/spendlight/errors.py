"""Errors that the user can understand, with their messages.

UsageError
├── BadArgumentError         an invalid argument; exit code 2 on the command line
├── NoClaudeFoundError       CLAUDE_CONFIG_DIR names no Claude data directory
├── LedgerError
│   ├── LedgerTooNewError        written by a newer version
│   ├── LedgerUnusableError      cannot be opened, read or written
│   ├── LedgerCorruptError       is damaged
│   │   └── LedgerUnprovenError      or was written by a program that did not note it
│   ├── LedgerReplacedError      was damaged, and was restored or created again
│   ├── LedgerOutOfUseError      cannot be used; a temporary one replaces it
│   ├── LeftoverUnreadableError  a temporary one could not be taken over completely
│   ├── LedgerMendedError        was damaged, and was repaired
│   ├── LedgerLossError          was damaged, and something is lost
│   ├── BackupFailedError        cannot be backed up; the ledger itself is sound
│   └── LedgerBusyError          another process keeps it locked
├── PlanFolderError          no folder to store plan limits
├── PriceListError           a price list that cannot be read
└── UnknownTimeZoneError     the rules of the computer's time zone are unknown
"""

from __future__ import annotations


class UsageError(Exception):
    """An error that the user can understand.

    Attributes:
        title: What went wrong, one sentence without its full stop.
        advice: What still works or what to do, one or two sentences.
    """

    def __init__(self, title: str, advice: str = "") -> None:
        sentence = title if title.endswith((".", "?")) else f"{title}."
        super().__init__(f"{sentence} {advice}" if advice else sentence)
        self.title = title
        self.advice = advice

    def __reduce__(self) -> tuple[object, ...]:
        return (UsageError, (self.title, self.advice))


class BadArgumentError(UsageError):
    """An invalid argument."""


class NoClaudeFoundError(UsageError):
    """``CLAUDE_CONFIG_DIR`` is set and names no Claude data directory."""

    def __init__(self, value: str) -> None:
        super().__init__(
            f"CLAUDE_CONFIG_DIR does not contain a Claude Code data folder: {value!r}",
            "Each folder in it must have a 'projects' folder. Correct it or unset it.",
        )


class LedgerError(UsageError):
    """Something is wrong with the usage ledger."""


class LedgerTooNewError(LedgerError):
    """The ledger was written by a newer version of this program."""

    def __init__(self, path: str, found: int, known: int) -> None:
        super().__init__(
            "The usage ledger is from a newer version of Spendlight",
            (
                f"It has schema {found}, but this version only supports schemas up to {known}: "
                f"{path}. Please update Spendlight."
            ),
        )


class LedgerUnusableError(LedgerError):
    """The ledger cannot be opened, read or written."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"The usage ledger cannot be used: {reason}",
            f"It is in {path}. Make sure that this folder is readable and writable and that the "
            "disk is not full, or choose another with SPENDLIGHT_DATA_DIR.",
        )


class LedgerCorruptError(LedgerError):
    """The ledger is damaged.

    Attributes:
        reason: What is damaged, or SQLite's message.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"The usage ledger is damaged: {reason}",
            f"It is in {path}. If you move it elsewhere, a new one is made from the logs.",
        )
        self.reason = reason


class LedgerUnprovenError(LedgerCorruptError):
    """The ledger's file differs from its noted hashes; only its contents can be checked."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "its contents are not what was written")


class LedgerReplacedError(LedgerError):
    """The ledger was damaged and was replaced.

    Args:
        kept: Where the damaged file is kept, or "" if it was gone.
        backup: When the restored backup was made, or "" if there was none.
        has_lost: Whether usage of logs deleted since is lost; None if unknown.
    """

    def __init__(self, kept: str, backup: str, *, has_lost: bool | None) -> None:
        state = "damaged" if kept else "gone"
        if backup:
            title = f"The usage ledger was {state} and was restored from the backup of {backup}"
            advice = "Later usage was read from the logs again. "
            since = "since then"
        else:
            title = f"The usage ledger was {state} and was rebuilt from the logs"
            advice = "There was no good backup. "
            since = "before"
        if has_lost:
            advice += f"Usage from logs deleted {since} is lost. "
        elif has_lost is None:
            advice += f"If logs have been deleted {since}, their usage is lost. "
        super().__init__(
            title, f"{advice}The damaged file is kept as {kept}" if kept else advice.rstrip()
        )


class LedgerOutOfUseError(LedgerError):
    """The ledger cannot be used, and a temporary one replaces it.

    Args:
        cause: Why it cannot be used.
        folder: The folder of the temporary one.

    Attributes:
        reason: Why, in a few words.
    """

    def __init__(self, cause: LedgerError, folder: str) -> None:
        super().__init__(
            cause.title,
            f"{cause.advice} Until then, usage is recorded in a temporary ledger, without the "
            f"history of deleted logs: {folder}. It will be merged into the usage ledger "
            "automatically.",
        )
        self.cause = cause
        self.reason = cause.title.rpartition(": ")[2] if ": " in cause.title else cause.title


class LeftoverUnreadableError(LedgerError):
    """A temporary ledger that replaced this one is damaged.

    Args:
        path: Where it is kept.
    """

    def __init__(self, path: str) -> None:
        super().__init__(
            "A temporary ledger is damaged and was merged only in part",
            "If logs have been deleted since it was created, usage that only it recorded may be "
            f"missing. The damaged file is kept as {path}",
        )


class LedgerMendedError(LedgerError):
    """Something in the ledger was damaged, and was repaired."""

    @classmethod
    def of_bits(cls) -> LedgerMendedError:
        """Single bits had flipped."""
        return cls(
            "A flipped bit in the usage ledger was corrected",
            "The figures are correct. Flipped bits are a sign of a failing disk or faulty "
            "memory: check both.",
        )

    @classmethod
    def of_parts(cls, count: int, backup: str) -> LedgerMendedError:
        """Parts of it were restored, from a backup or from its other contents."""
        parts = "A damaged part" if count == 1 else f"{count:,} damaged parts"
        source = f" from the backup of {backup}" if backup else ""
        verb = "was" if count == 1 else "were"
        return cls(f"{parts} of the usage ledger {verb} restored{source}", "Nothing else changed.")

    @classmethod
    def of_logs(cls, count: int) -> LedgerMendedError:
        """Parts of it were read from their logs again."""
        parts = "A damaged part" if count == 1 else f"{count:,} damaged parts"
        source = "was read from its log" if count == 1 else "were read from their logs"
        return cls(f"{parts} of the usage ledger {source} again", "Nothing is lost.")

    @classmethod
    def of_sums(cls, count: int) -> LedgerMendedError:
        """Sums were wrong."""
        sums = "A damaged sum" if count == 1 else f"{count:,} damaged sums"
        verb = "was" if count == 1 else "were"
        return cls(
            f"{sums} in the usage ledger {verb} recalculated from its answers",
            "The figures are correct again.",
        )

    @classmethod
    def of_names(cls, count: int) -> LedgerMendedError:
        """Names were damaged that are in no backup."""
        names = "A name was" if count == 1 else f"{count:,} names were"
        return cls(
            f"{names} damaged in the usage ledger",
            "No backup contains the original. The totals are correct, but some usage may be "
            "listed under the wrong project, session, model or folder.",
        )


class LedgerLossError(LedgerError):
    """Answers were damaged in the ledger, and exist nowhere else.

    Args:
        log: The log that they were in; "" if unknown.
        days: When they were given: a day, or the first and the last; "" if unknown.
        answers: How many there are.
    """

    def __init__(self, log: str, days: str, answers: int) -> None:
        count = "1 answer" if answers == 1 else f"{answers:,} answers"
        verb = "is" if answers == 1 else "are"
        when = f" from {days}" if days else ""
        super().__init__(
            f"{count}{when} {verb} missing from the figures",
            "That part of the usage ledger was damaged, no backup contains it, and the log no "
            f"longer exists: {log or 'unknown'}.",
        )


class BackupFailedError(LedgerError):
    """The ledger could not be backed up."""

    def __init__(self, folder: str, reason: str) -> None:
        super().__init__(
            f"The usage ledger could not be backed up: {reason}",
            f"The figures are still correct. Make sure that {folder} is writable and that the "
            "disk is not full.",
        )


class LedgerBusyError(LedgerError):
    """Another process keeps the ledger locked."""

    def __init__(self, path: str) -> None:
        super().__init__(
            "The usage ledger is busy",
            f"Another process has been writing to {path} for too long. Try again in a moment.",
        )


class PlanFolderError(UsageError):
    """There is no folder for plan limits, and none can be created."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The folder for the plan limits cannot be created: {reason}",
            "They are only checked once a minute.",
        )


class PriceListError(UsageError):
    """A price list that cannot be read."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"The price list {name} cannot be used: {reason}",
            "It must be a JSON object of models in LiteLLM's format.",
        )


class UnknownTimeZoneError(UsageError):
    """The rules of the computer's time zone are not known, so days may begin at a wrong hour.

    Args:
        name: The name in ``TZ``, or "" if the system has no setting.
        used: What is used instead.
    """

    def __init__(self, name: str, used: str) -> None:
        title = (
            f"TZ is not a time zone: {name!r}" if name else "The computer's time zone is not known"
        )
        super().__init__(
            f"{title}; days begin at midnight {used}, without daylight saving time",
            "Set the time zone, such as Europe/Berlin, with --timezone, in the settings or in TZ.",
        )
