/** Waits for an answer that may ignore its signal. Rejects once the signal aborts, whatever the answer does later. */
export function untilAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("no answer in time")), { once: true });
    answer.then(resolve, reject);
  });
}
