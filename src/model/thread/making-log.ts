import type { Log } from "../doors/host.ts";
import type { FromThread } from "../protocol/machine.ts";
import { countedLog } from "./counted-log.ts";

type LogMessage = Extract<FromThread, { type: "log" }>;

/**
 * The machine's messages on their way to its owner. Errors while the machine is made are held back: where that is its end,
 * the first of them is the reason.
 */
export class MakingLog {
  making = false;
  readonly #errors: Pick<LogMessage, "level" | "source" | "message">[] = [];
  readonly #post: (message: FromThread) => void;
  readonly #tell: Log;

  constructor(post: (message: FromThread) => void) {
    this.#post = post;
    this.#tell = countedLog((level, source, message, kind) => post({ type: "log", level, source, message, kind }));
  }

  readonly log: Log = (level, source, message, kind) => {
    if (this.making && level === 1 && kind !== "announcement") this.#errors.push({ level, source, message });
    else this.#tell(level, source, message, kind);
  };

  get firstError(): string | undefined {
    return this.#errors[0]?.message;
  }

  /** The machine is made, or will not be: posts what was held back, as errors or at that lower `level`. */
  made(level?: LogMessage["level"]): void {
    this.making = false;
    for (const error of this.#errors.splice(0)) {
      this.#post({ type: "log", ...error, ...(level === undefined ? {} : { level }) });
    }
  }
}
