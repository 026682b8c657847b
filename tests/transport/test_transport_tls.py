"""What counts as a certificate error."""

from __future__ import annotations

import ssl

from livechat_customer.transport.tls import is_certificate_error, trusted_context


def test_a_certificate_error_is_found_behind_what_a_library_raised() -> None:
    wrapped = ConnectionError("no connection")
    wrapped.__context__ = OSError()
    wrapped.__context__.__cause__ = ssl.SSLCertVerificationError("self-signed")

    assert is_certificate_error(wrapped)
    assert not is_certificate_error(ConnectionError())
    assert not is_certificate_error(ssl.SSLError("handshake failure"))


def test_certificates_and_names_are_always_checked() -> None:
    context = trusted_context()

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
