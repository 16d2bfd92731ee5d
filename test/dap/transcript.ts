import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { type Body, type DapClient, ROOT } from "./client.ts";

/** ACRN_VIRTIO_UPDATE_GOLDEN=1 writes the golden files anew instead of comparing with them. */
const UPDATE = process.env.ACRN_VIRTIO_UPDATE_GOLDEN === "1";

/** Numbers that name something for one session only get stable ones: the first frame is frame1, and so on. */
const STABLE: { readonly [field: string]: string } = {
  frameId: "frame",
  variablesReference: "variables",
  sourceReference: "source",
};

/** Writes down what a client and the adapter say to each other, in a form that is the same in each run. */
export class Transcript {
  readonly #client: DapClient;
  readonly #lines: string[] = [];
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  constructor(client: DapClient) {
    this.#client = client;
  }

  note(text: string): void {
    this.#lines.push("", `# ${text}`, "");
  }

  /** Sends a request and writes down what it is answered, or why it is refused. */
  async request(command: string, args?: object, show: (body: Body) => unknown = (body) => body): Promise<Body> {
    this.#lines.push(`> ${command}${args === undefined ? "" : ` ${this.#inline(args)}`}`);
    const response: DebugProtocol.Response = await this.#client.send(command, args).response;
    if (response.success) this.#print("<", show(response.body) ?? "done");
    else this.#lines.push(`< refused: ${this.#text(response.message ?? "")}`);
    return response.body;
  }

  /** Waits for an event and writes it down. */
  async event(
    name: string,
    fits?: (body: Body) => boolean,
    show: (body: Body) => unknown = (body) => body,
  ): Promise<Body> {
    const body = await this.#client.event(name, fits);
    this.#print(`* ${name}`, show(body) ?? "");
    return body;
  }

  /** Writes down something that follows from an answer. */
  show(value: unknown): void {
    this.#print(" ", value);
  }

  /** Compares with test/dap/<name>.golden.txt. */
  check(name: string): void {
    const path = join(ROOT, "test", "dap", `${name}.golden.txt`);
    const text = `${this.#lines.join("\n").trim()}\n`;
    if (UPDATE) writeFileSync(path, text);
    assert.ok(existsSync(path), `${path} is missing; ACRN_VIRTIO_UPDATE_GOLDEN=1 writes it`);
    const [lines, golden] = [text.split("\n"), readFileSync(path, "utf8").split("\n")];
    const at = lines.findIndex((line, index) => line !== golden[index]);
    const different = at >= 0 || lines.length !== golden.length;
    const where = `${path}:${at + 1}:\n- ${golden[at]}\n+ ${lines[at]}\nACRN_VIRTIO_UPDATE_GOLDEN=1 accepts what is new`;
    assert.ok(!different, where);
  }

  #print(head: string, value: unknown): void {
    if (typeof value !== "object" || value === null) {
      this.#lines.push(`${head} ${this.#text(String(value))}`.trimEnd());
      return;
    }
    const inline = this.#inline(value);
    if (inline.length <= 100) this.#lines.push(`${head} ${inline}`);
    else {
      this.#lines.push(head);
      this.#block(value, "  ");
    }
  }

  /** One line for each thing that fits in one, more for what does not. */
  #block(value: object, indent: string): void {
    for (const [name, item] of this.#fields(value)) {
      const label = Array.isArray(value) ? "- " : `${name}: `;
      const inline = this.#inline(item, name);
      if (typeof item !== "object" || item === null || inline.length <= 150)
        this.#lines.push(`${indent}${label}${inline}`);
      else {
        this.#lines.push(`${indent}${label}`.trimEnd());
        this.#block(item, `${indent}  `);
      }
    }
  }

  #inline(value: unknown, name = ""): string {
    if (typeof value === "number" && STABLE[name] !== undefined && value !== 0)
      return this.#stable(STABLE[name], value);
    if (typeof value === "string") return this.#text(value);
    if (Array.isArray(value)) return `[${value.map((item) => this.#inline(item)).join(", ")}]`;
    if (typeof value === "object" && value !== null) {
      const fields = this.#fields(value);
      return `{ ${fields.map(([key, item]) => `${key}: ${this.#inline(item, this.#kind(key, value))}`).join(", ")} }`;
    }
    return String(value);
  }

  /** Without the lines of the model's own files, which change with every edit. */
  #fields(value: object): [string, unknown][] {
    const { source } = value as { source?: { path?: string } };
    const isModel = source?.path?.includes("/src/model/") ?? false;
    return Object.entries(value).filter(
      ([name, item]) => item !== undefined && !(isModel && (name === "line" || name === "column")),
    );
  }

  /** The `id` of something with a line is a frame's. */
  #kind(key: string, owner: object): string {
    return key === "id" && "line" in owner && !("verified" in owner) ? "frameId" : key;
  }

  #text(text: string): string {
    return text
      .replaceAll(ROOT, "<root>")
      .replaceAll("\n", "\\n")
      .replace(/at line \d+/g, "at line ..");
  }

  #stable(kind: string, value: number): string {
    const key = `${kind} ${value}`;
    let name = this.#names.get(key);
    if (name === undefined) {
      const count = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, count);
      name = `${kind}${count}`;
      this.#names.set(key, name);
    }
    return name;
  }
}
