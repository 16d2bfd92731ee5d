import type { Host, HostFile, HostListener, HostPty } from "../../doors/host.ts";
import type { Watcher } from "../../doors/kernel.ts";
import { EAGAIN, ENOENT } from "../../util/errno.ts";

/** A host file for tests: input is pushed, output is kept, results can be ordered. */
export class FakeFile implements HostFile {
  readonly isTty: boolean;
  watcher: Watcher | undefined;
  /** Chunks a read has not taken yet; a number is a result: 0 or a negative errno, which stays. */
  readonly input: (Uint8Array | number)[] = [];
  /** An end or an error is reported once for each time it is pushed, as by the real host's files in an interval of theirs. */
  endsOnce = false;
  /** One element a write call. */
  readonly written: Uint8Array[] = [];
  /** Result of the next writes instead of "all of it". */
  writeResult: number | undefined;
  closed = 0;

  constructor(isTty: boolean) {
    this.isTty = isTty;
  }

  get readable(): boolean {
    return this.input.length > 0 && this.closed === 0;
  }

  /** Something to read: text, or a result every read has from then on. */
  push(what: string | number): void {
    this.input.push(typeof what === "string" ? new TextEncoder().encode(what) : what);
    this.watcher?.onReadable(this);
  }

  read(into: Uint8Array): number {
    const first = this.input[0];
    if (first === undefined) return -EAGAIN;
    if (typeof first === "number") {
      if (this.endsOnce) this.input.shift();
      return first;
    }
    const length = Math.min(first.length, into.length);
    into.set(first.subarray(0, length));
    if (length === first.length) this.input.shift();
    else this.input[0] = first.subarray(length);
    return length;
  }

  write(from: Uint8Array): number {
    const result = this.writeResult ?? from.length;
    if (result > 0) this.written.push(from.slice(0, result));
    return result;
  }

  close(): void {
    this.closed++;
  }

  get text(): string {
    return this.written.map((bytes) => new TextDecoder().decode(bytes)).join("");
  }
}

export class FakeListener implements HostListener {
  watcher: Watcher | undefined;
  readonly waiting: FakeFile[] = [];
  closed = 0;

  get readable(): boolean {
    return this.waiting.length > 0;
  }

  connect(): FakeFile {
    const file = new FakeFile(false);
    this.waiting.push(file);
    this.watcher?.onReadable(this);
    return file;
  }

  accept(): HostFile | number {
    return this.waiting.shift() ?? -EAGAIN;
  }

  close(): void {
    this.closed++;
  }
}

export class FakeHost implements Host {
  readonly console = new FakeFile(true);
  readonly ptyMaster = new FakeFile(true);
  readonly listener = new FakeListener();
  readonly ready = new FakeFile(false);
  /** Files by path, for tty, file and socket client. */
  readonly files = new Map<string, FakeFile | number>();
  readonly opened: string[] = [];

  stdin(): HostFile {
    return this.console;
  }

  #open(how: string, path: string): FakeFile | number {
    this.opened.push(`${how} ${path}`);
    return this.files.get(path) ?? -ENOENT;
  }

  openTty(path: string): HostFile | number {
    return this.#open("tty", path);
  }

  openAppend(path: string): HostFile | number {
    return this.#open("file", path);
  }

  openRead(path: string): HostFile | number {
    return this.#open("read", path);
  }

  openPty(): HostPty | number {
    return { master: this.ptyMaster, slave: "/dev/pts/9" };
  }

  listenUnix(path: string): HostListener | number {
    this.opened.push(`listen ${path}`);
    return this.listener;
  }

  connectUnix(path: string): HostFile | number {
    return this.#open("connect", path);
  }

  workbenchPort(name: string): HostFile {
    this.opened.push(`workbench ${name}`);
    return this.ready;
  }
}
