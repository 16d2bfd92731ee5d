import type { EventLoop } from "../guest/runner.ts";

/** Node's own. */
export const nodeEventLoop: EventLoop = {
  turn: () => new Promise((resolve) => setImmediate(resolve)),
  after: (milliseconds, done) => {
    const timer = setTimeout(done, milliseconds);
    return () => clearTimeout(timer);
  },
};
