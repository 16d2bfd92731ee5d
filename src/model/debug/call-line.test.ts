import assert from "node:assert/strict";
import { test } from "node:test";
import { Session } from "./testing/session.ts";

test("at a call's line the values of the calling function are known, and the called one's behind them", () => {
  const s = new Session().probe();
  const at = { stations: ["vq_relchain"], caller: "virtio_console_notify_tx" };
  const logMessage = "{last_avail} taken, len {len}";
  const { breakpoints } = s.arm({
    breakpoints: [
      { ...at, id: 1, logMessage },
      { ...at, id: 2, condition: "last_avail == 1 && idx == 0" },
      { ...at, stations: ["vq_has_descs"], id: 3, logMessage: "{len}" },
    ],
  });
  assert.deepEqual(
    breakpoints.map(({ id }) => id),
    [3],
  );
  const stops = s.run(() => s.send("hello"));
  assert.deepEqual(
    stops.map(({ hitBreakpoints }) => hitBreakpoints),
    [[2]],
  );
  assert.deepEqual(s.outputs, ["1 taken, len 0"]);
});
