/** What ACRN's own documents and scripts hand to acrn-dm: words of options, with the variables of scripts replaced. */
export interface LaunchLine {
  /** Where it is; with the last release that has it when it is gone. */
  readonly from: string;
  readonly line: string;
  /** Warnings besides those of devices that are left out, in their order. */
  readonly warnings?: readonly RegExp[];
  /** Why acrn-dm of today refuses it, and what to change. */
  readonly refused?: RegExp;
}

const LOGGERS = "--logger_setting 'console,level=4;kmsg,level=3;disk,level=5'";
const notModelled = (option: string): RegExp => new RegExp(`^--${option}: understood by acrn-dm, not modelled here`);
const loggers = [/^--logger_setting disk: not modelled/, /^--logger_setting kmsg: not modelled/];
const ovmf = notModelled("ovmf");
const stormMonitor = notModelled("intr_monitor");
const acpi = /^The '-A' parameter is obsolete and ignored/;
const macSeed = [/^The "--mac_seed" parameter is obsolete/, /^Please use the "virtio-net,/];
const memory = /^-m \w+: a guest has at most 2047m/;
const oneVcpu = /^--cpu_affinity [\d,]+: ACRN gives the VM 2 vCPUs; the guest here has one$/;
const rtvm = /^--rtvm: the hypervisor polls for completions, as on ACRN; beyond that/;
const UUID = "495ae2e5-2603-4d64-af76-d4bc5a8ec0e5";
const uosArguments =
  "root=/dev/vda2 rw rootwait maxcpus=1 nohpet console=hvc0 console=ttyS0 no_timer_check ignore_loglevel tsc=reliable";
/** launch_uos.sh but for its first options. */
const uos = `-s 0:0,hostbridge -s 1:0,lpc -l com1,stdio -s 5,virtio-console,@pty:pty_port -s 6,virtio-hyper_dmabuf
  -s 8,wdt-i6300esb -s 3,virtio-blk,/data/uos/uos.img -s 4,virtio-net,tap=LaaG,mac_seed=00:16:3e-vm1
  -s 7,xhci,1-1:1-2:1-3:2-1:2-2:2-3:cap=apl -s 9,passthru,0/15/1 -s 15,virtio-heci,0/0f/0
  --intr_monitor 10000,10,1,100 -s 21,virtio-ipu -B "${uosArguments}" vm1`;

/** Of today's sources. */
const today: readonly LaunchLine[] = [
  {
    from: "doc/tutorials/acrn_on_qemu.rst",
    line: `-m 1024M -s 0:0,hostbridge -s 3,virtio-blk,/root/UserVM.img -s 4,virtio-net,tap=tap0 --cpu_affinity 1
      -s 5,virtio-console,@stdio:stdio_port --ovmf /root/OVMF.fd ${LOGGERS} vm1`,
    warnings: [ovmf, ...loggers],
  },
  {
    from: "misc/config_tools/data/generic_board/sample_launch_scripts/launch_user_vm_id1.sh",
    line: `--windows --cpu_affinity 0,2 -m 4096M --ovmf /usr/share/acrn/bios/OVMF.fd -s 1:0,lpc -s 0:0,hostbridge
      -s 3,virtio-console,@stdio:stdio_port -s 4,virtio-net,tap=WaaG,mac_seed=00:16:3e:00:00:00-POST_STD_VM1
      -s 5,virtio-blk,./win10-ltsc.img -s 2,passthru,0/2/0 ${LOGGERS} POST_STD_VM1`,
    warnings: [notModelled("windows"), ovmf, oneVcpu, memory, ...loggers],
  },
  {
    from: "misc/config_tools/data/generic_board/sample_launch_scripts/launch_user_vm_id2.sh",
    line: `--cpu_affinity 4,6 -m 1024M --ovmf /usr/share/acrn/bios/OVMF.fd -s 0:0,hostbridge --virtio_poll 1000000
      -s 3,virtio-console,@stdio:stdio_port -s 4,virtio-net,tap=RT,mac_seed=00:16:3e:00:00:00-POST_RT_VM1
      -s 5,virtio-blk,./core-image-weston-intel-corei7-64.wic --rtvm --lapic_pt ${LOGGERS} POST_RT_VM1`,
    warnings: [ovmf, oneVcpu, rtvm, ...loggers],
  },
  {
    from: "misc/config_tools/launch_config/launch_cfg_gen.py, every kind of device it knows",
    line: `--cpu_affinity 8,16 -m 2048M -s 1:0,lpc -l com1,stdio -s 0:0,hostbridge -s 6,ivshmem,dm:/shm_region_0,2,0
      -s 7,ivshmem,hv:/shm_region_1,2,1 -s 8,uart,vuart_idx:0 -s 9,xhci,1-2,2-2 -s 10,virtio-input,/dev/input/event4,id1
      -s 11,virtio-console,@file:file_port=/tmp/vm.log -s 12,virtio-console,@tty:tty_port=/dev/pts/7
      -s 13,virtio-console,socket:vm=/tmp/vm.sock:server -s 14,virtio-console,@pty:pty_port
      -s 15,virtio-net,tap=tap0,vhost,mac_seed=00:16:3e:00:00:00-VM -s 16,virtio-blk,/tmp/boot/initrd.img
      -s 17,virtio-gpu,geometry=1280x720+100+50 -s 18,vhost-vsock,cid=3 -s 19,passthru,3/0/0,enable_ptm
      --intr_monitor 10000,10,1,100 ${LOGGERS} ACRN_VM`,
    warnings: [stormMonitor, oneVcpu, memory, ...loggers],
  },
  {
    from: "misc/config_tools/launch_config/launch_cfg_gen.py, a VM that has no name of its own",
    line: "-m 512M -s 0:0,hostbridge 'ACRN Post-Launched VM'",
    refused: /^The name of the VM exceeds the maximum length: 15\nGiven: ACRN Post-Launched VM\. Choose a shorter one/,
  },
  {
    from: "misc/config_tools/launch_config/launch_cfg_gen.py, software SRAM, which has an argument in acrn-dm",
    line: "--cpu_affinity 2 -m 512M -s 0:0,hostbridge --rtvm VM --ssram",
    refused: /^option '--ssram' requires an argument\nExpected: --ssram level,vcpu/,
  },
  {
    from: "doc/tutorials/using_windows_as_user_vm.rst",
    line: `-m 4096M -s 0:0,hostbridge -s 1:0,lpc -l com1,stdio -s 2,passthru,0/2/0 -s 8,virtio-net,tap=tap0
      -s 4,virtio-blk,/home/acrn/work/win10-ltsc.img -s 5,ahci,cd:/home/acrn/work/Windows10.iso
      -s 6,ahci,cd:/home/acrn/work/winvirtio.iso -s 7,passthru,0/14/0,d3hot_reset --ovmf /home/acrn/work/OVMF.fd
      --windows vm1`,
    warnings: [ovmf, notModelled("windows"), memory],
  },
  {
    from: "doc/developer-guides/hld/hld-devicemodel.rst",
    line: `-m 2048M -s 0:0,hostbridge -s 1:0,lpc -l com1,stdio -s 5,virtio-console,@pty:pty_port
      -s 3,virtio-blk,/home/acrn/UserVM.img -s 4,virtio-net,tap=LaaG --acpidev_pt MSFT0101,00
      --intr_monitor 10000,10,1,100 -B "${uosArguments}" vm1`,
    warnings: [notModelled("acpidev_pt"), stormMonitor, memory],
  },
  {
    from: "doc/developer-guides/hld/hostbridge-virt-hld.rst",
    line: `-m 2048M -s 0:0,hostbridge -s 5,virtio-console,@stdio:stdio_port -s 6,virtio-hyper_dmabuf
      -s 3,virtio-blk,/home/acrn/UserVM.img -s 4,virtio-net,tap=tap0,mac_seed=00:16:3e-vm1 -s 7,virtio-rnd
      --ovmf /usr/share/acrn/bios/OVMF.fd ${LOGGERS} vm1`,
    warnings: [ovmf, memory, ...loggers],
  },
  {
    from: "doc/developer-guides/hld/hv-dev-passthrough.rst",
    line: `-m 1G -s 0:0,hostbridge -s 3,virtio-blk,user-vm-test.img -s 4,virtio-net,tap=tap0
      -s 5,virtio-console,@stdio:stdio_port -s 6,passthru,a9/00/0,enable_ptm --ovmf /usr/share/acrn/bios/OVMF.fd`,
    warnings: [ovmf],
  },
  {
    from: "doc/user-guides/acrn-dm-parameters.rst, its examples",
    line: `-m 4g -s 0:0,hostbridge -s 7,xhci,1-2,2-2 -s 9,virtio-blk,/root/test.img --cpu_affinity 1,3
      --ovmf w,code=/usr/share/acrn/bios/OVMF_CODE.fd,vars=/usr/share/acrn/bios/OVMF_VARS.fd --virtio_poll 1000000
      --mmiodev_pt 0xFED40000,0x00005000 --iasl /usr/local/bin/iasl --virtio_msi --debugexit --enable_trusty
      --logger_setting console,level=4`,
    warnings: [
      ...["ovmf", "mmiodev_pt", "iasl", "debugexit", "enable_trusty"].map(notModelled),
      oneVcpu,
      /^-m 4g: a guest has at most 2047m \(1\.9g\) here, which it gets$/,
    ],
  },
  {
    from: "doc/tutorials/launch_uos.sh",
    line: `-m 6G -c 1 ${uos}`,
    refused: /^invalid option -- 'c'\nGiven: -c\. acrn-dm had -c up to release 1\.3\. .*Leave it out: --cpu_affinity/,
  },
  {
    from: "doc/tutorials/launch_uos.sh, after what is said of it",
    line: `-m 6G ${uos}`,
    warnings: [stormMonitor, memory],
  },
  {
    from: "doc/tutorials/launch_uos.sh, with the trace hub of Android",
    line: "-m 2G -s 0:0,hostbridge -s 1:0,lpc -l com1,stdio -s 0:0:2,npk,8/24 vm1",
    refused:
      /^The "npk" parameter is obsolete and ignored\nacrn-dm ends here all the same\. Leave out -s 0:0:2,npk,8\/24/,
  },
];

/** Of older releases, where they write what the ones above do not. */
const before: readonly LaunchLine[] = [
  {
    from: "devicemodel/samples/nuc/launch_win.sh of 2.0",
    line: `-A -m 4096M -s 0:0,hostbridge -s 1:0,lpc -l com1,stdio -s 2,pci-gvt -G "64 448 8" -s 3,virtio-blk,./win10-ltsc.img
      -s 4,virtio-net,tap0 --ovmf /usr/share/acrn/bios/OVMF.fd --windows vm1`,
    refused: /^The "pci-gvt" parameter is obsolete and ignored\n.*Leave out -s 2,pci-gvt/,
  },
  {
    from: "misc/config_tools/data/sample_launch_scripts/nuc/launch_win.sh of 3.0",
    line: `-A -m 4096M -s 0:0,hostbridge -U ${UUID} --windows ${LOGGERS} -s 6,virtio-blk,./win10-ltsc.img vm1`,
    refused: /^-U is not an option any more\nacrn-dm had -U up to release 2\.6\. .*Leave it out/,
  },
  {
    from: "misc/config_tools/data/sample_launch_scripts/nuc/launch_hard_rt_vm.sh of 3.0, after what is said of -U",
    line: `-A -m 1024M -s 0:0,hostbridge --lapic_pt --rtvm --virtio_poll 1000000 -s 2,passthru,02/0/0
      -s 3,virtio-console,@stdio:stdio_port --ovmf /usr/share/acrn/bios/OVMF.fd hard_rtvm`,
    warnings: [acpi, ovmf, rtvm],
  },
  {
    from: "devicemodel/samples/nuc/launch_vxworks.sh of 2.0",
    line: `-A -m 2048M -s 0:0,hostbridge -s 5,virtio-console,@stdio:stdio_port -s 3,virtio-blk,./VxWorks.img
      --virtio_poll 1000000 --ovmf /usr/share/acrn/bios/OVMF.fd --lapic_pt vm1`,
    warnings: [acpi, ovmf, memory, /^Only a Realtime VM can use local APIC pass through/],
  },
  {
    from: "devicemodel/samples/nuc/launch_uos.sh of 2.0, without GVT-g",
    line: `-A -m 2048M -s 0:0,hostbridge -s 5,virtio-console,@stdio:stdio_port -s 6,virtio-hyper_dmabuf
      -s 3,virtio-blk,/home/clear/uos/uos.img -s 4,virtio-net,tap0 -s 7,virtio-rnd
      --ovmf /usr/share/acrn/bios/OVMF.fd --pm_notify_channel uart --pm_by_vuart pty,/run/acrn/life_mngr_vm1
      -l com2,/run/acrn/life_mngr_vm1 --mac_seed 00:16:3e-vm1 vm1`,
    warnings: [
      acpi,
      ovmf,
      /^The "--pm_notify_channel" parameter is obsolete/,
      /^The "--pm_by_vuart" parameter is obsolete/,
      ...macSeed,
      memory,
      /^-l com2: the guest sees no UART without an lpc device; add -s 1:0,lpc$/,
    ],
  },
  {
    from: "doc/developer-guides/hld/hld-devicemodel.rst of 1.6",
    line: `-A -m 2048M -c 3 -s 0:0,hostbridge --vsbl /usr/share/acrn/bios/VSBL.bin -B "${uosArguments}" vm1`,
    refused: /^invalid option -- 'c'/,
  },
  {
    from: "devicemodel/samples/nuc/launch_uos.sh of 1.0, without MSI-X",
    line: "-A -W -m 2048M -s 0:0,hostbridge -s 3,virtio-blk,b,/data/uos.img vm1",
    refused: /^invalid option -- 'W'\n.*up to release 2\.7\. .*Give --virtio_msi instead/,
  },
];

export const launchLines: readonly LaunchLine[] = [...today, ...before];
