/**
 * Where a function hands over to another context: the functions called there, by the word the model has for it (a cause's
 * `how`), and under `wait` those it sleeps in.
 */
const TABLE: { readonly [how: string]: readonly string[] } = {
  "VM exit": ["iowrite16", "vp_iowrite16", "outw"],
  VMCALL: ["acrn_hypercall0", "acrn_hypercall1", "acrn_hypercall2"],
  ioctl: ["ioctl"],
  interrupt: ["apicv_trigger_pi_anv", "vcpu_make_request", "apicv_set_intr_ready"],
  "posted interrupt": ["apicv_trigger_pi_anv", "vcpu_make_request", "apicv_set_intr_ready"],
  signal_event: ["make_reschedule_request", "wake_thread", "signal_event"],
  queue_work: ["queue_work", "schedule_work"],
  destroy_workqueue: ["destroy_workqueue"],
  wake_up_interruptible: ["wake_up_interruptible"],
  eventfd: ["wake_up_locked_poll", "eventfd_signal_mask", "eventfd_write"],
  kthread_run: ["kthread_run"],
  kthread_stop: ["kthread_stop"],
  pthread_create: ["pthread_create"],
  epoll: ["epoll_wait", "mevent_notify", "write"],
  wait: ["wait_event_interruptible", "epoll_wait", "sleep_thread", "ioctl", "schedule"],
};

/** The wrapper in the HSM driver where it is not called as the hypervisor's function. */
const HYPERCALLS: { readonly [id: string]: string } = { hcall_notify_ioreq_finish: "hcall_notify_req_finish" };

/**
 * The functions to look for, best first: `towards`, the station that runs on the other side, tells one hypercall from
 * the other. A `how` that is not in the table names a function itself.
 */
export function handOverNames(how: string, towards: string | undefined): readonly (readonly string[])[] {
  const known = TABLE[how] ?? [how];
  return how === "VMCALL" && towards !== undefined ? [[HYPERCALLS[towards] ?? towards], known] : [known];
}
