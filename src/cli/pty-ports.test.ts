import assert from "node:assert/strict";
import { test } from "node:test";
import type { Overview, Terminal } from "../model/protocol/debug.ts";
import { ptyPorts } from "./pty-ports.ts";

const port = (name: string, isConsole: boolean, kind: string, path?: string): Terminal => ({
  ...{ id: 0, name, isConsole, open: true, kind, path, socketType: undefined },
  ...{ connected: true, bytesRead: 0, bytesWritten: 0 },
});

test("each pseudo-terminal is told, with the port it belongs to", () => {
  const terminals = [
    port("a", true, "stdio"),
    port("b", true, "pty", "/dev/pts/5"),
    port("c", false, "pty", "/dev/pts/6"),
    port("d", true, "socket", "/tmp/d"),
  ];
  const devices = [{ terminals: [] }, { terminals }] as unknown as Overview["devices"];
  assert.deepEqual(ptyPorts({ devices }), ["console port b: /dev/pts/5", "port c: /dev/pts/6"]);
});
