"""What the Python client does, run by python-client.peer.ts: `client_check.py NAME`, with BELLOWS_URL set."""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from bellows import Bellows, BellowsError, NoAnswer, WaitTimeout


def against_a_server() -> None:
    bellows = Bellows()
    body = {"type": "task", "shell": "echo out $BELLOWS_TASK_INDEX", "resources": {"vcpu": 0.5, "memoryMib": 128}}
    request = bellows.submit({**body, "count": 3, "labels": {"team": "a b"}})
    ended = bellows.wait_for_end(request["id"], timeout=120, every=0.2)
    assert ended["state"] == "succeeded", ended
    assert [task["state"] for task in bellows.tasks(request["id"], limit=2)] == ["succeeded"] * 3
    text = "".join(part["stdout"] for part in bellows.follow(request["id"], index=2))
    assert text == "out 2\n", text
    assert request["id"] in [one["id"] for one in bellows.requests(limit=1)]
    again = [bellows.submit(body, idempotency_key="same")["id"] for _ in range(2)]
    assert again[0] == again[1]
    try:
        bellows.get_request("r-00000000000000000000000000")
        raise AssertionError("there is no such request")
    except BellowsError as error:
        assert (error.status, error.code) == (404, "not_found"), error
    try:
        bellows.submit({"type": "task", "command": ["true"], "resources": {"vcpu": 0}})
        raise AssertionError("it is not valid")
    except BellowsError as error:
        assert error.code == "invalid_request" and error.errors[0]["path"] != "", error
    slow = bellows.submit({**body, "shell": "sleep 60"})
    try:
        bellows.wait_for_end(slow["id"], timeout=0)
        raise AssertionError("it cannot have ended")
    except WaitTimeout as late:
        assert late.request["id"] == slow["id"]
    bellows.cancel_request(slow["id"])


class Server:
    """Answers with these statuses in turn, the last one again and again, and keeps what it was sent."""

    def __init__(self, statuses: list[int]) -> None:
        self.sent: list[tuple[str, dict[str, str]]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                server.sent.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                self.rfile.read(int(self.headers.get("content-length", 0)))
                data = json.dumps({"id": "r-1"}).encode()
                self.send_response(statuses[min(len(server.sent), len(statuses)) - 1])
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = _answer

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


def repeats() -> None:
    waits: list[float] = []
    server = Server([503, 429, 200])
    bellows = Bellows(server.url, sleep=waits.append)
    body = {"type": "task", "command": ["true"], "resources": {"vcpu": 1, "memoryMib": 64}}
    assert bellows.submit(body) == {"id": "r-1"}
    assert len(server.sent) == 3 and len({headers["idempotency-key"] for _, headers in server.sent}) == 1
    assert [0.1 <= waits[0] <= 0.2, 0.2 <= waits[1] <= 0.4] == [True, True], waits
    server.stop()
    server = Server([503])
    try:
        Bellows(server.url, sleep=waits.append).stop_request("r-1")
        raise AssertionError("it might have been done")
    except BellowsError as error:
        assert error.status == 503 and len(server.sent) == 1
    server.stop()
    try:
        Bellows(server.url, tries=2, sleep=waits.append).get_request("r-1")
        raise AssertionError("nobody answers")
    except NoAnswer as error:
        assert "in 2 tries" in str(error)


def signatures() -> None:
    os.environ.update({"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"})
    server = Server([200])
    Bellows(server.url, region="eu-central-1").list_requests(label="team=a b")
    [(path, headers)] = server.sent
    assert path == "/v1/requests?label=team%3Da%20b", path
    assert "Credential=AKIDEXAMPLE/" in headers["authorization"], headers
    assert "/eu-central-1/execute-api/aws4_request" in headers["authorization"], headers
    server.stop()


if __name__ == "__main__":
    {"against_a_server": against_a_server, "repeats": repeats, "signatures": signatures}[sys.argv[1]]()
    print(f"{sys.argv[1]}: ok")
