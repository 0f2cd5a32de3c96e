"""How a shim takes hold of one of moto's operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def request_of(response: Any) -> dict[str, Any]:
    """The parameters of the request, by the names of AWS's own model."""
    if not response.automated_parameter_parsing:
        response.parse_parameters(response.normalized_request)
    return dict(response.params)


def after(responses: type, operation: str, change: Callable[[Any, dict[str, Any]], None]) -> None:
    """Lets moto answer, then calls `change(response, answer)`, which alters the answer or the objects in it."""
    original = getattr(responses, operation)

    def changed(response: Any) -> Any:
        result = original(response)
        change(response, result.result)
        return result

    setattr(responses, operation, changed)


def operation(responses: type, name: str, answer: Callable[[Any, dict[str, Any]], dict[str, Any]]) -> None:
    """Adds or replaces an operation: `answer(response, request)` gives members by the names of AWS's model."""
    from moto.core.responses import ActionResult

    def method(response: Any) -> Any:
        return ActionResult(answer(response, request_of(response)))

    setattr(responses, name, method)
