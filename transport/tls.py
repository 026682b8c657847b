"""Trust: one kind of TLS context for both drivers, and what counts as a certificate error."""

from __future__ import annotations

import ssl


def trusted_context() -> ssl.SSLContext:
    """A context that verifies against the system's certificates (`SSL_CERT_FILE` counts). Reads
    files: call it in a thread."""
    return ssl.create_default_context()


def is_certificate_error(error: BaseException) -> bool:
    """`error`, or what it was raised from, is a certificate that is not trusted: final."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
