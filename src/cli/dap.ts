import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  keepingHolder,
  type Program,
  runningHolder,
  serveStdio,
  serveTcp,
  type TcpServer,
} from "../debug-adapter/server.ts";
import type { MachineHolder } from "../debug-adapter/surroundings.ts";
import { givenOptions } from "../model/device-model/command-line/given.ts";
import type { Debuggee } from "../owner/debuggee.ts";
import { CliError, ExitStatus, UsageError } from "./exit.ts";
import { describeEnd } from "./guest-end.ts";
import { machineSpec } from "./machine-spec.ts";
import { commandOptions, parseOptions, usage } from "./options.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What debug sessions need of this program. */
const program: Program = {
  maker: {
    given: (args) => givenOptions(args, commandOptions.run),
    make(args) {
      try {
        const options = parseOptions("run", args);
        if (typeof options === "string") throw usage(`--${options} starts no machine`, options);
        if (options.dap !== undefined) throw usage("--dap is for acrn-virtio run only", "dap");
        return { spec: machineSpec(options), warnings: options.warnings };
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        const { message, option } = error;
        return { refused: error instanceof UsageError ? "options" : "machine", message, option };
      }
    },
  },
  describeEnd,
  program: [process.execPath, fileURLToPath(new URL("../bin/acrn-virtio.mjs", import.meta.url))],
  cacheFolder: join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "acrn-virtio"),
};

/** `acrn-virtio dap`: until the client leaves, or with a port until a signal. Returns the exit status. */
export async function dapCommand(port: number | undefined): Promise<number> {
  if (port === undefined) {
    const stop = new AbortController();
    void nextSignal().then(() => stop.abort());
    await serveStdio(program, stop.signal);
    return ExitStatus.OK;
  }
  const holder = keepingHolder();
  const server = await listen(port, holder);
  process.stdout.write(`acrn-virtio dap: listening on 127.0.0.1:${server.port}\n`);
  await nextSignal();
  await server.close();
  await holder.close();
  return ExitStatus.OK;
}

/** The server of `run --dap`: clients attach to the machine that `get` gives. */
export async function serveRunning(port: number, get: () => Debuggee | undefined): Promise<TcpServer> {
  const server = await listen(port, runningHolder(get));
  process.stderr.write(`Debuggers may attach at 127.0.0.1:${server.port}.\r\n`);
  return server;
}

async function listen(port: number, holder: MachineHolder): Promise<TcpServer> {
  try {
    return await serveTcp(port, program, holder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === "EADDRINUSE" ? "another program uses it; choose another port, or 0 for a free one" : code;
    throw new CliError(ExitStatus.USAGE, `Port ${port} cannot be used: ${reason}`);
  }
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve());
  });
}
