/** Waits for an answer that may ignore its signal. Rejects once the signal aborts, whatever the answer does later. */
export function untilAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = () => reject(new Error("no answer in time"));
    if (signal.aborted) give();
    signal.addEventListener("abort", give, { once: true });
    // A signal that outlives many answers must not gather what waited for them.
    answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", give));
  });
}
