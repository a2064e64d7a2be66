"""Finds the models of a price list that a logged name may mean.

A name without its seller, region and date is its `identity`: ``openrouter/z-ai/glm-4.6``,
``zai/glm-4.6`` and ``zai.glm-4-6-v1:0`` are the same model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final, NamedTuple

from spendlight.errors import BadArgumentError

_WORD = re.compile(r"[0-9A-Za-z]")
_NEXT_VERSION = re.compile(r"[-.](?![0-9]{8}(?![0-9A-Za-z]))[0-9]")
"""More digits mean a later version: "claude-opus-4" is not "claude-opus-4-9". Eight are a date."""

_NEXT_NUMBER = re.compile(r"-(?![0-9]+b(?![0-9a-z]))[0-9]")
"""The same if a size may follow: "nemotron-3-super" is "nemotron-3-super-120b"."""

_QUOTED_PAIR = r'\s*"([^"\\]+)"\s*:\s*"([^"\\]+)"\s*'
"""Compiled on demand, as few people define names of their own."""

_IN_BRACKETS = re.compile(r"(?:\[[^\]]*\]|\([^)]*\))$")
"""What Claude Code and proxies append to a name: the size of the context, the effort."""

_SELLER = re.compile(r"^(?:[a-z][a-z-]*\.)+(?=[a-z](?![0-9]))")
""""us.anthropic.", "moonshotai."; "deepseek." of "deepseek.v3" belongs to the model's name."""

_TAIL = re.compile(
    r"(?:-v[0-9]+:[0-9]+|-v1|-[0-9]+:[0-9]+|:[0-9]+|[:-](?:latest|cloud)|[-@](?:default|maas)"
    r"|[-@][0-9]{8}|-20[0-9]{2}-[0-9]{2}-[0-9]{2})$"
)
"""Dates, and versions of the service, not of the model."""

_EFFORT = re.compile(r"-(?:thinking|minimal|low|medium|high|xhigh)$")
"""The thinking effort, which does not affect the price; some proxies append it to the name."""

_FAMILY_LAST = re.compile(r"^claude-([0-9]+(?:-[0-9]+)?)-([a-z]+)$")
"""The order of words in the names of Claude 3: "claude-3-7-sonnet"."""

_FIRST_WORD = re.compile(r"[a-z]+[0-9]*")
"""The beginning of a model's name: "glm", "o3"."""

_FEW_WORDS: Final = 8
"""Up to this many words are searched one by one; for more, all names are split once."""

_FAMILIES: Final = frozenset({"opus", "sonnet", "haiku", "fable", "mythos"})
"""Short names of models in Claude Code."""

_MAKERS: Final = {
    "chatgpt": "openai",
    "codestral": "mistral",
    "command": "cohere",
    "deepseek": "deepseek",
    "devstral": "mistral",
    "doubao": "volcengine",
    "gemini": "gemini",
    "glm": "zai",
    "gpt": "openai",
    "grok": "xai",
    "hunyuan": "tencent",
    "hy": "tencent",
    "jamba": "ai21",
    "kimi": "moonshot",
    "magistral": "mistral",
    "mercury": "inception",
    "mimo": "xiaomi_mimo",
    "minimax": "minimax",
    "ministral": "mistral",
    "mistral": "mistral",
    "moonshot": "moonshot",
    "morph": "morph",
    "muse": "meta",
    "nova": "amazon-nova",
    "pixtral": "mistral",
    "qvq": "dashscope",
    "qwen": "dashscope",
    "qwq": "dashscope",
    "sonar": "perplexity",
    "swe": "cognition",
}
"""LiteLLM's name of a model's maker, by the first word of the model's name."""

_OPEN = re.compile(r"gpt-oss")
"""Sold by many, but not by its maker."""

LOCAL_SELLERS: Final = frozenset({"lemonade", "lm_studio", "llamafile", "ollama", "ollama_chat"})
"""Servers on the user's own machine; their prices say nothing about prices elsewhere."""


