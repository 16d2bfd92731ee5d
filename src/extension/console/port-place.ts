import type { AcrnRequests } from "../../debug-adapter/protocol.ts";

type Device = AcrnRequests["acrn/overview"]["body"]["devices"][number];
type Port = NonNullable<NonNullable<Device["virtio"]>["ports"]>[number];

export interface PortPlace {
  readonly kind: "pty" | "socket";
  readonly path: string;
}

/** Where another program finds a console port; undefined where there is nothing to connect to. */
export function placeOf(backend: Port["backend"]): PortPlace | undefined {
  if (backend?.path === undefined) return undefined;
  const { type, path, socketType } = backend;
  if (type === "pty") return { kind: type, path };
  // A client's path is the socket of whoever it is connected to; that one has the port.
  return type === "socket" && socketType === "server" ? { kind: type, path } : undefined;
}
