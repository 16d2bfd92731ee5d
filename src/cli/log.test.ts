import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { logTo } from "./log.ts";

test("messages up to a level, a line each; an announcement is a notice although acrn-dm says it as an error", () => {
  const stream = new PassThrough();
  const log = logTo(stream, 2);
  log(1, "acrn-dm", "bad\n things");
  log(1, "acrn-dm", "virt-console backend redirected to /dev/pts/9", "announcement");
  log(3, "acrn-dm", "unheard");
  assert.equal(
    stream.read().toString(),
    "acrn-dm error: bad things\r\nacrn-dm notice: virt-console backend redirected to /dev/pts/9\r\n",
  );
});
