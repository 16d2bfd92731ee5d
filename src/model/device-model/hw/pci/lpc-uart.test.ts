import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ioctl, IrqlineOp } from "../../../abi/acrn.ts";
import { Chain } from "../../../chain/chain.ts";
import type { Host, HostFile } from "../../../doors/host.ts";
import type { EventPoll, Kernel, Pollable, Watcher } from "../../../doors/kernel.ts";
import { Arena } from "../../../util/arena.ts";
import { EAGAIN, ENOENT } from "../../../util/errno.ts";
import type { DmConfig, LpcConfig } from "../../config.ts";
import { initInout } from "../../core/inout.ts";
import { type Mevent, meventInit } from "../../core/mevent.ts";
import { Vmctx } from "../../core/vmctx.ts";
import { LpcUarts } from "./lpc-uart.ts";
import type { PciVdev } from "./vdev.ts";

/** A terminal: `input` is what it still has to say. */
class FakeTty implements HostFile {
  isTty = true;
  input = "";
  output = "";
  closed = false;
  watcher: Watcher | undefined;
  get readable(): boolean {
    return this.input !== "";
  }
  read(into: Uint8Array): number {
    const count = Math.min(into.length, this.input.length);
    into.set(Buffer.from(this.input.slice(0, count)));
    this.input = this.input.slice(count);
    return count === 0 ? -EAGAIN : count;
  }
  write(from: Uint8Array): number {
    this.output += Buffer.from(from).toString();
    return from.length;
  }
  close(): void {
    this.closed = true;
  }
}

interface Setup {
  readonly ctx: Vmctx;
  readonly uarts: LpcUarts;
  readonly stdin: FakeTty;
  readonly tty: FakeTty;
  /** Interrupt line operations: [line, operation]. */
  readonly irqs: [number, number][];
  readonly logged: string[];
  /** Runs the events of what is readable. */
  dispatch(): void;
  out(port: number, value: number, bytes?: number): number;
  in(port: number, bytes?: number): number;
}

function setup(...lpc: LpcConfig[]): Setup {
  const stdin = new FakeTty();
  const tty = new FakeTty();
  const watched = new Map<Pollable, Mevent>();
  const epoll: Pick<EventPoll<Mevent>, "add" | "delete"> = {
    add: (file, data) => {
      watched.set(file, data);
      return 0;
    },
    delete: (file) => (watched.delete(file) ? 0 : -ENOENT),
  };
  const kernel = { memory: new Arena(1 << 20), epollCreate: () => epoll } as unknown as Kernel;
  const host = {
    stdin: () => stdin,
    openTty: (path: string) => (path === "/dev/ttyS9" ? tty : path === "/file" ? notATty : -ENOENT),
  } as unknown as Host;
  const notATty = new FakeTty();
  notATty.isTty = false;
  const irqs: [number, number][] = [];
  const logged: string[] = [];
  const ctx = new Vmctx({
    chain: new Chain(() => 0),
    kernel,
    host,
    memory: { size: 0, bytes: new Uint8Array(), view: new DataView(new ArrayBuffer(0)) },
    config: { lpc } as unknown as DmConfig,
    log: (_level, _source, message) => logged.push(message),
    deviceClasses: [],
  });
  ctx.hsm = {
    ioctl: (command, arg) => {
      assert.equal(command, Ioctl.SET_IRQLINE);
      irqs.push([arg % 2 ** 32, Math.floor(arg / 2 ** 32)]);
      return 0;
    },
    ioctlWait: () => assert.fail("a COM port waits for nothing"),
    close: () => {},
  };
  meventInit(ctx);
  initInout(ctx);
  ctx.pci.lpcBridge = {} as PciVdev;
  const access = (port: number, isIn: boolean, bytes: number, value: number) => {
    const request = { vcpu: 0, in: isIn, port, bytes, value };
    const owner = ctx.inout.handlers[port];
    const result = owner.handler(owner.arg, request);
    return isIn && result === 0 ? request.value : result;
  };
  return {
    ctx,
    uarts: new LpcUarts(ctx),
    stdin,
    tty,
    irqs,
    logged,
    dispatch: () => {
      for (const [file, mevp] of [...watched]) if (file.readable) mevp.run(mevp.param, mevp);
    },
    out: (port, value, bytes = 1) => access(port, false, bytes, value),
    in: (port, bytes = 1) => access(port, true, bytes, 0),
  };
}

