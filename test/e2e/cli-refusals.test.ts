import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ROOT, TestMachine } from "./harness.ts";
import { makeTerminal } from "./links.ts";
import { PROGRAM, Program, run } from "./program.ts";

/** What the program does not do, and how it says so: one clear message, the right exit status. */

const folder = mkdtempSync(join(tmpdir(), "acrn-cli-"));
const KERNEL = join(ROOT, "guest-image", "vmlinux");
const path = (name: string): string => join(folder, name);
before(() => writeFileSync(path("random"), randomBytes(200_000)));
after(() => rmSync(folder, { recursive: true }));

test("--help tells about every command", async () => {
  const overview = await run(["--help"]);
  assert.equal(overview.status, 0);
  const commands = [...overview.stdout.matchAll(/^ {2}(\w+) {2}/gm)].map(([, name]) => name);
  assert.deepEqual(commands.slice(0, 4), ["run", "trace", "stations", "demo"]);
  for (const command of commands) {
    const { status, stdout, stderr } = await run([command, "--help"]);
    assert.deepEqual([status, stderr], [0, ""], command);
    assert.match(stdout, new RegExp(`^acrn-virtio ${command}: `));
  }
  assert.match((await run(["run", "--help"])).stdout, /Ctrl-A x leaves[\s\S]*--pci_slot/);
});

/** Arguments, exit status, and what the message has to tell. */
type Refusal = readonly [args: readonly string[], status: number, message: RegExp];

function refused(cases: readonly Refusal[]): void {
  for (const [args, status, message] of cases) {
    test(args.join(" ").replace(`${folder}/`, ""), async () => {
      const ended = await run(args);
      assert.equal(ended.status, status, ended.stderr);
      assert.match(ended.stderr, message);
      assert.equal(ended.stdout, "");
    });
  }
}

describe("wrong options", () => {
  const bus = ["run", "-s", "0,hostbridge"];
  refused([
    [["frobnicate"], 2, /^acrn-virtio: "frobnicate" is not a command; expected run, /],
    [["run", "--nope"], 2, /unrecognized option '--nope'/],
    [["run", "--log", "9"], 2, /--log 9: expected a number from 1 to 5/],
    [["trace", "--mode", "C"], 2, /--mode C: expected A or B/],
    [["stations", "--format", "xml"], 2, /--format xml: expected table or json/],
    [["console"], 2, /console: expected one of --socket and --pty/],
    [["console", "--pty", "/dev/null"], 2, /\/dev\/null is no terminal/],
    [["run", "-m", "1M"], 2, /invalid memsize '1M'\n.*at least 128m/],
    [["run", "-m", "128"], 2, /There is no unit/],
    [[...bus, "-s", "0:0,lpc"], 2, /0:0:0 already has hostbridge\. Give another slot/],
    [[...bus, "-s", "3,frob"], 2, /unknown device "frob"\nModelled here: /],
    [[...bus, "-s", "3"], 2, /There is no comma after the slot/],
    [[...bus, "-s", "32,lpc"], 2, /"32" is not a slot/],
    [[...bus, "-s", "1,lpc", "-s", "2,lpc"], 2, /Only one LPC bridge is allowed\.\n-s 2,lpc: /],
    [["run", "-l", "com6,stdio"], 2, /Expected: com1 to com5/],
    [
      ["run", "-l", "com1,stdio"],
      2,
      /stdio is used by other device\ncom1 and port stdio_port of the virtio-console in 0:3:0/,
    ],
    [["run", "--append", "x".repeat(2000)], 2, /command line has 2\d+ bytes, at most 2047 are possible: shorten/],
  ]);
});

describe("options of virtio-console", () => {
  const ports = (text: string) => ["run", "-s", "0,hostbridge", "-s", `3,virtio-console,${text}`];
  refused([
    [
      ["run", "-s", "3,virtio-console"],
      2,
      /^acrn-virtio: vtcon: invalid opts\n-s 3,virtio-console: Expected ports such as/,
    ],
    [ports(""), 2, /vtcon: invalid backend !\n.*Expected ports such as @stdio:name/],
    [ports("foo"), 2, /vtcon: invalid backend foo!\n-s 3,virtio-console,foo: Expected/],
    [ports("@bad:x"), 2, /vtcon: invalid backend bad!/],
    [ports("@stdio:a,pty"), 2, /vtcon: please at least config portname\n.*Expected ports/],
    [
      ports("@stdio:a,stdio:b"),
      2,
      /stdio is used by other device\nport a of the virtio-console in 0:3:0 and port b of the/,
    ],
    [ports("file:a"), 2, /vtcon: portpath missing for a/],
    [ports("socket:a"), 2, /vtcon: portpath is NULL/],
    [ports("socket:a=/tmp/s:listener"), 2, /Socket type not exist/],
    [ports("iothread=0,@stdio:a"), 2, /invalid iothread number 0\n.*from 1 on/],
    [ports(Array.from({ length: 17 }, (_, i) => `pty:p${i}`).join(",")), 2, /It has 17 ports, 16 are possible/],
  ]);
});

