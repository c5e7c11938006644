"""The priorities in their order, and the state that has no place in it."""

from __future__ import annotations

from enum import StrEnum


class Priority(StrEnum):
    """How urgent something is. Each has words `priority_…` in the catalogue `priority`."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NOT_ASSESSED = "not_assessed"
    """Too little is known. That is no place in the order, and above all not a low one."""


SCALE = (Priority.LOW, Priority.MEDIUM, Priority.HIGH, Priority.CRITICAL)
"""From the least urgent to the most urgent."""


def raised_to(priority: Priority, least: Priority) -> Priority:
    """Returns a priority that is at least this one. What is not assessed gets it, unless it is low."""
    if priority is Priority.NOT_ASSESSED:
        return priority if least is SCALE[0] else least
    return SCALE[max(SCALE.index(priority), SCALE.index(least))]


def raised_by(priority: Priority, steps: int) -> Priority:
    """Returns a priority so many steps higher. What is not assessed stays so: there is nothing to raise."""
    if priority is Priority.NOT_ASSESSED:
        return priority
    return SCALE[min(SCALE.index(priority) + steps, len(SCALE) - 1)]


def lowered_to(priority: Priority, most: Priority) -> Priority:
    """Returns a priority that is at most this one. What is not assessed stays so, and never looks low."""
    if priority is Priority.NOT_ASSESSED:
        return priority
    return SCALE[min(SCALE.index(priority), SCALE.index(most))]
