"""The line that Claude Code shows below its prompt, identical to ccusage's.

What is missing or invalid in Claude Code's input is unknown; the rest is shown.
"""

from __future__ import annotations

import json
import math
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from spendlight.cli import terminal
from spendlight.cli.statusline_arguments import BurnRateMark, CostSource
from spendlight.cli.words import duration
from spendlight.cli.world import opened, tracker_options
from spendlight.errors import BadArgumentError, LedgerBusyError, NoClaudeFoundError, UsageError
from spendlight.metering.entry import CLAUDE_CODE
from spendlight.names import name, whole
from spendlight.tracker.plan_notes import note_limits

if TYPE_CHECKING:
    from spendlight.cli.arguments import Arguments
    from spendlight.cli.world import World
    from spendlight.metering.burnrate import BurnRate
    from spendlight.tracker.snapshot import UsageSnapshot

MODERATE_FROM = 2_000
HIGH_FROM = 5_000
"""Tokens per minute, without the cache, from which ccusage calls a burn rate moderate, or high."""

DEFAULT_WINDOW_TOKENS = 200_000
"""The context size of a model, if unknown."""

MOST_BYTES: Final = 16 << 20
"""Claude Code passes some kilobytes; more than this is not read completely."""

_MOST_TOKENS: Final = 2**53
"""No context has more; a larger number is a mistake."""

_UNKNOWN = "N/A"
_NO_OBJECT = "it is not a JSON object"
_RED, _GREEN, _YELLOW = 31, 32, 33


class BadHookInputError(UsageError):
    """The input is not what Claude Code passes to a status line."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The input is not what Claude Code passes to a status line: {reason}",
            "This command is run by Claude Code. To set it up: spendlight statusline --install",
        )


class BadThresholdsError(BadArgumentError):
    """The thresholds of the context's colours are in the wrong order."""

    def __init__(self, low: int, medium: int) -> None:
        super().__init__(
            f"The low threshold {low} is not below the medium threshold {medium}",
            "Correct --context-low-threshold or --context-medium-threshold.",
        )


class HookModel(NamedTuple):
    """The model that the session uses."""

    display_name: str = ""
    id: str | None = None


class HookCost(NamedTuple):
    """The cost of the session so far, according to Claude Code."""

    total_cost_usd: float | None = None


class ContextUse(NamedTuple):
    """How full the session's context is."""

    total_input_tokens: int
    context_window_size: int


class Hook(NamedTuple):
    """The part of Claude Code's input that we use; "" means unknown."""

    session_id: str = ""
    transcript_path: str = ""
    model: HookModel = HookModel()
    cost: HookCost | None = None
    context_window: ContextUse | None = None

    @property
    def session_cost(self) -> float | None:
        """The cost of the session according to Claude Code."""
        return None if self.cost is None else self.cost.total_cost_usd


class _LineStyle(NamedTuple):
    source: CostSource
    mark: BurnRateMark
    low_percent: int
    medium_percent: int
    has_color: bool


class LineStyle(_LineStyle):
    """The style of the line.

    Attributes:
        low_percent: Below it the context is green.
        medium_percent: Below it the context is yellow, from there on red.

    Raises:
        BadThresholdsError: If the thresholds are in the wrong order.
    """

    __slots__ = ()

    def __new__(
        cls,
        source: CostSource = CostSource.AUTO,
        mark: BurnRateMark = BurnRateMark.OFF,
        low_percent: int = 50,
        medium_percent: int = 80,
        *,
        has_color: bool = False,
    ) -> Self:
        """Check the order of the thresholds."""
        if low_percent >= medium_percent:
            raise BadThresholdsError(low_percent, medium_percent)
        return super().__new__(cls, source, mark, low_percent, medium_percent, has_color)