describe("files of the guest", () => {
  refused([
    [["run", "-k", path("none")], 3, /The kernel .*none cannot be read: no such file/],
    [["run", "-k", folder], 3, /The kernel .* is not a file/],
    [["run", "-r", path("none")], 3, /The initrd .*none cannot be read: no such file/],
    [["run", "--overlay", path("none")], 3, /--overlay .*none: expected a folder/],
    [["run", "-k", path("random")], 3, /random is not a kernel that can be booted: no ELF header/],
    [
      ["run", "-k", KERNEL, "-r", "/dev/null"],
      3,
      /panicked: VFS: Unable to mount root fs.*; it has no user space, so give it an initrd with -r/,
    ],
    [["run", "-k", process.execPath], 3, /is not a kernel that can be booted: it is a 64-bit ELF/],
  ]);
});

describe("ends of consoles", () => {
  refused([
    [["console", "--socket", path("none")], 3, /The console at .*none cannot be reached: .*ENOENT/],
    [["console", "--pty", path("none")], 3, /The console at .*none cannot be opened: .*ENOENT/],
  ]);
});

describe("backends", () => {
  const terminal = makeTerminal();
  after(() => terminal.close());
  const port = (text: string) => ["run", "-s", "0,hostbridge", "-s", `3,virtio-console,@stdio:a,${text}`];
  refused([
    [port(`socket:b=${path("none/s")}`), 3, /cannot be made: .*none\/s: ENOENT; the folder must exist and be writable/],
    [port(`socket:b=${path("none")}:client`), 3, /cannot be made: .*none not exist/],
    [port(`socket:b=${folder}`), 3, /cannot be made: .* is a folder; give the path of a socket/],
    [port(`tty:b=${path("none")}`), 3, /cannot be made: cannot open .*none: ENOENT/],
    [port(`tty:b=${path("random")}`), 3, /cannot be made: vtcon: not a tty/],
    [port(`file:b=${folder}`), 3, /cannot be made: cannot open .* for appending: EISDIR/],
    [port(`pty:b,file:c=${folder}`), 3, /cannot be made: cannot open .* for appending: EISDIR/],
    // One message, without what led to it.
    [
      port(`file:b=${path("none/f")}`),
      3,
      /^The machine cannot be made: cannot open .*: ENOENT \(Unable to init vdev \(1\)\)\n$/,
    ],
    [[...port(`file:b=${path("none/f")}`), "--log", "3"], 3, /acrn-dm notice: pci virtio-console init failed/],
  ]);

  test("a terminal without permission", async (t) => {
    const nobody = { uid: 65534, gid: 65534, stdio: ["ignore", "pipe", "pipe"] as ("ignore" | "pipe")[] };
    const known = process.getuid?.() === 0 ? await run(["--version"], nobody).catch(() => undefined) : undefined;
    if (known?.status !== 0) return t.skip("only root can try as somebody else, where he may read this");
    const { status, stderr } = await run(port(`tty:b=${terminal.path}`), nobody);
    assert.equal(status, 3);
    assert.match(stderr, /cannot be made: cannot open .*: EACCES; join the group that owns it/);
  });
});

describe("limits of the computer", { skip: process.platform !== "linux" }, () => {
  const limited = (script: string, ...args: string[]) =>
    new Program("bash", ["-c", script, process.execPath, PROGRAM, ...args]).end();

  test("an output that is full", async () => {
    const { status, stderr } = await limited('"$0" "$@" >/dev/full', "stations");
    assert.equal(status, 74);
    assert.match(stderr, /^acrn-virtio: the output could not be written: ENOSPC/);
  });

  test("too few open files for the machine's thread", async () => {
    const { status, stderr } = await limited('ulimit -n 21; exec "$0" "$@"', "demo");
    assert.equal(status, 70);
    assert.match(stderr, /EMFILE.*; raise the limit on open files \(ulimit -n\)/);
  });
});

describe("memory", () => {
  test("no room for WebAssembly's memory", { skip: process.platform !== "linux" }, async () => {
    // Node 20 wants 10 GiB of address space for any memory, Node 24 can do with what the guest has.
    const limit = 'ulimit -v 3000000; exec "$0" "$@"';
    const limited = new Program("bash", ["-c", limit, process.execPath, PROGRAM, "demo", "-m", "1900m"]);
    const { status, stderr } = await limited.end();
    assert.equal(status, 3, stderr);
    assert.match(stderr, /memory of a guest with 1900 MiB cannot be allocated: give it less with -m, .*ulimit -v/);
  });

  test("v86's program is broken or not there", async () => {
    for (const [wasmPath, why] of [
      [path("random"), /v86 cannot be loaded from .*random \(.*\); build the project anew/],
      [path("none.wasm"), /v86 cannot be loaded from .*none\.wasm \(ENOENT/],
    ] as const) {
      const machine = new TestMachine([], { spec: { wasmPath } });
      const end = await machine.end();
      await machine.close();
      assert.equal(end.kind, "failed");
      assert.match(end.kind === "failed" ? end.message : "", why);
    }
  });
});
