import assert from "node:assert/strict";
import { test } from "node:test";
import { givenOptions } from "./given.ts";

test("what a command line names, as the parser would read it, up to a mistake", () => {
  const own = [{ long: "log", argument: "1-5", about: "" }];
  assert.deepEqual(
    [...givenOptions(["-m64m", "--ram", "/r", "vm7", "--log=5", "-m", "1g", "--nonsense", "-k", "/k"], own)],
    [
      ["memsize", "1g"],
      ["ramdisk", "/r"],
      ["log", "5"],
    ],
  );
});