def matching_names(model: str, listed: Iterable[str]) -> list[str]:
    """Return the names in a list that may mean a model, the best first, as ccusage chooses them.

    The listed name is part of the logged one or the other way round, as whole words and never
    cutting off a version. "." and "@" may be written "-". The longest is the best, and of equally
    long ones the first in the alphabet.

    Args:
        model: The name as logged; case-sensitive.
        listed: The names to choose from.
    """
    return _best_first(name for name in listed if is_part(name, model) or is_part(model, name))


def is_part(part: str, name: str) -> bool:
    """Return whether a name is part of another, as whole words and never cutting off a version."""
    if not part:
        return False
    return _contains(name, part) or _contains(_dashed(name), _dashed(part))


def _best_first(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (-len(name), name))


def _dashed(name: str) -> str:
    return name.replace(".", "-").replace("@", "-")


def _plain(name: str) -> str:
    return _dashed(name).replace(":", "-")


def _contains(text: str, name: str) -> bool:
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        starts = at == 0 or not _WORD.match(text, at - 1)
        ends = not _WORD.match(text, end)
        is_later = name[-1] in "0123456789" and _NEXT_VERSION.match(text, end)
        if starts and ends and not is_later:
            return True
        at = text.find(name, at + 1)
    return False


def identity(name: str) -> str:
    """Return the part of a name that identifies the model: no seller, region, date, options.

    Only Claude's names are case-sensitive.

    >>> identity("openrouter/z-ai/glm-4.6"), identity("us.anthropic.claude-opus-4-5-20251101-v1:0")
    ('glm-4-6', 'claude-opus-4-5')
    """
    folded = name.lower()
    text = name if "claude" in folded else folded
    text = _IN_BRACKETS.sub("", text).rpartition("/")[2]
    text = _SELLER.sub("", text)
    while (shorter := _TAIL.sub("", text)) != text and shorter:
        text = shorter
    return _FAMILY_LAST.sub(r"claude-\2-\1", _plain(text))


class SameModel(NamedTuple):
    """The listed names for one model.

    Attributes:
        trusted: Groups of names, of which the first with a price counts: of the seller that the
            logged name begins with, those without a seller, and those of the maker.
        for_sale: The names under which anybody sells it.
    """

    trusted: list[list[str]]
    for_sale: list[str]


class NameIndex:
    """An index of a list's names, to find models that it does not name exactly.

    Args:
        names: All names.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self._by_word: dict[str, dict[str, list[str]]] = {}
        self._has_all = False

    def same(self, model: str) -> SameModel:
        """Return the names of the same model as a logged name."""
        wanted = identity(model)
        if not (_names_a_version(wanted) or maker_of(wanted)):
            return SameModel([], [])
        names = self._identities(wanted).get(wanted, [])
        seller, found, _ = model.partition("/")
        plain = [name for name in names if "/" not in name and not _SELLER.match(name)]
        makers = [name for name in names if seller_of(name) == maker_of(wanted)]
        groups = [
            [name for name in names if found and name.startswith(f"{seller}/")],
            [name for name in plain if _plain(name) == wanted],
            plain,
            [name for name in makers if _plain(name.rpartition("/")[2].lower()) == wanted],
            makers,
        ]
        return SameModel(groups, sellers(names) if _names_a_version(wanted) else [])

    def longer(self, model: str) -> list[list[str]]:
        """Return the names of each model whose name begins with the logged one."""
        wanted = identity(model)
        if not _names_a_version(wanted):
            return []
        return [
            names
            for one, names in self._identities(wanted).items()
            if one.startswith(f"{wanted}-") and not _NEXT_NUMBER.match(one, len(wanted))
        ]

    def inside(self, model: str) -> list[str]:
        """Return the names that are part of a logged one, the best first."""
        dashed = _dashed(model)
        may_be = (name for name, other in self._claudes if name in model or other in dashed)
        return _best_first(name for name in may_be if is_part(name, model))

    def family(self, model: str) -> list[str]:
        """Return the names in the family of models that a short name means, the best first."""
        if model.removeprefix("claude-") not in _FAMILIES:
            return []
        return matching_names(model.removeprefix("claude-"), self._names)

    def _identities(self, wanted: str) -> dict[str, list[str]]:
        """Return the names that begin with the same word, by identity."""
        word = _first_word(wanted)
        if word in self._by_word or self._has_all or not word:
            return self._by_word.get(word, {})
        if len(self._by_word) < _FEW_WORDS:
            names = [name for name, folded in self._folded if word in folded]
            self._by_word[word] = _by_word(names).get(word, {})
        else:
            self._has_all = True
            self._by_word = _by_word(self._names)
        return self._by_word.get(word, {})

    @cached_property
    def _folded(self) -> list[tuple[str, str]]:
        return [(name, name.lower()) for name in self._names]

    @cached_property
    def _claudes(self) -> list[tuple[str, str]]:
        """The names of Claude's models, unchanged and with dashes only."""
        words = ("claude", *_FAMILIES)
        return [(name, _dashed(name)) for name in self._names if any(w in name for w in words)]


