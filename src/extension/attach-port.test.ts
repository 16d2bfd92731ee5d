import assert from "node:assert/strict";
import { test } from "node:test";
import { attachPort } from "./attach-port.ts";

test("a port is a number or its digits", () => {
  for (const given of [1, 4711, 65535]) {
    assert.equal(attachPort(given), given);
    assert.equal(attachPort(String(given)), given);
  }
  assert.equal(attachPort("00080"), 80);
});

test("what is out of range or no number is none", () => {
  const values = [0, -1, 65536, 1.5, Number.NaN, true, null, undefined, [80]];
  const texts = ["0", "65536", "000080", "", " 80", "0x50", "4e3"];
  for (const given of [...values, ...texts]) assert.equal(attachPort(given), undefined, String(given));
});
