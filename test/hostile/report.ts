/** One line of JSON per attack, for docs/STATUS.md. */
export function report(hostile: string, figures: Readonly<Record<string, unknown>>): void {
  process.stderr.write(`${JSON.stringify({ hostile, ...figures })}\n`);
}

/** Of times in milliseconds, to a tenth. */
export function percentile(valuesMs: readonly number[], part: number): number {
  const sorted = valuesMs.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return Math.round(value * 10) / 10;
}

/** Runs `work` for 0 to `count` - 1, so many at once. */
export async function inParallel(
  count: number,
  atOnce: number,
  work: (number: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
}

export const pause = (forMs: number) => new Promise((resolve) => setTimeout(resolve, forMs));
