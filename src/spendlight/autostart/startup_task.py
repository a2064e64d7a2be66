"""The task that starts a package from Microsoft's Store at login, which only Windows turns on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.autostart.entry import NAME, AutostartError, LoginState

if TYPE_CHECKING:
    from spendlight.autostart.run_key import Registry

TASKS_KEY: Final = (
    r"Software\Classes\Local Settings\Software\Microsoft\Windows\CurrentVersion\AppModel"
    r"\SystemAppData"
)
"""Where Windows stores which tasks of each package are on."""

STATES: Final = {
    1: LoginState.BLOCKED,  # by the user
    2: LoginState.ON,
    3: LoginState.BLOCKED,  # by the organisation
    4: LoginState.ON,
}
"""The values of Windows.ApplicationModel.StartupTaskState; all others mean off."""


class WindowsDecidesError(AutostartError):
    """The user turns Store packages on and off in Windows' own settings."""

    def __init__(self) -> None:
        super().__init__(
            "Windows manages this for Store apps",
            "Turn Spendlight on or off in Windows Settings, under Apps > Startup.",
        )


class StartupTask:
    """The task in the package's manifest.

    Args:
        registry: The user's registry.
        package: The package's family.
    """

    def __init__(self, registry: Registry, package: str) -> None:
        self._registry = registry
        self._key = f"{TASKS_KEY}\\{package}\\{NAME}"

    def state(self) -> LoginState:
        """Return the current state."""
        try:
            noted = self._registry.read(self._key, "State")
        except OSError:
            return LoginState.OFF
        return STATES.get(noted, LoginState.OFF) if isinstance(noted, int) else LoginState.OFF

    def is_own(self) -> bool:
        """Return whether Windows knows the task, which always starts this copy."""
        try:
            return self._registry.read(self._key, "State") is not None
        except OSError:
            return False

    def enable(self) -> None:
        """Raise an error that says who can turn it on, unless it is on."""
        if self.state() is not LoginState.ON:
            raise WindowsDecidesError

    def disable(self) -> None:
        """Raise an error that says who can turn it off, unless it is off."""
        if self.state() is LoginState.ON:
            raise WindowsDecidesError
