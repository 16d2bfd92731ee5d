import { createServer, type Server, type Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import type { Debuggee } from "../owner/debuggee.ts";
import { BoundedOutput } from "./bounded-output.ts";
import { MessageReader } from "./framing.ts";
import { AcrnSession } from "./session.ts";
import { newModelSources, type SharedModelSources } from "./source-finder.ts";
import type { MachineHolder, Surroundings } from "./surroundings.ts";

/** What the program that starts a server gives its sessions. */
export type Program = Pick<Surroundings, "maker" | "describeEnd" | "program" | "cacheFolder">;

export interface ServeOptions {
  /** Who is there speaks something else; without this it is passed over. */
  readonly onForeign?: () => void;
  /** Ends the session as if the client had gone. */
  readonly signal?: AbortSignal;
  /** Those of a server that has other sessions. */
  readonly modelSources?: SharedModelSources;
}

/** Speaks DAP on two streams until the client is gone. Resolves when nothing of the session is left. */
export function serve(
  input: Readable,
  output: Writable,
  program: Program,
  machine: MachineHolder,
  { onForeign, signal, modelSources = newModelSources() }: ServeOptions = {},
): Promise<void> {
  const drained = (): Promise<void> =>
    new Promise((resolve) => {
      if (!output.writableNeedDrain || output.destroyed) return resolve();
      const done = (): void => {
        output.off("drain", done).off("close", done);
        resolve();
      };
      output.on("drain", done).on("close", done);
    });
  const session = new AcrnSession({ ...program, machine, drained, modelSources });
  const reader = new MessageReader({
    onMessage: (message) => session.handleMessage(message as never),
    onMalformed: (reason) => session.malformed(reason),
    ...(onForeign === undefined ? {} : { onForeign }),
  });
  const bounded = new BoundedOutput(output, (leftOut) =>
    session.state.output("stderr", `${leftOut} messages were left out, as they were not read.\n`),
  );
  session.onDidSendMessage((message) => bounded.send(message));
  return new Promise((resolve) => {
    let gone = false;
    const end = (): void => {
      if (gone) return;
      gone = true;
      void session.clientGone().finally(resolve);
    };
    session.state.onDisconnected = () => {
      // After the response to disconnect has gone out.
      if (output === process.stdout) output.write("", end);
      else output.end(end);
    };
    input.on("data", (chunk: Buffer) => reader.push(chunk));
    input.on("end", end).on("close", end).on("error", end);
    output.on("error", end).on("close", end);
    signal?.addEventListener("abort", end, { once: true });
  });
}

/** Serves one client on stdin and stdout, until it goes or `signal` is aborted. */
export function serveStdio(program: Program, signal: AbortSignal): Promise<void> {
  const holder: MachineHolder = {
    refusesLaunch: undefined,
    refusesKeeping: "the machine lives in this adapter's process and cannot go on without it; use terminate",
    consoleIsFree: true,
    get: () => undefined,
    keep: () => {},
  };
  return serve(process.stdin, process.stdout, program, holder, { signal });
}

export interface TcpServer {
  readonly port: number;
  /** Ends every session, and the machine that was left behind. */
  close(): Promise<void>;
}

/** Serves any number of clients on a port of the loopback interface; 0 chooses one. Rejects when it is in use. */
export async function serveTcp(port: number, program: Program, machine: MachineHolder): Promise<TcpServer> {
  const clients = new Map<Socket, Promise<void>>();
  const modelSources = newModelSources();
  const server: Server = createServer((socket) => {
    socket.setNoDelay(true);
    const served = serve(socket, socket, program, machine, { onForeign: () => socket.destroy(), modelSources }).finally(
      () => {
        clients.delete(socket);
        socket.destroy();
      },
    );
    clients.set(socket, served);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    async close() {
      server.close();
      for (const socket of clients.keys()) socket.destroy();
      await Promise.all(clients.values());
    },
  };
}

/** Keeps the machine a session leaves behind, for the next client to attach to. */
export function keepingHolder(): MachineHolder & { close(): Promise<void> } {
  let kept: Debuggee | undefined;
  const current = (): Debuggee | undefined => (kept?.end === undefined ? kept : undefined);
  return {
    refusesLaunch: undefined,
    get refusesKeeping() {
      return current() === undefined ? undefined : "this server keeps another machine already; use terminate";
    },
    consoleIsFree: true,
    get: current,
    keep: (machine) => {
      kept = machine;
    },
    close: async () => {
      await kept?.thread.shutdown();
    },
  };
}

/** The machine of `run --dap`: it has a terminal, and nothing else is started there. */
export function runningHolder(get: () => Debuggee | undefined): MachineHolder {
  return {
    refusesLaunch: "this server belongs to a machine that runs already; use attach",
    refusesKeeping: undefined,
    consoleIsFree: false,
    get,
    keep: () => {},
  };
}
