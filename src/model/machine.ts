import { Board, type BoardOptions } from "./board/board.ts";
import { type DmConfig, DmExit } from "./device-model/config.ts";
import type { DeviceModel } from "./device-model/device-model.ts";
import type { GuestEnd, GuestEngine } from "./doors/guest.ts";
import type { Host } from "./doors/host.ts";
import type { VmEvent } from "./hypervisor/vm.ts";

export interface MachineOptions extends Omit<BoardOptions, "onVmEvent"> {
  readonly config: DmConfig;
  readonly host: Host;
}

export { DmExit };

/** The virtual ACRN machine: a board, and an engine that runs its guest. */
export class Machine<E extends GuestEngine = GuestEngine> {
  readonly board: Board;
  readonly engine: E;
  #interrupted = false;

  private constructor(engine: E, options: BoardOptions) {
    this.engine = engine;
    this.board = new Board(engine, {
      ...options,
      onVmEvent: (vm, event) => {
        if (vm === this.board.hypervisor.userVm) this.#vmChanged(event);
      },
    });
  }

  /** Makes the machine, up to the point where its vCPUs could run. Throws DmExit and other errors with a reason. */
  static async create<E extends GuestEngine>(engine: E, options: MachineOptions): Promise<Machine<E>> {
    const machine = new Machine(engine, options);
    const { board } = machine;
    await engine.start(board);
    board.attachGuest(engine);
    board.bootServiceVm();
    board.startDeviceModel(options.config, options.host);
    return machine;
  }

  get deviceModel(): DeviceModel {
    const { deviceModel } = this.board;
    if (deviceModel === undefined) throw new Error("the device model has not been started");
    return deviceModel;
  }

  /** Runs the guest to its end. `onEntry` is called before its first instruction. */
  run(onEntry?: () => void): Promise<GuestEnd> {
    const routes = this.deviceModel
      .intxRoutes()
      .map(({ slot, pin, ioapicIrq }) => ({ slot, pin: pin - 1, ioapicPin: ioapicIrq }));
    return this.engine.run(routes, onEntry);
  }

  /** acrn-dm stops the guest by pausing its VM, and the VM's end says why. */
  #vmChanged(event: VmEvent): void {
    if (event === "pause") this.engine.stop();
    if (event === "reset") this.engine.finish({ kind: "reboot" });
    if (event !== "shutdown") return;
    const { deviceModel } = this.board;
    this.engine.finish({ kind: deviceModel?.vmctx.suspendMode === "FULL_RESET" ? "reboot" : "halt" });
  }

  /** Ends the run after the current slice, as somebody does who interrupts acrn-dm. */
  stop(): void {
    this.#interrupted = true;
    this.engine.finish({ kind: "halt" });
  }

  /** Lets acrn-dm end in its own order, then lets go of what may be left, and of the engine. Not inside an exit. */
  async destroy(): Promise<void> {
    try {
      this.board.end(this.#interrupted);
    } finally {
      await this.engine.destroy();
    }
  }
}
