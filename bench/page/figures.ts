/** What is measured in VS Code's window. */

/** Milliseconds from the key. */
export interface Boot {
  /** The status bar says that the guest boots. */
  readonly booting: number;
  /** The terminal shows something. */
  readonly output: number;
  readonly prompt: number;
}

/** What one command of the guest has written. */
export interface Recording {
  /** All that was given to the terminal from Enter on, as it was given. */
  readonly text: string;
  /** From Enter until the terminal had taken in the prompt. */
  readonly milliseconds: number;
  /** That the terminal itself has counted. */
  readonly lineFeeds: number;
  /** All lines it still has, up to the cursor's. */
  readonly lines: readonly string[];
}
