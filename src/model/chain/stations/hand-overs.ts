/** One context goes on because of another: no call, so no stack shows it. */
export interface HandOver {
  /** Station that hands over; the context ends there or goes on by itself. */
  readonly from: string;
  /** Station that is entered, or that slept and goes on. */
  readonly to: string;
  /** By what means, in the words of the field. */
  readonly how: string;
}

/** The hand-overs of the notify chain, in the order of a kick. Stations by id. */
export const handOvers: readonly HandOver[] = [
  { from: "vp_notify", to: "vmexit_handler", how: "VM exit: the write to the notify register" },
  { from: "apicv_advanced_accept_intr", to: "sysvec_acrn_hv_callback", how: "posted interrupt, vector 0xF3" },
  { from: "ioreq_intr_handler", to: "ioreq_dispatcher", how: "queue_work on ioreq_wq" },
  { from: "acrn_ioreq_dispatch", to: "acrn_ioreq_client_wait", how: "wake-up of the client's wait queue" },
  { from: "eventfd_signal", to: "io_thread", how: "the eventfd is readable: epoll_wait returns" },
  { from: "acrn_dev_ioctl", to: "vmexit_handler", how: "VMCALL: a hypercall of the Service VM" },
  { from: "hcall_notify_req_finish", to: "vmexit_handler", how: "VMCALL: HC_NOTIFY_REQUEST_FINISH" },
  { from: "wake_thread", to: "wait_event", how: "the vCPU's thread is runnable again" },
  { from: "apicv_advanced_accept_intr", to: "common_interrupt", how: "posted interrupt of the guest's device" },
  { from: "ioapic_ack_level", to: "vmexit_handler", how: "exit at the EOI of a level-triggered interrupt" },
  { from: "apicv_advanced_accept_intr", to: "vring_interrupt", how: "posted interrupt of the queue's MSI-X vector" },
  { from: "apicv_advanced_accept_intr", to: "vp_interrupt", how: "posted interrupt of the device's INTx line" },
];
