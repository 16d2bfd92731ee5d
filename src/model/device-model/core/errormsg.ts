import * as errno from "../../util/errno.ts";

const texts: { readonly [error: number]: string } = {
  [errno.EPERM]: "Operation not permitted",
  [errno.ENOENT]: "No such file or directory",
  [errno.ESRCH]: "No such process",
  [errno.EINTR]: "Interrupted system call",
  [errno.EIO]: "Input/output error",
  [errno.EBADF]: "Bad file descriptor",
  [errno.EAGAIN]: "Resource temporarily unavailable",
  [errno.ENOMEM]: "Cannot allocate memory",
  [errno.EACCES]: "Permission denied",
  [errno.EFAULT]: "Bad address",
  [errno.EBUSY]: "Device or resource busy",
  [errno.EEXIST]: "File exists",
  [errno.ENODEV]: "No such device",
  [errno.EINVAL]: "Invalid argument",
  // acrn-dm's own wording (devicemodel/core/vmmapi.c, errormsg)
  [errno.ENOTTY]: "Undefined operation",
  [errno.ENOSPC]: "No space left on device",
};

/** Text of a negative errno, as acrn-dm's `errormsg`. */
export const errormsg = (result: number): string => texts[-result] ?? `Unknown error ${-result}`;
