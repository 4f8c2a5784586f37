/** Calls `step` at a rate for ever: the n-th one is due n periods after the first, so that rounding never adds up. */
export function tickAt(tickRateHz: number, step: () => void): void {
  const periodMs = 1000 / tickRateHz;
  let dueMs = performance.now();
  const later = () => {
    dueMs += periodMs;
    setTimeout(
      () => {
        step();
        later();
      },
      Math.max(0, dueMs - performance.now()),
    );
  };
  later();
}
