#!/usr/bin/env python3
"""A DAP client that shares nothing with the adapter: completes a session with `acrn-virtio dap` on stdin and stdout.

usage: second_client.py NODE PROGRAM
"""

import json
import subprocess
import sys


class Client:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.seq = 0
        self.events = []

    def read(self):
        length = None
        while (line := self.process.stdout.readline().strip()) != b"":
            name, value = line.split(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return json.loads(self.process.stdout.read(length))

    def send(self, command, arguments=None):
        self.seq += 1
        message = {"seq": self.seq, "type": "request", "command": command}
        if arguments is not None:
            message["arguments"] = arguments
        text = json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(text), text))
        self.process.stdin.flush()
        return self.seq

    def request(self, command, arguments=None):
        seq = self.send(command, arguments)
        while True:
            message = self.read()
            if message["type"] == "event":
                self.events.append(message)
            elif message["request_seq"] == seq:
                assert message["success"], message
                return message.get("body", {})

    def event(self, name):
        while True:
            for event in self.events:
                if event["event"] == name:
                    self.events.remove(event)
                    return event.get("body", {})
            self.events.append(self.read())


def main():
    client = Client([sys.argv[1], sys.argv[2], "dap"])
    # Zero-based lines and URIs, which few clients use.
    client.request(
        "initialize", {"adapterID": "acrn", "linesStartAt1": False, "columnsStartAt1": False, "pathFormat": "uri"}
    )
    client.request("launch", {"stopOnEntry": True, "console": "none", "sources": {"prefer": "model"}})
    client.event("initialized")
    body = client.request("setFunctionBreakpoints", {"breakpoints": [{"name": "pci_emul_io_handler"}]})
    assert body["breakpoints"][0]["verified"], body
    client.request("setExceptionBreakpoints", {"filters": []})
    client.request("configurationDone")
    assert client.event("stopped")["reason"] == "entry"
    client.request("continue", {"threadId": 1})
    stop = client.event("stopped")
    threads = {thread["id"]: thread["name"] for thread in client.request("threads")["threads"]}
    frames = client.request("stackTrace", {"threadId": stop["threadId"]})["stackFrames"]
    names = [frame["name"] for frame in frames]
    print(threads[stop["threadId"]], "|", " < ".join(names[:9]))
    assert names[0] == "pci_emul_io_handler" and "acrn_insert_request" in names, names
    assert frames[0]["source"]["path"].startswith("file:///"), frames[0]
    with open(frames[0]["source"]["path"][len("file://") :]) as source:
        assert "pciEmulIoHandler" in source.readlines()[frames[0]["line"]]
    scopes = client.request("scopes", {"frameId": frames[0]["id"]})["scopes"]
    values = client.request("variables", {"variablesReference": scopes[0]["variablesReference"]})["variables"]
    print(", ".join("%s = %s" % (value["name"], value["value"]) for value in values))
    assert any(value["name"] == "port" for value in values)
    result = client.request("evaluate", {"expression": "slot[0].processed", "frameId": frames[0]["id"]})["result"]
    assert result.startswith("PROCESSING"), result
    for command in ("next", "stepOut", "stepIn"):
        client.request(command, {"threadId": stop["threadId"]})
        client.event("stopped")
    client.request("terminate")
    assert client.event("exited")["exitCode"] == 0
    client.event("terminated")
    client.request("disconnect")
    client.process.stdin.close()
    assert client.process.wait(30) == 0
    print("The session is complete.")


if __name__ == "__main__":
    main()
