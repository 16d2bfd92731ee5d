/**
 * The kinds of execution context of the real chain and the names they carry on a real machine
 * (thread names, /proc entries, hypervisor thread objects). A machine makes contexts of these kinds.
 */
export const contextKinds = {
  "guest.task": { layer: "guest", name: "guest:vcpu<n>", about: "guest process or printk caller on a guest vCPU" },
  "guest.irq": { layer: "guest", name: "guest:vcpu<n>", about: "hard interrupt in the guest" },
  "guest.work": { layer: "guest", name: "guest:vcpu<n>", about: "guest kworker of the system workqueue" },
  "hv.uvcpu": { layer: "hypervisor", name: "vm<id>:vcpu<n>", about: "hypervisor on the User VM vCPU's pCPU" },
  "hv.svcpu": {
    layer: "hypervisor",
    name: "vm0:vcpu0",
    about: "hypervisor while a Service VM vCPU is in a VMCALL exit",
  },
  "svm.sysvec": { layer: "service-vm", name: "HYP", about: "Service VM hard interrupt, vector 0xF3, on vCPU 0" },
  "svm.wq": { layer: "service-vm", name: "kworker/ioreq_wq", about: "worker of the ordered workqueue ioreq_wq" },
  "svm.kthread": {
    layer: "service-vm",
    name: "VM<id>-ioeventfd-<id>",
    about: "kernel thread of the ioeventfd ioreq client",
  },
  "svm.ioctl": { layer: "service-vm", name: "(the caller)", about: "kernel side of an acrn-dm ioctl" },
  "svm.init": { layer: "service-vm", name: "init", about: "initialisation of the HSM driver" },
  "dm.main": { layer: "device-model", name: "mevent", about: "acrn-dm's main thread: start-up, backend input, timers" },
  "dm.vcpu": { layer: "device-model", name: "vcpu 0", about: "acrn-dm's one ioreq thread, serves all guest vCPUs" },
  "dm.io": { layer: "device-model", name: "iothr-<n>-<tag>", about: "acrn-dm iothread" },
  "dm.device": {
    layer: "device-model",
    name: "vt<device>-<slot>:<func>",
    about: "a thread that a device of acrn-dm has for itself",
  },
} as const;

export type ContextKind = keyof typeof contextKinds;
