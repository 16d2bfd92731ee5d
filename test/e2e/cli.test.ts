import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { HopRecord } from "../../src/model/chain/hop-records.ts";
import { gone, killAll, OnTerminal, PROGRAM, Program, run, start } from "./program.ts";

/** The program with a guest that boots: its results, its terminal, and how it is ended. */

const folder = mkdtempSync(join(tmpdir(), "acrn-cli-"));
after(() => {
  killAll();
  rmSync(folder, { recursive: true });
});
let folders = 0;
function newFolder(): string {
  const path = join(folder, String(folders++));
  mkdirSync(path);
  return path;
}
const ports = (path: string): string[] => [
  ...["-s", "0,hostbridge", "-s", "1,lpc"],
  ...["-s", `3,virtio-console,@stdio:con,socket:sock=${path},pty:pty`],
];
const PROMPT = / # $/;

test("trace --format json: one object, with the smallest memory", async () => {
  const { status, stdout, stderr } = await run(["trace", "--format", "json", "-m", "128M", "--kicks", "2"]);
  assert.deepEqual([status, stderr], [0, ""]);
  const { mode, back, hops, ...rest } = JSON.parse(stdout) as { mode: string; back: string[]; hops: HopRecord[] };
  assert.deepEqual([mode, back, Object.keys(rest)], ["A", ["seen", "seen"], []]);
  assert.equal(hops.filter((hop) => hop.station === "vmexit_handler" && hop.context === "vm1:vcpu0").length, 2);
  for (const hop of hops) {
    const { station, layer, context, depth, t_ns, cause, values } = hop;
    assert.ok(station !== "" && context !== "", JSON.stringify(hop));
    assert.ok(["guest", "hypervisor", "service-vm", "device-model"].includes(layer), layer);
    assert.ok(Number.isInteger(depth) && Number.isInteger(t_ns) && typeof values === "object");
    assert.ok(cause === null || (Number.isInteger(cause) && cause >= 0 && cause < hops.indexOf(hop)));
  }
});

test("an output nobody reads any more ends the demonstration without a word", async () => {
  const { status, stdout, stderr } = await new Program("bash", [
    "-c",
    'set -o pipefail; "$0" "$@" | head -n 1',
    ...[process.execPath, PROGRAM, "demo"],
  ]).end();
  assert.deepEqual([status, stdout.split("\n").length, stderr], [0, 2, ""]);
});

test("an initrd that is none: the kernel's own words, and exit status 3", async () => {
  const initrd = join(newFolder(), "random");
  writeFileSync(initrd, randomBytes(100_000));
  const { status, stderr } = await run(["run", "-r", initrd]);
  const words = "The guest's kernel has panicked: VFS: Unable to mount root fs on unknown-block(0,0)";
  const advice = "it has no user space, so give it an initrd with -r, one that it can unpack and that holds /init";
  assert.deepEqual([status, stderr], [3, `${words}; ${advice}\n`]);
});

test("a guest that reboots is started again; commands may come from a pipe", async () => {
  const program = start(["run"], { stdio: ["pipe", "pipe", "pipe"] });
  program.type("reboot\n");
  await program.until(/The guest reboots\.[\s\S]* # $/);
  program.type("poweroff\n");
  const { status, stderr } = await program.end();
  assert.deepEqual([status, stderr], [0, "The guest reboots.\r\nThe guest has powered off.\n"]);
});

test("without a stdin the guest runs until SIGTERM; no socket is left", async () => {
  const socket = join(newFolder(), "socket");
  writeFileSync(socket, "old");
  const program = new Program("sh", ["-c", 'exec "$0" "$@" <&-', process.execPath, PROGRAM, "run", ...ports(socket)]);
  await program.until(PROMPT);
  assert.ok(existsSync(socket));
  program.kill("SIGTERM");
  const { status, stderr } = await program.end();
  assert.equal(status, 143);
  assert.match(stderr, /socket was there already \(a file\); it has been removed, as acrn-dm does/);
  assert.ok(!existsSync(socket));
});

describe("on a terminal", { skip: process.platform !== "linux" }, () => {
  /** Starts `run` and waits until the machine is made: the guest begins to boot. */
  async function booting(): Promise<{ terminal: OnTerminal; socket: string }> {
    const path = newFolder();
    const socket = join(path, "socket");
    const terminal = new OnTerminal(path, ["run", ...ports(socket)]);
    await terminal.script.until(/Booting\. Ctrl-A x leaves\.[\s\S]*redirected to/);
    assert.ok(existsSync(socket));
    return { terminal, socket };
  }

  for (const [signal, status] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    test(`${signal} while the guest boots`, async () => {
      const { terminal, socket } = await booting();
      process.kill(terminal.pid, signal);
      assert.equal(await terminal.status(), status);
      assert.ok(!existsSync(socket));
    });
  }

  test("a terminal that is closed takes the program with it", async () => {
    const { terminal, socket } = await booting();
    const { pid } = terminal;
    terminal.script.kill("SIGKILL");
    await gone(pid);
    assert.ok(!existsSync(socket));
  });

  test("what is typed goes to the guest, Ctrl-C too; Ctrl-A x leaves", async () => {
    const { terminal, socket } = await booting();
    const { script } = terminal;
    await script.until(PROMPT);
    // Before, Ctrl-C would be a character for the shell's line editor, or a signal for the shell alone.
    script.type("sh -c 'echo $((1 + 1)) runs; exec sleep 1000'\n");
    await script.until(/2 runs\s+$/);
    script.type("\x03");
    await script.until(/\^C[\s\S]* # $/);
    script.type("tty; stty size\n");
    await script.until(/\/dev\/hvc0[\s\S]* # $/);
    script.type("\x01x");
    assert.equal(await terminal.status(), 0);
    assert.ok(!existsSync(socket));
  });
});
