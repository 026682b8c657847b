"""Somebody else's clients, told by the standard input what to do: a line of JSON in, one out.

`lc-sdk-python` as PyPI has it, and nothing of ours. It fetches no tokens: those are plain POSTs. A
process of its own, because it leaves sockets and threads behind.
"""

from __future__ import annotations

import contextlib
import json
import ssl
import sys
import time
from typing import Any

import httpx
import livechat.customer  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]
import websocket

LIBRARY: Any = livechat.customer
PATIENCE = 10.0
ERRORS = (AttributeError, OSError, httpx.HTTPError, websocket.WebSocketException)
"""What a step may end with; any other ends the process."""


class Driver:
    """One customer's clients. `host` is `127.0.0.1:<port>`, `authority` a file of certificates."""

    def __init__(self, host: str, organization_id: str, client_id: str, authority: str) -> None:
        self._host = host
        self._organization_id = organization_id
        self._client_id = client_id
        self._trust = ssl.create_default_context(cafile=authority)
        self._rtm: Any = None
        self._web: Any = None
        self._read = 0

    def token(self, **more: Any) -> Any:
        """A token by the cookie grant."""
        body = {
            "grant_type": "cookie",
            "response_type": "token",
            "client_id": self._client_id,
            "organization_id": self._organization_id,
        }
        with httpx.Client(verify=self._trust) as http:
            answer = http.post(f"https://{self._host}/v2/customer/token", json=body | more)
        return {"status": answer.status_code, "body": answer.json()}

    def revoke(self, token: str) -> Any:
        """The token is good for nothing any more."""
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(verify=self._trust) as http:
            answer = http.delete(f"https://{self._host}/v2/customer/token", headers=headers)
        return {"status": answer.status_code}

    def open(self, version: str, stays: bool = True) -> Any:
        """Opens an RTM connection, which takes the place of the one before."""
        self._read = 0
        self._rtm = LIBRARY.CustomerRTM.get_client(
            version=version, base_url=self._host, organization_id=self._organization_id
        )
        if stays:
            self._rtm.open_connection()
            return
        # It looks now and then whether it is connected: one that is closed at once is never seen.
        with contextlib.suppress(TimeoutError):
            self._rtm.open_connection(ws_conn_timeout=0.5)

    def close(self) -> Any:
        self._rtm.close_connection()

    def rtm(self, method: str, arguments: dict[str, Any]) -> Any:
        """A method of `CustomerRTM`; null when it gave up waiting."""
        answer = getattr(self._rtm, method)(**arguments)
        return answer and answer.rtm_response

    def send(self, frame: dict[str, Any]) -> Any:
        """Any frame, by the same way."""
        answer = self._rtm.ws.send(frame)
        return answer and answer.rtm_response

    def pushes(self, until: str) -> Any:
        """The pushes since the last time up to the first of that name, which is waited for."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            # What came last stands first.
            frames = self._rtm.ws.messages[::-1]
            for place in range(self._read, len(frames)):
                if frames[place]["type"] == "push" and frames[place]["action"] == until:
                    found, self._read = frames[self._read : place + 1], place + 1
                    return [frame for frame in found if frame["type"] == "push"]
            time.sleep(0.01)
        raise TimeoutError(until)

    def order(self, request_id: str) -> Any:
        """The types of the frames with this id, as they came."""
        frames = self._rtm.ws.messages[::-1]
        return [frame["type"] for frame in frames if frame.get("request_id") == request_id]

    def sign_in(self, token: str, version: str, trusting: bool = True) -> Any:
        """Makes the Web client."""
        more = {"verify": self._trust} if trusting else {}
        self._web = LIBRARY.CustomerWeb.get_client(
            access_token=token,
            version=version,
            base_url=self._host,
            organization_id=self._organization_id,
            **more,
        )

    def web(self, method: str, arguments: dict[str, Any]) -> Any:
        """A method of `CustomerWeb`."""
        answer = getattr(self._web, method)(**arguments)
        return {"status": answer.status_code, "body": answer.json()}

    def upload(self, path: str) -> Any:
        with open(path, "rb") as file:
            return self.web("upload_file", {"file": {"file": file}})

    def fetch(self, url: str) -> Any:
        """What a browser gets there."""
        with httpx.Client(verify=self._trust) as http:
            answer = http.get(url)
        return {"status": answer.status_code, "hex": answer.content.hex()}


def main() -> None:
    driver = Driver(**json.loads(sys.argv[1]))
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            result = {"result": getattr(driver, asked.pop("step"))(**asked)}
        except ERRORS as error:
            result = {"raised": type(error).__name__, "said": str(error)}
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
