/** By what means one context makes another go on, and the word the field has for it. The keys are compared, the words shown. */
export const handOverKinds = {
  // Between the layers
  vmExit: "VM exit",
  vmEntry: "VM entry",
  vmcall: "VMCALL",
  eoi: "EOI",
  interrupt: "interrupt",
  postedInterrupt: "posted interrupt",
  // Hypervisor
  signalEvent: "signal_event",
  // Service VM's kernel
  queueWork: "queue_work",
  destroyWorkqueue: "destroy_workqueue",
  wakeUpInterruptible: "wake_up_interruptible",
  eventfd: "eventfd",
  hostInput: "host input",
  close: "close",
  kthreadRun: "kthread_run",
  kthreadStop: "kthread_stop",
  // acrn-dm
  pthreadCreate: "pthread_create",
  pthreadJoin: "pthread_join",
  pthreadCondSignal: "pthread_cond_signal",
  pthreadCancel: "pthread_cancel",
  // Where a chain begins
  boot: "boot",
  start: "start",
  timer: "timer",
} as const;

export type HandOverKind = keyof typeof handOverKinds;
