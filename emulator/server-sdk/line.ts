/** What a line tells its one listener. */
export interface LineListener {
  onText(text: string): void;
  onBinary(): void;
  /** Once, however it ended; nothing is told after it. 1006 is an end without a close frame. */
  onClose(code: number, reason: string): void;
}

/** One WebSocket to a server process, or what stands for it in a test. */
export interface Line {
  /** Bytes that were sent and that nobody has taken yet. */
  readonly unreadBytes: number;
  /** Called once; what comes before it is not lost. */
  listen(listener: LineListener): void;
  /** Nothing happens on a line that is over. */
  send(text: string): void;
  /** Says goodbye. 1000 and 1001 tell a process not to come back. */
  close(code: number, reason: string): void;
  /** Ends it at once, without a close frame; the other side sees a reset. */
  terminate(): void;
  /** From here on it carries nothing either way and stays open, as when the network is gone. */
  goDead(): void;
}