def run(arguments: Arguments) -> int:
    """Print the status line for Claude Code's input on stdin, and return the exit code.

    The plan limits in it are stored first, for everything else that shows them.

    Raises:
        UsageError: If the input is invalid, or there is no price list.
    """
    style = LineStyle(
        source=arguments.cost_source,
        mark=arguments.visual_burn_rate,
        low_percent=arguments.context_low_threshold,
        medium_percent=arguments.context_medium_threshold,
        has_color=terminal.has_color(arguments.color, sys.stdout),
    )
    text = _read_stdin()
    if not arguments.demo:
        note_limits(tracker_options(arguments), text, datetime.now(UTC))
    if arguments.then:
        return _hand_on(arguments.then, text)
    hook = read_hook(text)
    try:
        with opened(arguments) as world:
            terminal.say_colored(_line_in(world, hook, style))
    except NoClaudeFoundError:
        terminal.say_colored(line(hook, None, None, hook.context_window, style))
    return 0


def _read_stdin() -> bytes:
    """Return the input on stdin.

    Raises:
        BadHookInputError: If there is none, or far too much.
    """
    reason = "there was nothing on stdin"
    if sys.stdin is None or terminal.has_keyboard():
        raise BadHookInputError(reason)
    try:
        text = sys.stdin.buffer.read(MOST_BYTES + 1)
    except OSError as error:  # a folder, for instance
        raise BadHookInputError(error.strerror or str(error)) from error
    if len(text) > MOST_BYTES:
        reason = f"it is longer than {MOST_BYTES:,} bytes"
        raise BadHookInputError(reason)
    return text


def _hand_on(command: str, text: bytes) -> int:
    """Pass the input to another status line, which prints its own, and run it like Claude Code."""
    import subprocess  # rarely needed

    try:
        return subprocess.run(command, shell=True, input=text, check=False).returncode  # noqa: S602  # the user's own command
    except BrokenPipeError:  # it need not read all of its input
        return 0


def _line_in(world: World, hook: Hook, style: LineStyle) -> str:
    tracker = world.tracker
    with suppress(LedgerBusyError):  # what another process has written so far is enough
        world.read_logs()
    tracker.demand_data()
    snapshot = tracker.snapshot(with_plan=False, agents=(CLAUDE_CODE,))
    logged_cost = None
    if hook.session_id and _needs_logged_cost(hook, style.source):
        from spendlight.tracker.questions.answers import SessionAnswers  # rarely needed

        answers = tracker.ask(SessionAnswers(hook.session_id))
        logged_cost = sum(row.cost or 0.0 for row in answers) if answers else None
    context = hook.context_window
    if context is None and hook.transcript_path:
        tokens = tracker.transcript_context_tokens(Path(hook.transcript_path))
        window = tracker.context_window(hook.model.id) if hook.model.id else None
        if tokens is not None:
            context = ContextUse(tokens, window or DEFAULT_WINDOW_TOKENS)
    return line(hook, snapshot, logged_cost, context, style)


def read_hook(text: bytes) -> Hook:
    """Parse Claude Code's input.

    Raises:
        BadHookInputError: If it is not a JSON object.
    """
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = f"it is not valid JSON: {error}"
        raise BadHookInputError(reason) from None
    if not isinstance(said, dict):
        raise BadHookInputError(_NO_OBJECT)
    model, cost, window = (_object(said, part) for part in ("model", "cost", "context_window"))
    dollars = _number(cost.get("total_cost_usd"))
    tokens, size = _tokens(window, "total_input_tokens"), _tokens(window, "context_window_size")
    return Hook(
        whole(_text(said, "session_id")),
        _text(said, "transcript_path"),
        HookModel(_text(model, "display_name"), _text(model, "id") or None),
        None if dollars is None else HookCost(dollars),
        None if tokens is None or size is None else ContextUse(tokens, size),
    )


def _object(said: dict[str, Any], part: str) -> dict[str, Any]:
    found = said.get(part)
    return found if isinstance(found, dict) else {}


