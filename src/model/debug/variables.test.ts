import assert from "node:assert/strict";
import { test } from "node:test";
import { groupNode } from "../inspect/node.ts";
import { MOST_REFERENCES, References } from "./variables.ts";

const group = (name: string) => groupNode(name, () => []);

test("a client that asks without end at one stop loses what it has used least recently", () => {
  const references = new References();
  const used = references.of(group("used"));
  const unused = references.of(group("unused"));
  references.node(used);
  for (let i = 0; i < MOST_REFERENCES - 1; i++) references.of(group("more"));
  assert.equal(references.node(used).name, "used");
  assert.throws(() => references.node(unused), /there is no variables reference 2 \(any more\)/);
});

test("when the machine goes on all references are void, and their numbers are not used again", () => {
  const references = new References();
  const before = references.of(group("a"));
  references.clear();
  assert.throws(() => references.node(before), /any more/);
  assert.notEqual(references.of(group("b")), before);
});
