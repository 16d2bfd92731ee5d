import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeFile } from "../testing/fake-host.ts";
import { Fixture } from "../testing/fixture.ts";
import { type Mevent, meventAdd, meventDelete, meventDisable } from "./mevent.ts";

function loop() {
  const f = new Fixture("@stdio:p").start();
  const files = [new FakeFile(true), new FakeFile(true)];
  const ran: string[] = [];
  return { f, ctx: f.dm.vmctx, files, ran };
}

/** Takes the input and notes the name. */
const take = (file: FakeFile, ran: string[], name: string) => () => {
  file.input.length = 0;
  ran.push(name);
};

test("an event deleted by another one of the same round does not run", () => {
  const { f, ctx, files, ran } = loop();
  let second: Mevent | undefined;
  meventAdd(
    ctx,
    files[0],
    () => {
      take(files[0], ran, "first")();
      if (second !== undefined) meventDelete(ctx, second);
    },
    0,
  );
  second = meventAdd(ctx, files[1], take(files[1], ran, "second"), 0, () => ran.push("teardown"));
  for (const file of files) file.push("x");
  f.scheduler.runUntilIdle();
  assert.deepEqual(ran, ["first", "teardown"]);
});

test("a deletion by another thread is torn down by the loop", () => {
  const { f, ctx, files, ran } = loop();
  const mevp = meventAdd(ctx, files[0], take(files[0], ran, "run"), 0, () => ran.push("teardown"));
  if (mevp !== undefined) meventDelete(ctx, mevp);
  assert.deepEqual(ran, []);
  f.scheduler.runUntilIdle();
  assert.deepEqual(ran, ["teardown"]);
});

test("a file that is watched keeps its event; a disabled one is not run", () => {
  const { f, ctx, files, ran } = loop();
  const mevp = meventAdd(ctx, files[0], take(files[0], ran, "run"), 0);
  assert.equal(
    meventAdd(ctx, files[0], () => {}, 0),
    mevp,
  );
  if (mevp !== undefined) meventDisable(ctx, mevp);
  files[0].push("x");
  f.scheduler.runUntilIdle();
  assert.deepEqual(ran, []);
});

test("what is not read is reported again", () => {
  const { f, ctx, files, ran } = loop();
  meventAdd(
    ctx,
    files[0],
    () => {
      ran.push("run");
      files[0].input.shift();
    },
    0,
  );
  files[0].push("one");
  files[0].push("two");
  f.scheduler.runUntilIdle();
  assert.deepEqual(ran, ["run", "run"]);
});
