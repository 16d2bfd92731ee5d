const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type Signal = (typeof SIGNALS)[number];

/** Exit status after a signal, as shells count: 128 + its number. */
export const SIGNAL_STATUS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Calls `handler` for each signal that asks the program to end, until the returned function is called. */
export function onSignals(handler: (status: number, signal: Signal) => void): () => void {
  const handlers = SIGNALS.map((signal) => [signal, () => handler(SIGNAL_STATUS[signal], signal)] as const);
  for (const [signal, run] of handlers) process.on(signal, run);
  return () => {
    for (const [signal, run] of handlers) process.off(signal, run);
  };
}