def _by_word(names: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """Return names by identity, and these by their first word."""
    found: dict[str, dict[str, list[str]]] = {}
    for name in names:
        one = identity(name)
        found.setdefault(_first_word(one), {}).setdefault(one, []).append(name)
    return found


def _first_word(wanted: str) -> str:
    found = _FIRST_WORD.match(wanted)
    return found[0] if found else ""


def spellings(model: str) -> Iterator[str]:
    """Yield the names under which a model may be listed: without options, then without sellers.

    >>> list(spellings("openrouter/anthropic/claude-opus-5[1m]"))
    ['openrouter/anthropic/claude-opus-5', 'anthropic/claude-opus-5', 'claude-opus-5']
    """
    name = _IN_BRACKETS.sub("", model)
    yield name
    while "/" in name:
        name = name.partition("/")[2]
        yield name


def without_effort(model: str) -> str:
    """Return a name without its thinking effort."""
    while (shorter := _EFFORT.sub("", _IN_BRACKETS.sub("", model))) != model:
        model = shorter
    return model


def is_of_claude(model: str) -> bool:
    """Return whether a name is one of Claude's models."""
    return "claude" in model or model in _FAMILIES


def seller_of(name: str) -> str:
    """Return the seller of a listed model; all of Amazon's services count as one."""
    seller, found, _ = name.partition("/")
    if not found:
        return "bedrock" if _SELLER.match(name) else ""
    return "bedrock" if seller.startswith("bedrock") else seller


def maker_of(model: str) -> str | None:
    """Return the maker of a model, by its `identity`; None if unknown."""
    word = re.match("[a-z]*", model)
    if word is None or _OPEN.match(model):
        return None
    return _MAKERS.get(word[0])


def sellers(names: Iterable[str]) -> list[str]:
    """Return one listed name of a model for each seller: the shortest, without a region."""
    shortest: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (len(name), name)):
        shortest.setdefault(seller_of(name), name)
    return [name for seller, name in shortest.items() if seller not in LOCAL_SELLERS]


def _names_a_version(model: str) -> bool:
    """Return whether a name is more than a generic word like "default"."""
    return any(char.isdigit() for char in model)


def parse_aliases(text: str) -> dict[str, str]:
    """Parse aliases of models in the format of ``CCUSAGE_MODEL_ALIASES``.

    Args:
        text: ``logged=other,logged=other`` or a JSON object of strings; names must not contain
            backslashes.

    Returns:
        The name to use, by the name as logged.

    Raises:
        BadArgumentError: If it is neither.
    """
    text = text.strip()
    if text.startswith("{") and text.endswith("}"):
        inside = text[1:-1].strip()
        matches = [re.fullmatch(_QUOTED_PAIR, part) for part in inside.split(",")] if inside else []
        pairs = [(match[1], match[2]) if match else ("", "") for match in matches]
    else:
        parts = [part.partition("=") for part in text.split(",") if part.strip()]
        pairs = [(name.strip(), other.strip()) for name, _, other in parts]
    if not all(name and other and "=" not in other for name, other in pairs):
        title = f"These model aliases are not valid: {text}"
        advice = 'Write them as logged=other,logged=other or as {"logged": "other"}.'
        raise BadArgumentError(title, advice)
    return dict(pairs)