describe("COM ports", () => {
  it("puts COM1 on stdio at 0x3f8 with interrupt 4", () => {
    const s = setup({ port: "com1", backend: "stdio" });
    assert.equal(s.uarts.init(), 0);
    assert.equal(s.ctx.stdioInUse, true);
    s.out(0x3f8, 0x41);
    assert.equal(s.stdin.output, "A");
    s.out(0x3f9, 1);
    s.stdin.input = "z";
    s.dispatch();
    assert.deepEqual(s.irqs.at(-1), [4, IrqlineOp.RAISING_PULSE]);
    assert.equal(s.in(0x3f8), 0x7a);
    assert.equal(s.in(0x3ff + 1), 0xff);
  });

  it("makes two registers of a 16-bit access and refuses 32 bits", () => {
    const s = setup({ port: "COM2", backend: undefined });
    assert.equal(s.uarts.init(), 0);
    s.out(0x2f8 + 3, 0x0083, 2);
    assert.equal(s.in(0x2f8, 2), 12);
    s.out(0x2f8, 0x0201, 2);
    assert.equal(s.in(0x2f8, 2), 0x0201);
    assert.equal(s.out(0x2f8, 0, 4), -1);
  });

  it("stops listening to a terminal while the FIFO is full", () => {
    const s = setup({ port: "com3", backend: "/dev/ttyS9" });
    assert.equal(s.uarts.init(), 0);
    s.tty.input = "abc";
    s.dispatch();
    s.dispatch();
    assert.equal(s.tty.input, "bc");
    assert.equal(s.in(0x3e8), 0x61);
    s.dispatch();
    assert.equal(s.tty.input, "c");
  });

  it("moves COM5 where its option says", () => {
    const s = setup({ port: "com5", backend: "/dev/ttyS9,0x8000,5" });
    assert.equal(s.uarts.init(), 0);
    s.out(0x8000, 0x42);
    assert.equal(s.tty.output, "B");
    assert.equal(s.in(0x9000), 0xff);
  });

  it("keeps PCI off the COM ports' interrupts", () => {
    const s = setup({ port: "com1", backend: undefined }, { port: "com2", backend: undefined });
    assert.equal(s.ctx.pci.pirq.irqCounts[4], 0);
    s.uarts.init();
    assert.equal(s.ctx.pci.pirq.irqCounts[4], 0xff);
    assert.equal(s.ctx.pci.pirq.irqCounts[3], 0xff);
  });

  it("fails as acrn-dm does, and leaves nothing claimed", () => {
    const table: [LpcConfig[], RegExp][] = [
      [[{ port: "com1", backend: "/dev/none" }], /uart: open failed: \/dev\/none/],
      [[{ port: "com1", backend: "/file" }], /uart: not a tty: \/file/],
      [
        [
          { port: "com1", backend: "stdio" },
          { port: "com2", backend: "stdio" },
        ],
        /uart: stdio is used by other device/,
      ],
    ];
    for (const [lpc, message] of table) {
      const s = setup(...lpc);
      assert.equal(s.uarts.init(), -1);
      assert.match(s.logged[0], message);
      assert.equal(s.ctx.inout.isClaimed(0x3f8), false);
    }
  });

  it("closes its backends with the bridge", () => {
    const s = setup({ port: "com1", backend: "stdio" }, { port: "com2", backend: "/dev/ttyS9" });
    assert.equal(s.uarts.init(), 0);
    s.uarts.deinit();
    s.uarts.deinit();
    for (const mevp of s.ctx.mevents.deleted.splice(0)) mevp.teardown?.(mevp.param);
    assert.equal(s.tty.closed, true);
    assert.equal(s.stdin.closed, false);
    assert.equal(s.ctx.stdioInUse, false);
    assert.equal(s.ctx.inout.isClaimed(0x2f8), false);
  });
});
