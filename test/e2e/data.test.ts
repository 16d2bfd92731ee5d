import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { TestMachine, within } from "./harness.ts";
import { connectTo, type Link, listenAt, makeTerminal, openTerminal } from "./links.ts";

/** 1 MiB of random text through the guest and back, on the console and on a port of each backend. */

const MIB = 1024 * 1024;
const randomText = (): Buffer => Buffer.from(randomBytes((MIB * 3) / 4).toString("base64"));

const folder = mkdtempSync(join(tmpdir(), "acrn-data-"));
const path = (name: string): string => join(folder, name);
const terminal = makeTerminal();
let server: Awaited<ReturnType<typeof listenAt>>;
let machine: TestMachine;

/** In the order of the ports: /dev/vport0p<n>. */
const PORTS = ["stdio", "pty", "server", "client", "tty", "file", "full"] as const;
const device = (name: (typeof PORTS)[number]): string => `/dev/vport0p${PORTS.indexOf(name)}`;

before(async () => {
  server = await listenAt(path("client"));
  const ports = [
    "@stdio:stdio",
    "pty:pty",
    `socket:server=${path("server")}`,
    `socket:client=${path("client")}:client`,
    `tty:tty=${terminal.path}`,
    `file:file=${path("file")}`,
    `file:full=${existsSync("/dev/full") ? "/dev/full" : path("full")}`,
  ];
  machine = await TestMachine.boot(["-s", "0,hostbridge", "-s", "1,lpc", "-s", `3,virtio-console,${ports.join(",")}`]);
});
after(async () => {
  await machine.close();
  for (const link of links) link.close();
  server.close();
  terminal.close();
  rmSync(folder, { recursive: true });
});

/**
 * What acrn-dm loses: output of the guest that the host's end does not take at once (Linux limits a pty's buffer to 8 KiB, with what it needs for itself), and input
 * for which the guest has no buffer at the moment (64 of a page, each filled by one read). Whoever sends through it
 * has to wait for answers, so no more than this is ever on its way.
 */
const WINDOW = 4 * 1024;

/** Open to the end of all tests, because the machine tells when they close. */
const links: Link[] = [];

async function echoed(link: Link, name: (typeof PORTS)[number]): Promise<void> {
  links.push(link);
  // Opened by the shell, for both directions at once: a port has one user, and what comes before that is lost.
  await machine.run(`exec 3<>${device(name)}; cat <&3 >&3 &`);
  const text = randomText();
  for (let done = 0; done < MIB; done += WINDOW) {
    link.send(text.subarray(done, done + WINDOW));
    const echo = link.received(Math.min(done + WINDOW, MIB));
    await within(`${name}: the echo after ${done} bytes`, echo, () => machine.messages(2).join("\n"));
  }
  const back = await link.received(MIB);
  assert.equal(back.length, MIB);
  assert.ok(back.equals(text), `${name}: other bytes came back`);
}

test("console, as a terminal: the product's own terminal loses nothing, so nobody waits", async () => {
  // Raw but for Ctrl-C, which ends `cat`.
  await machine.shell.type("stty raw -echo isig; echo ready; cat\n");
  await machine.output("a raw terminal", /\nready\n$/);
  const text = randomText().toString("latin1");
  const from = machine.shell.output.length;
  const back = machine.shell.until(() => machine.shell.output.length >= from + MIB, "the text");
  await Promise.all([machine.shell.type(text), within("the text", back)]);
  assert.ok(machine.shell.output.slice(from) === text, "other bytes came back");
  await machine.shell.type("\x03");
  await machine.prompt();
});

test("pty", async () => {
  const banner = machine.messages(1).find((message) => message.includes("redirected to"));
  await echoed(openTerminal(/redirected to (\S+)/.exec(banner ?? "")?.[1] ?? ""), "pty");
});

test("socket, as server", async () => {
  await echoed(await connectTo(path("server")), "server");
});

test("socket, as client", async () => {
  await echoed(await server.accepted, "client");
});

test("tty", async () => {
  await echoed(terminal.link, "tty");
});

test("file: what the guest writes is appended", async () => {
  await machine.run(`head -c ${(MIB * 3) / 4} /dev/urandom | base64 -w 0 >/tmp/text`);
  // Not `cat`: its sendfile(2) makes chains of several segments, which acrn-dm's console does not take (notify_tx).
  await machine.run(`dd if=/tmp/text of=${device("file")} bs=16k`);
  const [sum] = (await machine.run("sha256sum /tmp/text")).split(" ");
  const file = readFileSync(path("file"));
  assert.equal(file.length, MIB);
  assert.equal(createHash("sha256").update(file).digest("hex"), sum);
});

test("no byte was dropped on the way", () => {
  assert.deepEqual(machine.messages(2, /redirected to|\*{10}/), []);
});

test("file on a full disk: data is lost, with a message, and the guest goes on", {
  skip: !existsSync("/dev/full"),
}, async () => {
  await machine.run(`dd if=/tmp/text of=${device("full")} bs=16k count=4`);
  const [failure, dropped] = machine.messages(2, /redirected to|\*{10}/);
  assert.match(failure, /be write failed! errno = 28/);
  assert.match(dropped, /output of the guest dropped, the backend is closed/);
  assert.equal(await machine.run("echo on"), "on");
});
