import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { machineSpec } from "./machine-spec.ts";
import { parseOptions } from "./options.ts";
import { watchSilence } from "./silence.ts";

const PROJECT = pathToFileURL(`${process.env.ACRN_VIRTIO_ROOT ?? process.cwd()}/`);

/** What is told within ten seconds; `output`: of the guest, after nine. */
function told(t: TestContext, args: readonly string[], output: boolean): string[] {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const options = parseOptions("run", args);
  assert.ok(typeof options !== "string");
  const texts: string[] = [];
  const heard = watchSilence(machineSpec(options, PROJECT), (text) => texts.push(text));
  t.mock.timers.tick(9_000);
  if (output) heard();
  t.mock.timers.tick(1_000);
  return texts;
}

const kernel = ["-k", process.execPath];

test("a kernel of one's own that says nothing: how to see its first messages", (t) => {
  const [text, ...more] = told(t, kernel, false);
  assert.match(
    text,
    /^Nothing has come from the guest for 10 s.*-s 1:0,lpc -l com1,stdio -B "earlyprintk=ttyS0,keep"\r\n$/,
  );
  assert.deepEqual(more, []);
});

test("nothing is told of a guest that writes, of the image's kernel, of a console that is elsewhere", (t) => {
  assert.deepEqual(told(t, kernel, true), []);
  t.mock.timers.reset();
  assert.deepEqual(told(t, [], false), []);
  t.mock.timers.reset();
  assert.deepEqual(told(t, [...kernel, "-s", "0,hostbridge", "-s", "3,virtio-console,@pty:con"], false), []);
});
