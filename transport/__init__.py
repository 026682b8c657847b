"""The wire: the session machine, pure, and the drivers that move its bytes.

Pure (no asyncio, no sockets, no clock): codec, envelope, lenient, inputs, outputs, session and its
parts (config, reasons, backoff, retry, liveness, inflight, deadlines, login), urls, token.
Drivers: socket (`websockets`), http (`httpx`), auth.
"""
