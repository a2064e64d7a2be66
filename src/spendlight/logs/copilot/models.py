"""The names of models in the logs of Copilot CLI."""

from __future__ import annotations

import re
from typing import Final

_ENDINGS: Final = re.compile(r"(?<=.)(?:-1m)?(?:-internal)?$")
"""Of models with a longer context, and before their release: they are sold as the same models."""


def model_name(logged: str) -> str:
    """Return the name under which a model is sold.

    >>> model_name("claude-opus-4.6-1m"), model_name("claude-opus-4.7-1m-internal")
    ('claude-opus-4.6', 'claude-opus-4.7')
    """
    return _ENDINGS.sub("", logged, count=1)
