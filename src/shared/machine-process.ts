/** Threads V8 has by default for compiling and collecting garbage. */
const DEFAULT_THREADS = 4;

/**
 * Options of Node for a process in which a machine runs. v86 makes WebAssembly of the guest's code all the time, which V8
 * optimizes in threads of its own; where there are few CPUs they would keep the guest's thread from running. `cpus`: those of
 * the computer.
 */
export function machineProcessOptions(cpus: number): string[] {
  return [`--v8-pool-size=${Math.max(1, Math.min(DEFAULT_THREADS, cpus - 1))}`];
}
