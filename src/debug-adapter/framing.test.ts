import assert from "node:assert/strict";
import { test } from "node:test";
import { frame, MessageReader } from "./framing.ts";

/** What comes of a stream, however it is cut. */
function read(stream: string): { readonly messages: readonly object[]; readonly malformed: readonly string[] } {
  const pieces = [stream.length, 7, 1].map((size) => {
    const messages: object[] = [];
    const malformed: string[] = [];
    const reader = new MessageReader({
      onMessage: (message) => messages.push(message),
      onMalformed: (reason) => malformed.push(reason),
    });
    for (let at = 0; at < stream.length; at += size) reader.push(Buffer.from(stream.slice(at, at + size)));
    return { messages, malformed };
  });
  for (const other of pieces) assert.deepEqual(other, pieces[0]);
  return pieces[0];
}

const GOOD = frame({ seq: 1 });

test("what follows a header without a length is taken, whatever that one's content was", () => {
  for (const content of ["", '{"seq":7}', "garbage\r\n\r\nmore", "Content-Length: 1 Content-Length: x"]) {
    const { messages, malformed } = read(`Content-Length: abc\r\n\r\n${content}${GOOD}${GOOD}`);
    assert.deepEqual(messages, [{ seq: 1 }, { seq: 1 }], content);
    assert.match(malformed[0], /"Content-Length: abc" has no Content-Length/);
  }
});

test("a header of another name is none, even where it ends like one", () => {
  const { messages, malformed } = read(`X-Content-Length: 2\r\n\r\n${GOOD}`);
  assert.deepEqual([messages, malformed.length], [[{ seq: 1 }], 1]);
});
