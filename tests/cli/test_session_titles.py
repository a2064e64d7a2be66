"""Sessions are shown by their titles."""

from __future__ import annotations

from tests.cli.shell import Shell
from tests.makers import encoded, line


def test_a_session_is_shown_by_its_title_and_its_shortened_id(shell: Shell, wide: None) -> None:  # noqa: ARG001  # a fixture
    session = "11111111-1111-4111-8111-111111111111"
    link = {"prNumber": 7, "prUrl": "https://example.com/7", "prRepository": "ada/engine"}
    shell.log(
        f"p/{session}.jsonl",
        line(),
        encoded({"type": "custom-title", "customTitle": "Mend the clock", "sessionId": session}),
        encoded({"type": "pr-link", "sessionId": session, **link}),
    )

    table = shell.run("session").out
    rows = shell.run("claude", "session", "--json").json["sessions"]
    one = shell.run("session", "--id", session, "--json").json
    text = shell.run("session", "--id", session).out

    assert "Mend the clock (11111111)" in table
    assert session not in table
    found = {"url": "https://example.com/7", "number": 7, "repository": "ada/engine"}
    assert [(row["title"], row["pullRequests"]) for row in [*rows, one]] == [
        ("Mend the clock", [found])
    ] * 2
    assert text.startswith("Mend the clock\nPull request https://example.com/7\n")
