import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf } from "./port-place.ts";

const port = { path: "/a", socketType: undefined } as const;

test("pseudo-terminals and listening sockets can be connected to", () => {
  assert.deepEqual(placeOf({ ...port, kind: "pty" }), { kind: "pty", path: "/a" });
  assert.deepEqual(placeOf({ ...port, kind: "socket", socketType: "server" }), { kind: "socket", path: "/a" });
});

test("nothing else can: nobody listens at a client's path, and files and terminals are not ours", () => {
  for (const kind of ["file", "tty", "stdio"]) assert.equal(placeOf({ ...port, kind }), undefined);
  assert.equal(placeOf({ ...port, kind: "socket", socketType: "client" }), undefined);
  assert.equal(placeOf({ ...port, kind: "pty", path: undefined }), undefined);
  assert.equal(placeOf({ ...port, kind: undefined }), undefined);
});
