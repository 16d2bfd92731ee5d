/** A DAP message is a header `Content-Length: <bytes>`, an empty line, and that many bytes of JSON in UTF-8. */

const SEPARATOR = "\r\n\r\n";
const MAX_HEADER = 8 * 1024;
/** A message of this size is not one: the largest request is a writeMemory. */
const MAX_CONTENT = 32 * 1024 * 1024;

export interface FramingEvents {
  readonly onMessage: (message: object) => void;
  /** Something that is no message was passed over. */
  readonly onMalformed: (reason: string) => void;
  /**
   * The stream does not begin as DAP does, and nothing of it is taken. Without this it is passed over as malformed. A web
   * page can make a browser send what it likes to a port of this computer, but only behind the head of an HTTP request.
   */
  readonly onForeign?: () => void;
}

const LENGTH = /^content-length:[ \t]*(\d+)[ \t]*$/im;
/** The same behind what is left of a message whose length nobody knows. */
const LENGTH_BEHIND = /content-length:[ \t]*(\d+)[ \t]*$/im;

/** DAP has the first; LSP, whose framing it is, the second too. */
const FIELDS = ["content-length:", "content-type:"];

/** Whether a stream may begin so; undefined when more must be seen. */
function beginsAsDap(start: string): boolean | undefined {
  const given = start.toLowerCase();
  if (FIELDS.some((field) => given.startsWith(field))) return true;
  return FIELDS.some((field) => field.startsWith(given)) ? undefined : false;
}

/** Cuts a byte stream into messages. What is malformed is reported and passed over; nothing grows without bound. */
export class MessageReader {
  readonly #events: FramingEvents;
  #chunks: Buffer[] = [];
  #held = 0;
  /** Bytes of content to come, once a header has been read. */
  #wanted: number | undefined;
  /** Bytes of a message that is too large, still to be passed over. */
  #skip = 0;
  /** Whether this is DAP's; undefined until its beginning has been seen. */
  #isDap: boolean | undefined;

  constructor(events: FramingEvents) {
    this.#events = events;
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, rest.length);
      this.#skip -= skipped;
      rest = rest.subarray(skipped);
    }
    if (rest.length === 0) return;
    this.#chunks.push(rest);
    this.#held += rest.length;
    if (this.#events.onForeign === undefined || this.#begins(this.#events.onForeign)) while (this.#step());
  }

  /** A header said no length: where the next message begins is not known. */
  #lost = false;
  /** Whether the stream is DAP's, as far as it has come. What is not is thrown away. */
  #begins(onForeign: () => void): boolean {
    if (this.#isDap === undefined) {
      this.#isDap = beginsAsDap(this.#all().toString("latin1", 0, FIELDS[0].length));
      if (this.#isDap === false) onForeign();
    }
    if (this.#isDap === false) this.#take(this.#held);
    return this.#isDap === true;
  }

  /** Whether it got on. */
  #step(): boolean {
    if (this.#wanted === undefined) return this.#header();
    if (this.#held < this.#wanted) return false;
    const content = this.#take(this.#wanted);
    this.#wanted = undefined;
    this.#content(content);
    return true;
  }

  #header(): boolean {
    const all = this.#all();
    const end = all.indexOf(SEPARATOR);
    if (end < 0) {
      if (all.length > MAX_HEADER) {
        this.#take(all.length - SEPARATOR.length);
        this.#events.onMalformed(
          `no header in ${MAX_HEADER} bytes; expected "Content-Length: <bytes>" and an empty line`,
        );
      }
      return false;
    }
    const header = this.#take(end + SEPARATOR.length).toString("latin1", 0, end);
    const length = (this.#lost ? LENGTH_BEHIND : LENGTH).exec(header)?.[1];
    this.#lost = length === undefined;
    if (length === undefined) {
      this.#events.onMalformed(`the header ${JSON.stringify(header.slice(0, 80))} has no Content-Length`);
    } else if (Number(length) > MAX_CONTENT) {
      this.#events.onMalformed(`a message of ${length} bytes; the most is ${MAX_CONTENT}`);
      const held = Math.min(this.#held, Number(length));
      this.#take(held);
      this.#skip = Number(length) - held;
    } else {
      this.#wanted = Number(length);
    }
    return true;
  }

  #content(content: Buffer): void {
    let message: unknown;
    try {
      message = JSON.parse(content.toString("utf8"));
    } catch (error) {
      this.#events.onMalformed(`content that is not JSON: ${(error as Error).message}`);
      return;
    }
    if (typeof message === "object" && message !== null && !Array.isArray(message)) this.#events.onMessage(message);
    else this.#events.onMalformed("content that is not a JSON object");
  }

  #all(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0];
  }

  #take(bytes: number): Buffer {
    const all = this.#all();
    this.#chunks = [all.subarray(bytes)];
    this.#held -= bytes;
    return all.subarray(0, bytes);
  }
}

export function frame(message: object): string {
  const json = JSON.stringify(message);
  return `Content-Length: ${Buffer.byteLength(json)}${SEPARATOR}${json}`;
}
