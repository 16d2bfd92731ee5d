import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where in a console's folder its socket is. */
export const SOCKET_NAME = "console";
/** Of the folders' names, before the adapter's process id. */
const PREFIX = "acrn-virtio-console-";

/** A folder that only this user can open, for a console's socket. Those of adapters that were killed are removed. */
export async function newConsoleFolder(parent = tmpdir()): Promise<string> {
  await removeLeftovers(parent);
  return mkdtemp(join(parent, `${PREFIX}${process.pid}-`));
}

async function removeLeftovers(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    const folder = join(parent, name);
    // Another user's, or one whose adapter is in another container, stays.
    if (!(await isServed(join(folder, SOCKET_NAME)))) await rm(folder, { recursive: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (served: boolean): void => {
      socket.destroy();
      resolve(served);
    };
    socket.once("connect", () => settle(true)).once("error", () => settle(false));
  });
}
