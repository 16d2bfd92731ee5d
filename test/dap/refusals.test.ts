/** What a debug adapter does with requests it cannot serve; no guest boots here. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { DapClient, INITIALIZE } from "./client.ts";

const client = DapClient.start();
after(() => client.vanish());

test("a request before initialize is refused", async () => {
  assert.match(await client.refusal("threads"), /"initialize" must come first/);
});

test("malformed messages are reported and passed over", async () => {
  client.raw("Content-Length: 9\r\n\r\nnot json!");
  client.raw("Content-Size: 2\r\n\r\n");
  client.raw("Content-Length: 2\r\n\r\n[]");
  client.raw('Content-Length: 37\r\n\r\n{"seq":1,"type":"request","comman":1}');
  client.raw('Content-Length: 19\r\n\r\n{"type":"nonsense"}');
  for (const expected of [/not JSON/, /no Content-Length/, /not a JSON object/, /"command"/, /"nonsense"/]) {
    assert.match((await client.event("output")).output, expected);
  }
});

test("initialize announces what works", async () => {
  assert.match(await client.refusal("initialize", { linesStartAt1: "yes" }), /linesStartAt1: expected true or false/);
  const capabilities = await client.request("initialize", INITIALIZE);
  assert.equal(capabilities.supportsConfigurationDoneRequest, true);
  assert.equal(capabilities.supportsGotoTargetsRequest, undefined);
  assert.match(await client.refusal("initialize", INITIALIZE), /initialized already/);
});

test("requests without a machine are refused", async () => {
  assert.deepEqual(await client.request("threads"), { threads: [] });
  assert.match(await client.refusal("stackTrace", { threadId: 1 }), /no machine yet; launch or attach first/);
  assert.match(await client.refusal("goto", {}), /"goto" is not supported/);
  assert.match(await client.refusal("constructor", {}), /"constructor" is not supported/);
  assert.match(await client.refusal("attach", {}), /acrn-virtio run --dap/);
});

const LAUNCHES: readonly [args: object, expected: RegExp][] = [
  [{ dmArgs: 5 }, /launch\.dmArgs: expected a text or an array of texts, given 5/],
  [{ dmArgs: "-s 3,virtio-console,@stdio:'p" }, /dmArgs: unbalanced command line/],
  [{ dmArgs: "--nonsense" }, /^dmArgs: unrecognized option '--nonsense'\n--help lists the options\.$/],
  [{ dmArgs: "--help" }, /^dmArgs: --help starts no machine$/],
  [{ dmArgs: "--rtvm", memory: "1k" }, /^invalid memsize '1k'/],
  [{ dmArgs: "-m 512m", memory: "256m" }, /memory "256m" contradicts -m 512m in dmArgs; leave one of them out/],
  [{ dmArgs: ["-k", "/a"], kernel: "/b" }, /kernel "\/b" contradicts -k \/a in dmArgs/],
  [{ dmArgs: ["-r", "/a"], initrd: "/b" }, /initrd "\/b" contradicts -r \/a in dmArgs/],
  [{ kernel: "/no/such/kernel" }, /kernel \/no\/such\/kernel cannot be read: no such file/],
  [{ overlay: "/no/such/folder" }, /expected a folder/],
  [{ memory: 0 }, /launch\.memory: expected a size/],
  [{ stopOnKick: 70000 }, /launch\.stopOnKick: expected true, false, "first" or the number of a queue/],
  [{ console: "window" }, /launch\.console: expected "terminal" or "pty" or "none", given "window"/],
  [{ console: "pty", dmArgs: "-s 0:0,hostbridge" }, /names no device with a stdio backend/],
  [{ sources: { acrn: "/no/such/tree" } }, /sources\.acrn is "\/no\/such\/tree".* there is no \/no\/such\/tree/],
  [{ sources: { linux: "linux" }, workspace: ["/no/such"] }, /there is no \/no\/such\/linux/],
  [{ sources: { acrn: "~/no/such/tree" } }, /there is no \/[^~]*\/no\/such\/tree/],
  [{ env: { "A B": "1" } }, /"A B" is no name of a variable/],
  [{ env: { A: '"' } }, /cannot carry quotes/],
];
for (const [args, expected] of LAUNCHES) {
  test(`launch ${JSON.stringify(args)} is refused`, async () => {
    const { success, message, body } = await client.send("launch", args).response;
    assert.equal(success, false);
    assert.match(message ?? "", expected);
    // Without this VS Code says nothing at all.
    assert.equal(body.error.showUser, true);
  });
}

test("cancel of what is not there does nothing", async () => {
  await client.request("cancel", { requestId: 4711 });
  await client.request("cancel", { progressId: "boot-9" });
});

test("the adapter ends when the client leaves", async () => {
  await client.request("disconnect");
  await client.ended();
  assert.deepEqual(
    client.events.filter(({ event }) => event !== "output"),
    [],
  );
});
