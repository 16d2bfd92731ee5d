import { EIO } from "../util/errno.ts";

/**
 * Linux numbers by name. The model speaks Linux's errno on every platform, so the platform's own numbers
 * (os.constants.errno) would be wrong on others.
 */
const LINUX_ERRNO: { readonly [code: string]: number } = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  EBADF: 9,
  EAGAIN: 11,
  EWOULDBLOCK: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOTTY: 25,
  ETXTBSY: 26,
  EFBIG: 27,
  ENOSPC: 28,
  ESPIPE: 29,
  EROFS: 30,
  EPIPE: 32,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ELOOP: 40,
  EDESTADDRREQ: 89,
  EADDRINUSE: 98,
  ECONNRESET: 104,
  ENOBUFS: 105,
  EISCONN: 106,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EDQUOT: 122,
};

/** Negative errno of what a call of Node threw; -EIO for what Linux has no number for. */
export function negativeErrno(error: unknown): number {
  return -(LINUX_ERRNO[errorCode(error)] ?? EIO);
}

/** "EACCES" of a system error, else its text. */
export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? String(error);
}

export const ENAMETOOLONG = LINUX_ERRNO.ENAMETOOLONG;
export const EADDRINUSE = LINUX_ERRNO.EADDRINUSE;
export const ENOSYS = LINUX_ERRNO.ENOSYS;
export const EISDIR = LINUX_ERRNO.EISDIR;
