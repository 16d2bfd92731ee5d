import type { EventLoop } from "../guest/runner.ts";

/** Node's own. */
export const nodeEventLoop: EventLoop = {
  turn: () => new Promise((resolve) => setImmediate(resolve)),
  after: (milliseconds, done) => {
    // Node leaves fractions out, and who is woken too early has to wait again.
    const timer = setTimeout(done, Math.ceil(milliseconds));
    return () => clearTimeout(timer);
  },
};
