import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConsolePortOverview, Overview } from "../model/protocol/debug.ts";
import { ptyPorts } from "./pty-ports.ts";

const port = (name: string, isConsole: boolean, type: string, path?: string): ConsolePortOverview => ({
  ...{ id: 0, name, isConsole, open: true },
  backend: { type, path, connected: true, bytesRead: 0, bytesWritten: 0 },
});

test("each pseudo-terminal is told, with the port it belongs to", () => {
  const ports = [
    port("a", true, "stdio"),
    port("b", true, "pty", "/dev/pts/5"),
    port("c", false, "pty", "/dev/pts/6"),
    port("d", true, "socket", "/tmp/d"),
  ];
  const devices = [{ name: "hostbridge" }, { virtio: { ports } }] as unknown as Overview["devices"];
  assert.deepEqual(ptyPorts({ devices }), ["console port b: /dev/pts/5", "port c: /dev/pts/6"]);
});
