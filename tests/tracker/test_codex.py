"""Codex's rollouts are counted: each answer once, by its model."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.tracker.codex_worlds import (
    MODEL,
    PLACE,
    CodexWorld,
    count,
    counts,
    meta,
    rollout_line,
    tokens_of,
    turn,
)

from spendlight.logs.codex.parser import parse_range, read_in_python
from spendlight.logs.jobs import ReadJob
from spendlight.metering.attribution import UNKNOWN
from spendlight.metering.entry import UsageEntry, rank
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.tracker import UsageTracker

REPLAYED = ((1000, 0, 100, 0), (2000, 0, 200, 0))
"""The usage of a parent."""

TURN = "019c5b35-0000-7000-8000-00000000000"
"""The beginning of the ids of turns, which say when these began: on 14 February 2026."""


@pytest.fixture
def world(tmp_path: Path) -> CodexWorld:
    return CodexWorld(tmp_path)


def models(tracker: UsageTracker) -> dict[str, int]:
    """Return the tokens by model."""
    found: dict[str, int] = {}
    for row in tracker.ask(Sessions()).rows:
        for model in row.spending.models:
            found[model.label] = found.get(model.label, 0) + model.tokens.total
    return found


def test_cached_input_is_no_input_and_repeated_counters_are_one_answer(world: CodexWorld) -> None:
    lines = counts((1000, 200, 100, 40), (1500, 900, 50, 0))
    world.write(PLACE, meta(), turn(), *lines, lines[-1])

    tracker = world.count()

    assert tokens_of(tracker) == {"a": (1400, 0, 1100, 150)}
    (row,) = tracker.ask(Sessions()).rows
    assert row.name == ("-w-engine", "-w-engine", "a")
    assert models(tracker) == {MODEL: 2650}
    assert tracker.unread_lines() == 0


def test_where_only_the_sums_are_shown_their_rise_counts(world: CodexWorld) -> None:
    sums = ((1000, 200, 100, 0), (2500, 1100, 150, 0), (100, 0, 10, 0), (150, 0, 20, 0))
    lines = [count(at, None, total) for at, total in enumerate(sums)]
    world.write(PLACE, turn(), *lines)

    (found,) = tokens_of(world.count()).values()

    assert found == (1450, 0, 1100, 160)  # the third one begins again


def test_no_part_is_greater_than_the_whole(world: CodexWorld) -> None:
    world.write(
        PLACE,
        meta(),
        turn(),
        count(1, (100, 150, 50, 0)),
        count(2, (0, 0, 0, 0)),
        rollout_line(3, "event_msg", {"type": "token_count", "info": None, "rate_limits": {}}),
        rollout_line(
            4,
            "event_msg",
            {
                "type": "token_count",
                "info": {
                    "last_token_usage": {
                        "input_tokens": 1000,
                        "cached_input_tokens": 200,
                        "cache_write_input_tokens": 900,
                        "output_tokens": 10,
                    }
                },
            },
        ),
    )

    assert tokens_of(world.count()) == {"a": (0, 800, 300, 60)}


def test_impossible_counts_are_reported_and_the_rest_counts(world: CodexWorld) -> None:
    world.write(PLACE, meta(), turn(), count(1, (-1, 0, 5, 0)), *counts((10, 0, 5, 0)))

    tracker = world.count()

    assert tokens_of(tracker) == {"a": (10, 0, 0, 5)}
    (problem,) = tracker.health().problems
    assert problem.reason == "its input_tokens are not a count: '-1'"


def test_the_model_is_that_of_the_line_or_the_last_one_named(world: CodexWorld) -> None:
    world.write(
        PLACE,
        count(0, (1, 0, 0, 0)),
        turn(),
        count(1, (10, 0, 0, 0)),
        count(2, (100, 0, 0, 0), model="gpt-5.2"),
        count(3, (1000, 0, 0, 0)),
        turn("codex-auto-review"),
        count(4, (10_000, 0, 0, 0)),
    )

    found = models(world.count())

    assert found == {
        "gpt-5 (assumed)": 1,
        MODEL: 10,
        "gpt-5.2": 1100,
        "gpt-5.3-codex (assumed)": 10_000,
    }


def forked(*lines: bytes, **more: object) -> list[bytes]:
    """Return the beginning of a session that was forked an hour later."""
    return [meta("b", 3600, forked_from_id="a", **more), turn(seconds=3600), *lines]


def replayed(start: float) -> list[bytes]:
    """Return the lines of the parent as a fork writes them, at once."""
    return counts(*REPLAYED, start=start, step=0.001)


@pytest.mark.parametrize("has_parent", [True, False])
@pytest.mark.parametrize("pause", [0.001, 60])
def test_a_fork_counts_what_its_parent_has_not(
    world: CodexWorld, *, has_parent: bool, pause: float
) -> None:
    parent = counts(*REPLAYED)
    if has_parent:
        world.write("sessions/a.jsonl", meta("a"), turn(), *parent)
    own = count(3900, (10, 0, 1, 0), (3010, 0, 301, 0))
    world.write("sessions/b.jsonl", *forked(*replayed(3600 + pause), own))

    found = tokens_of(world.count())

    assert found == {"b": (10, 0, 0, 1)} | ({"a": (3000, 0, 0, 300)} if has_parent else {})


def test_a_replay_ends_with_a_pause_after_which_the_same_counters_are_shown(
    world: CodexWorld,
) -> None:
    replay = replayed(3600)
    again = count(5000, (2000, 0, 200, 0), (3000, 0, 300, 0))
    own = count(5000.5, (10, 0, 1, 0), (3010, 0, 301, 0))
    world.write("sessions/b.jsonl", *forked(*replay, again, own))

    assert tokens_of(world.count()) == {"b": (10, 0, 0, 1)}


def test_a_session_that_contains_the_beginning_of_another_one_is_its_fork(
    world: CodexWorld,
) -> None:
    replay = replayed(3600)
    own = count(3900, (10, 0, 1, 0), (3010, 0, 301, 0))
    world.write("sessions/b.jsonl", meta("b", 3600), meta("a", 3600), turn(), *replay, own)

    assert tokens_of(world.count()) == {"b": (10, 0, 0, 1)}


@pytest.mark.parametrize("number", [1, 2])
def test_a_subagent_without_its_parents_answers_counts(world: CodexWorld, number: int) -> None:
    lines = counts(*REPLAYED[:number], start=3605)
    source = {"subagent": {"thread_spawn": {"parent_thread_id": "a", "agent_role": "explorer"}}}
    world.write("sessions/b.jsonl", meta("b", 3600, source=source), turn(), *lines)

    tracker = world.count()

    total = sum(read + output for read, _, output, _ in REPLAYED[:number])
    assert models(tracker) == {MODEL: total}


def test_ids_of_turns_tell_exactly_what_is_the_parents(world: CodexWorld) -> None:
    early = turn(turn_id=f"{TURN}1")
    late = turn(turn_id="019d0000-0000-7000-8000-000000000001")  # 18 March
    first, second, third = counts(*REPLAYED, (10, 0, 1, 0), start=3600, step=0.2)
    world.write("sessions/a.jsonl", meta("a"), early, *counts(*REPLAYED))
    world.write("sessions/b.jsonl", *forked(early, first, second, late, third))

    found = tokens_of(world.count())

    assert found == {"a": (3000, 0, 0, 300), "b": (10, 0, 0, 1)}  # though nothing paused


def test_copies_in_another_session_or_in_the_archive_count_once(world: CodexWorld) -> None:
    lines = counts(*REPLAYED)
    world.write("sessions/a.jsonl", meta("a"), turn(), *lines)
    world.write("sessions/c.jsonl", meta("c", 3600), turn(), *lines)
    world.write("archived_sessions/2026/old.jsonl", meta("a"), turn(), *lines)

    found = tokens_of(world.count())

    assert found == {"a": (3000, 0, 0, 300)}


def test_a_session_in_two_logs_is_one(world: CodexWorld) -> None:
    lines = counts(*REPLAYED, (10, 0, 1, 0))
    world.write("sessions/a.jsonl", meta("a"), turn(), *lines[:2])
    world.write("sessions/a-2.jsonl", meta("a"), turn(), *lines)

    assert tokens_of(world.count()) == {"a": (3010, 0, 0, 301)}


def test_the_service_tier_is_the_last_one_chosen_or_that_of_the_settings(
    world: CodexWorld,
) -> None:
    def chosen(**settings: str) -> bytes:
        payload = {"type": "thread_settings_applied", "thread_settings": settings}
        return rollout_line(0, "event_msg", payload)

    def lines(*tokens: int) -> list[bytes]:
        return [count(one, (one, 0, 0, 0)) for one in tokens]

    text = [
        turn("gpt-5.4"),
        *lines(1),
        chosen(service_tier="priority"),
        *lines(10),
        chosen(model="x"),
        *lines(100),
        chosen(service_tier="flex"),
        *lines(1000),
        chosen(service_tier="default"),
        *lines(10_000),
    ]
    world.write("sessions/a.jsonl", meta(), *text)
    assert models(world.count()) == {"gpt-5.4": 11_001, "gpt-5.4-fast": 110}

    (world.codex / "config.toml").write_text('service_tier = "fast"\n', encoding="utf-8")
    found = models(world.count(data="fast"))
    assert found == {"gpt-5.4": 10_000, "gpt-5.4-fast": 1111}

    (world.codex / "config.toml").write_text(
        'profile = "p"\nservice_tier = "fast"\n[profiles.p]\nservice_tier = "standard"\n',
        encoding="utf-8",
    )
    assert models(world.count(data="profile")) == {"gpt-5.4": 11_001, "gpt-5.4-fast": 110}


_TOKENS = st.tuples(*[st.integers(0, 50)] * 4)
_LINES = st.one_of(
    st.builds(lambda t: [turn(turn_id=t)], st.sampled_from(["", f"{TURN}1", f"{TURN}2"])),
    st.builds(lambda m: [turn(m)], st.sampled_from([MODEL, "gpt-5.2"])),
    st.builds(lambda s: [meta(s)], st.sampled_from(["a", "b"])),
    st.just([meta("c", forked_from_id="a")]),
    st.just([b'{not JSON, but "token_count"}\n']),
    st.builds(
        lambda tokens, step: counts(*tokens, step=step),
        st.lists(_TOKENS, min_size=1, max_size=4),
        st.sampled_from([0.1, 10]),
    ),
    st.builds(lambda tokens: [count(50, tokens)], _TOKENS),
)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    lines=st.lists(_LINES, min_size=1, max_size=6),
    cuts=st.lists(st.floats(0, 1), max_size=3).map(sorted),
)
def test_reading_on_gives_the_same_as_reading_in_one_go(
    tmp_path_factory: pytest.TempPathFactory, lines: list[list[bytes]], cuts: list[float]
) -> None:
    text = b"".join(line for several in lines for line in several)
    log = tmp_path_factory.mktemp("codex") / "a.jsonl"
    job = ReadJob(str(log), str(log), 1, "", "a", 0, 0, 0, agent="codex")
    found: dict[int, UsageEntry] = {}
    problems = set()
    for cut in (*(int(len(text) * share) for share in cuts), len(text)):  # also within a line
        log.write_bytes(text[:cut])
        parsed = parse_range(job._replace(end=cut, size=cut))
        job = job._replace(start=parsed.end, fingerprint=parsed.fingerprint, state=parsed.state)
        for entry in parsed.entries:
            held = found.setdefault(entry.answer, entry)
            found[entry.answer] = min(held, entry, key=lambda one: rank(one, ""))
        problems |= set(parsed.problems)

    whole = parse_range(job._replace(start=0, end=cut, size=cut, fingerprint=None, state=None))

    slow = read_in_python(job._replace(start=0, end=cut, size=cut, fingerprint=None, state=None))
    assert sorted(found.values()) == sorted(whole.entries) == sorted(slow.entries)
    assert whole.packed == slow.packed
    assert (slow.state, slow.problems) == (whole.state, whole.problems)
    used = {entry.variant for entry in whole.entries}
    assert whole.variants == {number: slow.variants[number] for number in used}
    told = {entry.attribution for entry in whole.entries} - {UNKNOWN}
    assert whole.attributions == {number: slow.attributions[number] for number in told}
    assert problems == set(whole.problems)
    assert (parsed.end, parsed.state, parsed.owner) == (whole.end, whole.state, whole.owner)


def test_the_ledger_keeps_what_is_read_on_like_what_is_read_in_one_go(world: CodexWorld) -> None:
    own = count(3900, (10, 0, 1, 0), (3010, 0, 301, 0))
    text = b"".join(forked(*replayed(3700), own))
    for end in range(0, len(text), len(text) // 7):
        world.write("sessions/b.jsonl", text[:end])
        world.count()
    world.write("sessions/b.jsonl", text)

    tracker = world.count()

    assert tokens_of(tracker) == tokens_of(world.count(data="alone")) == {"b": (10, 0, 0, 1)}
    assert tracker.verify().is_good


def test_long_lines_without_usage_are_skipped(world: CodexWorld) -> None:
    text = '"token_count" ' * 300_000
    long = rollout_line(5, "response_item", {"type": "message", "text": text})
    compacted = rollout_line(6, "compacted", {"message": "x" * (9 << 20)})
    world.write(PLACE, meta(), turn(), long, compacted, *counts((10, 0, 1, 0)))

    tracker = world.count()

    assert tokens_of(tracker) == {"a": (10, 0, 0, 1)}
    assert tracker.unread_lines() == 0


def test_an_archived_copy_does_not_count_beside_the_log(world: CodexWorld) -> None:
    lines = counts(*REPLAYED)
    world.write("sessions/a.jsonl", meta("a"), turn(), lines[0])
    world.write("archived_sessions/a.jsonl", meta("a"), turn(), *lines)
    assert tokens_of(world.count()) == {"a": (1000, 0, 0, 100)}

    (world.codex / "sessions/a.jsonl").unlink()  # it was archived

    assert tokens_of(world.count()) == {"a": (3000, 0, 0, 300)}
