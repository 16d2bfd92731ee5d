import { readFileSync } from "node:fs";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { gunzipSync } from "node:zlib";
import { VirtualClock } from "../guest/virtual-time.ts";
import type { ByteRingPair } from "../host/channel-file.ts";
import type { FromThread, MachineSpec, ToThread } from "../protocol/machine.ts";
import { MachineService } from "./machine-service.ts";

/** Entry of a machine's thread. */

const port = parentPort;
if (port === null) throw new Error("this file is the entry of a worker thread");
const {
  spec,
  console: ring,
  control,
} = workerData as {
  readonly spec: MachineSpec;
  readonly console: ByteRingPair;
  readonly control: SharedArrayBuffer;
};

const clock = new VirtualClock();

const service = new MachineService(spec, ring, new Int32Array(control), clock, {
  post: (message: FromThread) => port.postMessage(message),
  receive: () => receiveMessageOnPort(port)?.message as ToThread | undefined,
  readSymbols: (path) => gunzipSync(readFileSync(path)).toString("latin1"),
});
port.on("message", (message: ToThread) => service.handle(message));
service.start().finally(() => port.unref());
