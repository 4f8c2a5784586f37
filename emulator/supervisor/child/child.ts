/** What to start as a child process, and where its output goes. */
export interface ChildCommand {
  /** Absolute. */
  readonly program: string;
  readonly args: readonly string[];
  /** Its working directory. */
  readonly folder: string;
  /** All of it; nothing is added. */
  readonly environment: Readonly<Record<string, string>>;
  /** Take what it writes, in pieces that end anywhere. */
  readonly output: (bytes: Buffer) => void;
  readonly errorOutput: (bytes: Buffer) => void;
}

export interface ChildEnd {
  /** 127 and 126 also when the file is there and cannot be run. */
  readonly code: number | null;
  readonly signal: string | null;
  /** Why it could not be started at all. */
  readonly cause?: unknown;
}

export interface Child {
  readonly pid: number | undefined;
  /** When it is gone, with everything it started in its process group. Never rejects. */
  readonly ended: Promise<ChildEnd>;
  /** When the last of its output was handed on: soon after its end. Never rejects. */
  readonly outputEnded: Promise<void>;
  /** SIGTERM, to it alone. */
  terminate(): void;
  /** SIGKILL, to it and everything in its process group. */
  kill(): void;
}

/** Starts child processes that do not outlive this one, however it ends. */
export interface Children {
  start(command: ChildCommand): Child;
  /** Ends those that are left by force. */
  close(): void;
}
