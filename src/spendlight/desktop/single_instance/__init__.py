"""Lets each user run only one Spendlight; a second start raises the first one's window."""

from __future__ import annotations

from spendlight.desktop.single_instance.ending import end_instances
from spendlight.desktop.single_instance.instance import (
    SingleInstance,
    instance_folder,
    instance_key,
    instance_name,
)

__all__ = [
    "SingleInstance",
    "end_instances",
    "instance_folder",
    "instance_key",
    "instance_name",
]
