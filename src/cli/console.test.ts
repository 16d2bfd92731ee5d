import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";

const ROOT = process.env.ACRN_VIRTIO_ROOT ?? join(dirname(process.argv[1]), "../..");
const folder = mkdtempSync(join(tmpdir(), "acrn-console-"));
after(() => rmSync(folder, { recursive: true }));

/** What `acrn-virtio console` shows of what the guest's end of a socket writes. */
function shown(name: string, written: string, ...options: string[]): Promise<string> {
  const path = join(folder, name);
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.end(written);
      server.close();
    }).listen(path, () => {
      const program = [join(ROOT, "bin", "acrn-virtio.mjs"), "console", ...options, "--socket", path];
      const child = spawn(process.execPath, program, { stdio: ["pipe", "pipe", "inherit"] });
      let text = "";
      child.stdout.on("data", (chunk) => {
        text += chunk;
      });
      child.on("error", reject);
      child.on("close", () => resolve(text));
    });
  });
}

test("a console's output is as it is, or without strings to the terminal", async () => {
  const output = "a\x1b]0;title\x07b \x1b[31mé\x1b]52;c;eA==\x1b\\.";
  assert.equal(await shown("plain", output), output);
  assert.equal(await shown("filtered", output, "--filter"), "ab \x1b[31mé.");
});
