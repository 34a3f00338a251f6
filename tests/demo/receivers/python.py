"""A receiver on Python's own http.server: the raw body, the headers as they came, and one call."""

import collections
import http.server
import json
import os

from hookseal import Webhook, WebhookError

DEMO = json.loads(os.environ["DEMO"])
WEBHOOKS = {profile: Webhook(profile, secret) for profile, secret in DEMO["secrets"].items()}
SEEN: collections.Counter = collections.Counter()


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # One write for head and body, so that neither waits for an acknowledgement.

    def do_POST(self) -> None:
        profile = self.path[1:]
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if profile not in WEBHOOKS:
            return self.answer(404, {"verified": False, "code": "not_found"})
        try:
            event = WEBHOOKS[profile].verify(body, self.headers)
        except WebhookError as error:
            return self.answer(error.status, {"verified": False, "code": error.code, "message": str(error)})
        SEEN[self.headers["webhook-id"]] += 1
        is_busy = SEEN[self.headers["webhook-id"]] <= DEMO["busy"].get(profile, 0)
        self.answer(503 if is_busy else 200, {"verified": True, "type": event.type})

    def answer(self, status: int, body: dict) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """The demo shows the deliveries itself."""


server = http.server.ThreadingHTTPServer(("127.0.0.1", DEMO["port"]), Receiver)
print("ready", flush=True)
server.serve_forever()
