"""A local Customer Chat API server: for tests, demos, and clients in any language.

    async with Sandbox() as sandbox:
        jane = sandbox.agent("Jane")
        ...

It is written from the API's description, not from this library's client, and shares nothing with
it but the encoding of digests. Needs the extra `sandbox`.
"""

from __future__ import annotations

try:
    from livechat_customer.sandbox.agents import Agent, Sent
    from livechat_customer.sandbox.api_errors import ApiError
    from livechat_customer.sandbox.assumptions import ASSUMPTIONS, Assumption
    from livechat_customer.sandbox.callbacks import Callback
    from livechat_customer.sandbox.clock import SteppingClock
    from livechat_customer.sandbox.connection import Connection
    from livechat_customer.sandbox.core import Received
    from livechat_customer.sandbox.faults import KINDS, Fault, FaultError
    from livechat_customer.sandbox.limits import Limits
    from livechat_customer.sandbox.sandbox import Sandbox, serve
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in ("starlette", "uvicorn", "python_multipart"):
        raise
    raise ModuleNotFoundError(
        f"The sandbox needs {error.name}: pip install 'livechat-customer[sandbox]'",
        name=error.name,
    ) from None

__all__ = [
    "ASSUMPTIONS",
    "KINDS",
    "Agent",
    "ApiError",
    "Assumption",
    "Callback",
    "Connection",
    "Fault",
    "FaultError",
    "Limits",
    "Received",
    "Sandbox",
    "Sent",
    "SteppingClock",
    "serve",
]
