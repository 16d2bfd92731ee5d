/**
 * Runs in VS Code's window, put there before anything else of it: stops times by the window's own clock, from the key's
 * event to the frame in which an answer can be seen, and notes what the terminal in front is given.
 */

import type { Boot, Recording } from "./figures.ts";

/** What is used of xterm.js. VS Code leaves it at its element for its own smoke tests. */
interface Xterm {
  write(data: string | Uint8Array, done?: () => void): void;
  onLineFeed(listener: () => void): { dispose(): void };
  readonly buffer: {
    readonly active: {
      readonly length: number;
      getLine(at: number): { translateToString(trimRight: boolean): string } | undefined;
    };
  };
}

const TERMINAL = ".terminal-wrapper.active";
/** At the end of what a shell that waits has written; sequences may follow it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what sequences begin with
const PROMPT = /\n(?:\x1b\[[0-9;?]*[A-Za-z])*\/root # (?:\x1b\[[0-9;?]*[A-Za-z])*$/;
const KEPT = 256;

class TerminalProbe {
  #running: Promise<unknown> = Promise.resolve();

  /** Begins to wait for the key. It must have returned before the key is pressed. */
  begin(what: "boot" | "interrupt" | "record"): void {
    this.#running = this[what]();
    // It is asked for later.
    this.#running.catch(() => {});
  }

  /** What has been begun last. */
  result(): Promise<unknown> {
    return this.#running;
  }

  /** From the next Enter. */
  async boot(): Promise<Boot> {
    const start = await keyDown((event) => event.key === "Enter");
    const [booting, output, prompt] = await Promise.all([
      seen(() => /ACRN: booting/.test(texts(".statusbar-item"))),
      seen(() => lastRow() !== ""),
      seen(atPrompt),
    ]);
    return { booting: booting - start, output: output - start, prompt: prompt - start };
  }

  /** From the next Ctrl-C until the shell waits again. */
  async interrupt(): Promise<number> {
    const start = await keyDown((event) => event.ctrlKey && event.key === "c");
    return (await seen(atPrompt)) - start;
  }

  /** From the next Enter, with a command typed before it, until the shell waits again. */
  async record(): Promise<Recording> {
    const xterm = (document.querySelector(TERMINAL) as (Element & { xterm?: Xterm }) | null)?.xterm;
    if (xterm === undefined) throw new Error("there is no terminal");
    const start = await keyDown((event) => event.key === "Enter");
    const { write } = xterm;
    const pieces: string[] = [];
    let end = "";
    let lineFeeds = 0;
    const counting = xterm.onLineFeed(() => lineFeeds++);
    const done = new Promise<number>((resolve) => {
      xterm.write = (data, taken) => {
        const text = typeof data === "string" ? data : new TextDecoder().decode(data);
        pieces.push(text);
        end = (end + text).slice(-KEPT);
        const isLast = PROMPT.test(end);
        write.call(xterm, data, () => {
          taken?.();
          if (isLast) resolve(performance.now());
        });
      };
    });
    const milliseconds = (await done) - start;
    xterm.write = write;
    counting.dispose();
    await seen(atPrompt);
    const { active } = xterm.buffer;
    const lines = Array.from({ length: active.length }, (_, at) => active.getLine(at)?.translateToString(true) ?? "");
    while (lines.at(-1) === "") lines.pop();
    return { text: pieces.join(""), milliseconds, lineFeeds, lines };
  }
}

/** When the key was pressed. */
function keyDown(isIt: (event: KeyboardEvent) => boolean): Promise<number> {
  return new Promise((resolve) => {
    const listener = (event: KeyboardEvent): void => {
      if (!isIt(event)) return;
      window.removeEventListener("keydown", listener, true);
      resolve(event.timeStamp);
    };
    window.addEventListener("keydown", listener, true);
  });
}

/** When something can be seen, to a frame. */
function seen(condition: () => boolean): Promise<number> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (condition()) resolve(performance.now());
      else requestAnimationFrame(look);
    };
    look();
  });
}

const texts = (selector: string): string =>
  [...document.querySelectorAll(selector)].map(({ textContent }) => textContent).join("\n");

/** The last row of the terminal that is not empty. */
function lastRow(): string {
  const rows = document.querySelectorAll(`${TERMINAL} .xterm-rows > div`);
  for (let at = rows.length - 1; at >= 0; at--) {
    const text = (rows[at].textContent ?? "").replaceAll("\u00a0", " ").trimEnd();
    if (text !== "") return text;
  }
  return "";
}

const atPrompt = (): boolean => lastRow() === "/root #";

(globalThis as { terminalProbe?: TerminalProbe }).terminalProbe = new TerminalProbe();
