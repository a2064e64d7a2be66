"""Lets one Spendlight run for each user; a second start raises the first one's window."""

from __future__ import annotations

from spendlight.desktop.single_instance.instance import (
    SingleInstance,
    instance_folder,
    instance_name,
)

__all__ = ["SingleInstance", "instance_folder", "instance_name"]
