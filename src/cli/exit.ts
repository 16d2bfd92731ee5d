/** Exit statuses of the program. */
export const ExitStatus = {
  OK: 0,
  /** Wrong options or arguments. */
  USAGE: 2,
  /** The guest could not be started, or failed: panic, fault. */
  GUEST: 3,
  /** Something the program itself did wrong (sysexits EX_SOFTWARE). */
  INTERNAL: 70,
  /** What it has to say cannot be written (EX_IOERR): the disk is full. */
  OUTPUT: 74,
} as const;

/** Ends the program with one clear message and without a stack trace. */
export class CliError extends Error {
  readonly status: number;
  /** The option that is wrong, or names what is, by its long name; undefined where there is no single one. */
  readonly option: string | undefined;

  constructor(status: number, message: string, option?: string) {
    super(message);
    this.status = status;
    this.option = option;
  }
}

/** Wrong options or arguments: the command line adds where the right ones are listed. */
export class UsageError extends CliError {
  constructor(message: string, option?: string) {
    super(ExitStatus.USAGE, message, option);
  }
}
