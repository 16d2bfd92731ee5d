import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf } from "./port-place.ts";

const backend = { path: "/a", connected: true, bytesRead: 0, bytesWritten: 0 };

test("pseudo-terminals and listening sockets can be connected to", () => {
  assert.deepEqual(placeOf({ ...backend, type: "pty" }), { kind: "pty", path: "/a" });
  assert.deepEqual(placeOf({ ...backend, type: "socket", socketType: "server" }), { kind: "socket", path: "/a" });
});

test("nothing else can: nobody listens at a client's path, and files and terminals are not ours", () => {
  for (const type of ["file", "tty", "stdio"]) assert.equal(placeOf({ ...backend, type }), undefined);
  assert.equal(placeOf({ ...backend, type: "socket", socketType: "client" }), undefined);
  assert.equal(placeOf({ ...backend, type: "pty", path: undefined }), undefined);
  assert.equal(placeOf(undefined), undefined);
});
