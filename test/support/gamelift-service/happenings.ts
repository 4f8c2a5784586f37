interface Waiter {
  readonly isTrue: () => boolean;
  readonly resolve: () => void;
}

/** Lets a test wait for what happens, without looking again and again. */
export class Happenings {
  readonly #waiters = new Set<Waiter>();

  /** Something happened: whoever waits is asked again. */
  changed(): void {
    for (const waiter of this.#waiters) {
      if (waiter.isTrue()) waiter.resolve();
    }
  }

  /** Resolves when `isTrue`, which is asked at once and at every change. @throws Error after `timeoutMs` of real time. */
  async until(isTrue: () => boolean, timeoutMs: number): Promise<void> {
    if (isTrue()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { isTrue, resolve };
    this.#waiters.add(waiter);
    const fail = () => reject(new Error(`not within ${timeoutMs} ms: ${isTrue}`));
    const timer = setTimeout(fail, timeoutMs);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
  }
}
