import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { BoundedOutput } from "./bounded-output.ts";

test("a client that does not read keeps little, gets all answers, and hears of what it has missed", async () => {
  const output = new PassThrough();
  let missed = 0;
  const told = new Promise<void>((resolve) => {
    const bounded = new BoundedOutput(output, (leftOut) => {
      missed = leftOut;
      resolve();
    });
    const text = "x".repeat(1000);
    for (let seq = 0; seq < 50_000; seq++) {
      bounded.send({ seq, type: "event", event: "output", body: { category: "stderr", output: text } } as never);
    }
    bounded.send({ seq: 50_000, type: "response" });
  });
  assert.ok(output.writableLength < 5 * 2 ** 20, `${output.writableLength}`);
  let received = "";
  output.on("data", (chunk) => {
    received += chunk;
  });
  await told;
  assert.ok(missed > 45_000 && missed < 50_000);
  assert.match(received.slice(-200), /"type":"response"/);
});
