import type { AcrnRequests } from "../../debug-adapter/protocol.ts";

type Device = AcrnRequests["acrn/overview"]["body"]["devices"][number];
type Terminal = Device["terminals"][number];

export interface PortPlace {
  readonly kind: "pty" | "socket";
  readonly path: string;
}

/** Where another program finds a port; undefined where there is nothing to connect to. */
export function placeOf({
  kind,
  path,
  socketType,
}: Pick<Terminal, "kind" | "path" | "socketType">): PortPlace | undefined {
  if (path === undefined) return undefined;
  if (kind === "pty") return { kind, path };
  // A client's path is the socket of whoever it is connected to; that one has the port.
  return kind === "socket" && socketType === "server" ? { kind, path } : undefined;
}
