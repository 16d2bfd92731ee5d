import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { slotConfig } from "../testing/slots.ts";
import { DmOptionError } from "./error.ts";
import { type CommandLine, type ParseOptions, parseCommandLine } from "./parse.ts";
import { splitArguments } from "./split-arguments.ts";

type Run = Extract<CommandLine, { kind: "run" }>;

/** Parses a line as a shell would hand it over. */
function run(line: string, options?: ParseOptions): Run {
  const result = parseCommandLine(splitArguments(line), options);
  assert.equal(result.kind, "run");
  return result as Run;
}

function refused(line: string, exitStatus: number, message: RegExp, options?: ParseOptions): void {
  assert.throws(
    () => parseCommandLine(splitArguments(line), options),
    (error) => {
      assert.ok(error instanceof DmOptionError, String(error));
      assert.match(error.message, message);
      assert.equal(error.exitStatus, exitStatus);
      return true;
    },
  );
}

describe("acrn-dm command line", () => {
  it("takes a launch script's options", () => {
    const { config, warnings } = run(
      `-m 512M -s 0:0,hostbridge -s 1:0,lpc -l com1,stdio -s 3,virtio-console,@pty:a,file:b=/tmp/x:y
       -k /boot/vmlinuz -r initrd.img -B "console=hvc0 quiet" --virtio_msi --virtio_poll 1000000 --rtvm User_VM`,
    );
    assert.deepEqual(warnings.length, 1);
    assert.match(warnings[0], /^--rtvm: the hypervisor polls for completions, as on ACRN; beyond that/);
    assert.deepEqual(config, {
      name: "User_VM",
      memSize: 512 * 2 ** 20,
      slots: [
        { bus: 0, slot: 0, func: 0, emul: "hostbridge", options: undefined },
        { bus: 0, slot: 1, func: 0, emul: "lpc", options: undefined },
        slotConfig(3, "virtio-console", "@pty:a,file:b=/tmp/x:y"),
      ],
      lpc: [{ port: "com1", backend: "stdio" }],
      virtioMsi: true,
      virtioPollNs: 1_000_000,
      rtvm: true,
      cpuAffinity: 0,
      kernel: "/boot/vmlinuz",
      ramdisk: "initrd.img",
      bootargs: "console=hvc0 quiet",
    });
  });

  it("has acrn-dm's defaults", () => {
    const { config, logger } = run("");
    assert.equal(config.memSize, 256 * 2 ** 20);
    assert.equal(config.name, "vm1");
    assert.equal(logger.console, 4);
  });

  it("wants a unit and 128 MB for -m", () => {
    assert.equal(run("-m 1g").config.memSize, 2 ** 30);
    assert.equal(run("-m131072k").config.memSize, 128 * 2 ** 20);
    assert.equal(run("-m 0x100MB").config.memSize, 256 * 2 ** 20);
    refused("-m 99999999g", 64, /No machine has that much\. Expected/);
    refused("-m 1.5g", 64, /^invalid memsize '1\.5g'\nacrn-dm takes whole numbers only, here 1\. Expected/);
    for (const size of ["256", "268435456b", "127m", "m", "", "-1g"]) {
      refused(`-m '${size}'`, 64, /^invalid memsize '.*'\n.*Expected: a number followed by g, m or k/);
    }
  });

  it("reads slots as bus:slot:func with any of three separators", () => {
    const at = (slot: string) => {
      const [{ bus, slot: number, func }] = run(`-s ${slot},virtio-console,stdio:a`).config.slots;
      return [bus, number, func];
    };
    assert.deepEqual(at("7"), [0, 7, 0]);
    assert.deepEqual(at("7:1"), [0, 7, 1]);
    assert.deepEqual(at("2/7.1"), [2, 7, 1]);
    for (const slot of ["32", "1:8", "256:0:0", "x", "", ":1", "-1", "0:0:"]) {
      refused(`-s "${slot},lpc"`, 1, /^Invalid PCI slot info field "/);
    }
    refused("-s 3", 1, /^Invalid PCI slot info field "3"\nThere is no comma/);
  });

  it("says what acrn-dm silently drops from a slot", () => {
    const { config, warnings } = run("-s 3x,lpc");
    assert.equal(config.slots[0].slot, 3);
    assert.match(warnings[0], /reads "3x" as 0:3:0 and ignores the rest/);
  });

  it("refuses a slot that is taken, also by a device that is not modelled", () => {
    refused("-s 3,lpc -s 0:3:0,hostbridge", 1, /^pci slot 3:0 already occupied!\n.*0:3:0 already has lpc/);
    refused("-s 3,virtio-blk,disk -s 3:0,lpc", 1, /already occupied/);
    assert.equal(run("-s 3,lpc -s 3:1,hostbridge").config.slots.length, 2);
  });

  it("knows acrn-dm's device names", () => {
    refused(
      "-s 3,virtio-consol,x",
      1,
      /^pci slot 3:0: unknown device "virtio-consol"\n.*Did you mean "virtio-console"/,
    );
    for (const name of ["virtio-fs", "virtio-scsi", "virtio-9p", "virtio-pmem"]) {
      refused(`-s 3,${name}`, 1, /^pci slot 3:0: unknown device "[^"]*"\nModelled here: [\w, -]*\.$/);
    }
    refused("-s 3,virtio-bkl,x", 1, /Did you mean "virtio-blk"/);
    refused("-s 3,constructor", 1, /unknown device/);
    refused("-s 3,npk", 1, /^The "npk" parameter is obsolete and ignored/);
    const { config, warnings } = run("-s 4,virtio-blk,b,disk.img -s 5,virtio-net,tap=t0");
    assert.deepEqual(config.slots, []);
    assert.equal(warnings.length, 2);
    assert.match(warnings[0], /virtio-blk is not modelled; it is left out of the guest's bus/);
  });

  it("drops the boot-disk mark from the configuration", () => {
    const [slot] = run("-s 3,virtio-console,b,@stdio:a").config.slots;
    assert.deepEqual(slot, slotConfig(3, "virtio-console", "@stdio:a"));
    assert.equal(run("-s 3,hostbridge,b").config.slots.length, 1);
  });

  it("checks a console's ports before anything is opened", () => {
    const ports = (text: string) => `-s 3,virtio-console${text}`;
    refused(ports(""), 1, /^vtcon: invalid opts\n-s 3,virtio-console: Expected ports such as @stdio:name/);
    refused(ports(",foo"), 1, /^vtcon: invalid backend foo!\n-s 3,virtio-console,foo: Expected ports/);
    refused(ports(",@pty:a,"), 1, /^vtcon: invalid backend !/);
    refused(ports(",iothread=x,pty:a"), 1, /^iothread_parse_options: invalid iothread number x\n.*from 1 on/);
    refused(ports(",iothread=2@x,pty:a"), 1, /^iothread_parse_options: invalid CPU affinity setting x\n/);
    assert.equal(run(ports(",iothread=3@0:1/2,pty:a")).config.slots.length, 1);
    refused(ports(",file:a="), 1, /^vtcon: portpath missing for a/);
    refused(ports(",socket:a"), 1, /^vtcon: portpath is NULL/);
    refused(ports(",socket:a=/tmp/s:both"), 1, /^Socket type not exist/);
    const many = (count: number) => ports(`,iothread,${Array.from({ length: count }, (_, i) => `pty:${i}`).join(",")}`);
    assert.equal(run(many(16)).config.slots.length, 1);
    refused(many(17), 1, /^vtcon: virtio_console_add_port failed\n.*It has 17 ports, 16 are possible/);
  });

  it("gives stdio to one device", () => {
    const console = "-s 3,virtio-console,@stdio:a";
    refused(
      `${console},stdio:b`,
      1,
      /^stdio is used by other device\nport a of .* 0:3:0 and port b of the virtio-console in 0:3:0/,
    );
    refused(
      `${console} -s 4,virtio-console,stdio:b`,
      1,
      /port a of .* 0:3:0 and port b of the virtio-console in 0:4:0 want it/,
    );
    refused(`${console} -s 1,lpc -l com1,stdio`, 1, /com1 and port a of the virtio-console/);
    refused(`${console} -s 1,lpc -l com5,stdio,0x9000,5`, 1, /com5 and port a/);
    assert.equal(run(`${console} -s 1,lpc -l com1,stdio -l COM1,/dev/pts/0`).config.lpc.length, 2);
    assert.equal(run(`${console} -l com1,stdio`).config.slots.length, 1);
  });

  it("allows one LPC bridge, on bus 0", () => {
    refused("-s 1,lpc -s 2,lpc", 1, /^Only one LPC bridge is allowed\.\n-s 2,lpc: There is one already/);
    refused("-s 1:1:0,lpc", 1, /^LPC bridge can be present only on bus 0\./);
  });

  it("checks -l as lpc_device_parse does", () => {
    assert.deepEqual(run("-s 1,lpc -l COM2").config.lpc, [{ port: "COM2", backend: undefined }]);
    assert.deepEqual(run("-s 1,lpc -l com5,/dev/pts/0,0x9000,5").config.lpc[0].backend, "/dev/pts/0,0x9000,5");
    refused("-l com6,stdio", 64, /^invalid lpc device configuration 'com6,stdio'/);
    refused("-l com5,/dev/pts/0,0x9000", 64, /invalid lpc device configuration/);
    assert.match(run("-l com1,stdio").warnings[0], /no UART without an lpc device/);
    const { config, warnings } = run("-s 1,lpc -l com1,tcp:4000");
    assert.deepEqual(config.lpc, [{ port: "com1", backend: undefined }]);
    assert.match(warnings[0], /TCP backend is not modelled/);
  });

  it("limits --virtio_poll and the lengths of -B and -k", () => {
    assert.equal(run("--virtio_poll 10000000").config.virtioPollNs, 10_000_000);
    for (const ns of ["0", "10000001", "-1", "fast"])
      refused(`--virtio_poll=${ns}`, 64, /^invalid virtio poll interval/);
    assert.equal(run(`-B ${"x".repeat(2047)}`).config.bootargs?.length, 2047);
    refused(`-B ${"x".repeat(2048)}`, 1, /at most 2047/);
    refused(`-k ${"x".repeat(1024)}`, 1, /at most 1023/);
  });

  it("asks whether the images can be read", () => {
    const checkImage = (path: string) => (path === "good" ? undefined : "No such file.");
    assert.equal(run("-k good -r good", { checkImage }).config.kernel, "good");
    refused("-k bad", 10, /^SW_LOAD: check_image failed for 'bad'\nNo such file. Give/, { checkImage });
    refused("-r bad", 11, /check_image failed/, { checkImage });
  });

  it("ignores --lapic_pt without --rtvm, with a warning", () => {
    assert.match(run("--lapic_pt").warnings[0], /Only a Realtime VM/);
    assert.deepEqual(run("--lapic_pt --rtvm").warnings, run("--rtvm").warnings, "--rtvm implies it");
  });

  it("gives the board the physical CPUs that are named", () => {
    assert.equal(run("--cpu_affinity 1,3").config.cpuAffinity, 0b1010);
    assert.equal(run("--cpu_affinity 4 --cpu_affinity 6").config.cpuAffinity, 0b1010000);
    assert.equal(
      run("--cpu_affinity 29,30,40,56").config.cpuAffinity,
      0b1111 << 27,
      "ids beyond the board's last pCPU",
    );
    assert.match(run("--cpu_affinity 1,1").warnings[0], /has been allocated/);
    assert.match(run("--cpu_affinity all").warnings[0], /names no CPU/);
    refused("--cpu_affinity 255", 64, /^invalid pcpu param 255\n.*at most 31 ids of local APICs, 0 to 254/);
  });

  it("cuts what is beyond the guest's engine, with a warning in the unit that was asked in", () => {
    const engine = { vcpus: 1, memory: 2047 * 2 ** 20 };
    const most = (line: string) => {
      const { config, warnings } = run(line, { engine });
      assert.equal(config.memSize, engine.memory);
      return warnings;
    };
    assert.deepEqual(most("-m 2048M"), ["-m 2048M: a guest has at most 2047m here, which it gets"]);
    assert.deepEqual(most("-m 6G"), ["-m 6G: a guest has at most 2047m (1.9g) here, which it gets"]);
    assert.deepEqual(most("-m 4g -m 2047m"), []);
    assert.deepEqual(run("--cpu_affinity 3", { engine }).warnings, []);
    const { config, warnings } = run("--cpu_affinity 0,2", { engine });
    assert.equal(config.cpuAffinity, 0b101);
    assert.deepEqual(warnings, ["--cpu_affinity 0,2: ACRN gives the VM 2 vCPUs; the guest here has one"]);
    assert.equal(run("-m 6G").config.memSize, 6 * 2 ** 30, "an engine without limits");
  });

  it("sets log levels", () => {
    const { logger, warnings } = run(`--logger_setting "console,level=5;kmsg,level=3"`);
    assert.deepEqual(logger, { console: 5, kmsg: 3, disk: undefined });
    assert.match(warnings[0], /kmsg: not modelled/);
    refused("--logger_setting serial,level=2", 64, /there is no logger: serial/);
    refused("--logger_setting console", 64, /^invalid logger setting params console/);
  });

  it("accepts what it does not model with a warning that says so", () => {
    const { warnings } = run("--ovmf w,OVMF.fd --intr_monitor 1,2,3,4 --windows --vtpm2 sock_path=/x");
    assert.equal(warnings.length, 4);
    for (const warning of warnings) assert.match(warning, /understood by acrn-dm, not modelled here/);
    refused("--intr_monitor 1,2,3", 64, /^invalid intr-monitor params 1,2,3/);
    refused("--vtpm2 sock_path", 64, /^invalid vtpm2 param/);
  });

  it("warns of obsolete options in acrn-dm's words", () => {
    assert.deepEqual(run("-Y -G x --vsbl f").warnings, [
      'The "-Y, --mptgen" parameter is obsolete and ignored',
      'The "-G, --gvtargs" parameter is obsolete and ignored',
      'The "--vsbl" parameter is obsolete and ignored',
    ]);
    assert.equal(run("--mac_seed x").warnings.length, 2);
    refused("--pm_notify_channel x", 64, /^invalid pm_notify_channel: x/);
    refused("-U x", 1, /-U is not an option any more/);
  });

  it("takes at most one VM name of 15 bytes, before or after the options", () => {
    assert.equal(run("vm7 -m 1g").config.name, "vm7");
    assert.equal(run("-- -odd-").config.name, "-odd-");
    assert.equal(run("exactly15chars_").config.name, "exactly15chars_");
    refused("more_than_15_chars", 1, /^The name of the VM exceeds the maximum length: 15/);
    refused("a b", 1, /^You must provide the name .*\nExpected one name, given 2: a b/);
    refused("''", 1, /empty/);
  });

  it("stops at -h and -v, but not before an error", () => {
    assert.deepEqual(parseCommandLine(["-h", "--nonsense"]), { kind: "help" });
    assert.deepEqual(parseCommandLine(["-Yv"]), { kind: "version" });
    refused("-m 1 -h", 64, /invalid memsize/);
  });

  it("says which option it refuses, and none where it is another mistake", () => {
    const option = (line: string): unknown => {
      try {
        return parseCommandLine(splitArguments(line));
      } catch (error) {
        return (error as DmOptionError).option;
      }
    };
    assert.equal(option("-m 1"), "memsize");
    assert.equal(option("-m 64 -s 3"), "memsize");
    assert.equal(option("-m 256m -s 3,nonsense"), "pci_slot");
    assert.equal(option("-m 256m --nonsense"), undefined);
    assert.equal(option("-m 256m a b"), undefined);
  });

  it("hands the calling program its own options", () => {
    const own = [
      { long: "log", argument: "level", about: "" },
      { long: "overlay", argument: "folder", about: "" },
    ];
    const result = run("--log 5 -B --log --overlay=dir --logger_s console,level=2", { own });
    assert.deepEqual(result.own, [
      { name: "log", argument: "5" },
      { name: "overlay", argument: "dir" },
    ]);
    assert.equal(result.config.bootargs, "--log");
    assert.equal(result.logger.console, 2);
  });
});
