// Takes the place of native-watchdog, which has to be compiled: ends this process when the one that started it is gone.

const PERIOD_MS = 1000;

export function start(pid) {
  const timer = setInterval(() => {
    try {
      process.kill(pid, 0);
    } catch {
      process.exit(87);
    }
  }, PERIOD_MS);
  timer.unref();
}

export default { start };
