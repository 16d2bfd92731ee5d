import type { HandOverKind } from "../model/chain/hand-over-kinds.ts";

/** How a function leaves its context: by a hand-over to another one, or asleep. */
export type Leaving = HandOverKind | "wait";

/**
 * The functions called where a context hands over to another one, and under `wait` those it sleeps in. Nothing to look
 * for where no function of the chain hands over.
 */
const TABLE: { readonly [how in Leaving]: readonly string[] } = {
  vmExit: ["iowrite16", "vp_iowrite16", "outw"],
  vmEntry: [],
  vmcall: ["acrn_hypercall0", "acrn_hypercall1", "acrn_hypercall2"],
  eoi: [],
  interrupt: ["apicv_trigger_pi_anv", "vcpu_make_request", "apicv_set_intr_ready"],
  postedInterrupt: ["apicv_trigger_pi_anv", "vcpu_make_request", "apicv_set_intr_ready"],
  signalEvent: ["make_reschedule_request", "wake_thread", "signal_event"],
  queueWork: ["queue_work", "schedule_work"],
  destroyWorkqueue: ["destroy_workqueue"],
  wakeUpInterruptible: ["wake_up_interruptible"],
  eventfd: ["wake_up_locked_poll", "eventfd_signal_mask", "eventfd_write"],
  hostInput: [],
  close: ["close"],
  kthreadRun: ["kthread_run"],
  kthreadStop: ["kthread_stop"],
  pthreadCreate: ["pthread_create"],
  pthreadJoin: ["pthread_join"],
  pthreadCondSignal: ["pthread_cond_signal"],
  pthreadCancel: ["pthread_cancel"],
  boot: [],
  start: [],
  timer: [],
  wait: ["wait_event_interruptible", "epoll_wait", "sleep_thread", "ioctl", "schedule", "pthread_cond_wait"],
};

/** The wrapper in the HSM driver where it is not called as the hypervisor's function. */
const HYPERCALLS: { readonly [id: string]: string } = { hcall_notify_ioreq_finish: "hcall_notify_req_finish" };

/**
 * The functions to look for, best first: `towards`, the station that runs on the other side, tells one hypercall from
 * the other.
 */
export function handOverNames(how: Leaving, towards: string | undefined): readonly (readonly string[])[] {
  const known = TABLE[how];
  return how === "vmcall" && towards !== undefined ? [[HYPERCALLS[towards] ?? towards], known] : [known];
}