def _text(said: dict[str, Any], part: str) -> str:
    found = said.get(part)
    return found if isinstance(found, str) else ""


def _number(found: object) -> float | None:
    """Return a finite number of sensible size; JSON's may be anything."""
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        number = float(found)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _tokens(said: dict[str, Any], part: str) -> int | None:
    found = said.get(part)
    is_count = type(found) is int and 0 <= found <= _MOST_TOKENS
    return found if is_count else None


def _needs_logged_cost(hook: Hook, source: CostSource) -> bool:
    """Whether the line shows the session's cost from the logs."""
    if source is CostSource.AUTO:
        return hook.session_cost is None
    return source is not CostSource.CLAUDE_CODE


def line(
    hook: Hook,
    snapshot: UsageSnapshot | None,
    logged_cost: float | None,
    context: ContextUse | None,
    style: LineStyle,
) -> str:
    """Return the status line.

    Args:
        hook: Claude Code's input.
        snapshot: Current usage from the logs; None if no logs were found.
        logged_cost: The session's cost from the logs; None if they do not contain it.
        context: How full the session's context is; None if unknown.
        style: The style of the line.
    """
    today = _UNKNOWN if snapshot is None else _money(snapshot.today.cost)
    session = _session(hook, logged_cost, style.source)
    parts = [
        f"🤖 {name(hook.model.display_name or hook.model.id or '') or _UNKNOWN}",
        f"💰 {session} session / {today} today / {_block(snapshot)}",
        f"🧠 {_context(context, style)}",
    ]
    if snapshot is not None and snapshot.rate is not None:
        parts.insert(2, f"🔥 {_burn(snapshot.rate, style)}")
    return " | ".join(parts)


def _session(hook: Hook, logged: float | None, source: CostSource) -> str:
    claimed = hook.session_cost
    if source is CostSource.BOTH:
        return f"({_money(claimed)} cc / {_money(logged)} ccusage)"
    if source is CostSource.LOGS:
        return _money(logged)
    return _money(logged if claimed is None and source is CostSource.AUTO else claimed)


def _block(snapshot: UsageSnapshot | None) -> str:
    if snapshot is None or snapshot.block is None:
        return "No active block"
    left = duration(snapshot.block.end - snapshot.at)
    return f"{_money(snapshot.block.spending.cost)} block ({left} left)"


def _burn(rate: BurnRate, style: LineStyle) -> str:
    per_minute = rate.input_output_tokens_per_minute
    if per_minute < MODERATE_FROM:
        sign, word, color = "🟢", "Normal", _GREEN
    elif per_minute < HIGH_FROM:
        sign, word, color = "⚠️", "Moderate", _YELLOW
    else:
        sign, word, color = "🚨", "High", _RED
    parts = [f"{_money(rate.cost_per_hour)}/hr"]
    if style.mark in (BurnRateMark.EMOJI, BurnRateMark.EMOJI_TEXT):
        parts.append(sign)
    if style.mark in (BurnRateMark.TEXT, BurnRateMark.EMOJI_TEXT):
        parts.append(f"({word})")
    return _colored(" ".join(parts), color, style)


def _context(context: ContextUse | None, style: LineStyle) -> str:
    if context is None:
        return _UNKNOWN
    used, window = context.total_input_tokens, context.context_window_size
    percent = int(used / window * 100 + 0.5) if window > 0 else 0
    if percent < style.low_percent:
        color = _GREEN
    else:
        color = _YELLOW if percent < style.medium_percent else _RED
    return f"{used:,} ({_colored(f'{percent}%', color, style)})"


def _money(dollars: float | None) -> str:
    """Return dollars to the cent, like ccusage."""
    return _UNKNOWN if dollars is None else f"${dollars:,.2f}"


def _colored(text: str, color: int, style: LineStyle) -> str:
    return f"\x1b[{color}m{text}\x1b[39m" if style.has_color else text
