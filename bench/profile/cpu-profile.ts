/**
 * V8's CPU profile, as `node --cpu-prof` writes it.
 * @module
 */

export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** From 0; of the function's head. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children?: readonly number[];
}

export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Microseconds of the system's monotonic clock, which `process.hrtime` reads as well. */
  readonly startTime: number;
  readonly endTime: number;
  /** The node on top of the stack at each sample. */
  readonly samples: readonly number[];
  /** Microseconds from each sample to the one before; of the first, to the start. */
  readonly timeDeltas: readonly number[];
}

/** Cuts a window out of a profile. @param startUs - As `startTime` counts. */
export function between(profile: CpuProfile, startUs: number, endUs: number): CpuProfile {
  const samples: number[] = [];
  const timeDeltas: number[] = [];
  let nowUs = profile.startTime;
  for (const [at, node] of profile.samples.entries()) {
    const beforeUs = nowUs;
    nowUs += profile.timeDeltas[at] ?? 0;
    if (nowUs < startUs || nowUs > endUs) continue;
    samples.push(node);
    timeDeltas.push(nowUs - Math.max(beforeUs, startUs));
  }
  return { ...profile, samples, timeDeltas, startTime: startUs, endTime: endUs };
}

/** A function as it was called from those above it. */
export interface Frame {
  readonly callFrame: CallFrame;
  /** Microseconds in the function itself. */
  selfUs: number;
  /** The same with all that it called. */
  totalUs: number;
  readonly children: Frame[];
}

/**
 * Sums a profile up into a tree. A sample counts for the time until the next one, so that the time between two samples
 * goes to what was seen at its start.
 */
export function treeOf({ nodes, samples, timeDeltas, endTime, startTime }: CpuProfile): Frame {
  const frames = new Map(
    nodes.map(({ id, callFrame }): [number, Frame] => [
      id,
      { callFrame, selfUs: 0, totalUs: 0, children: [] },
    ]),
  );
  for (const { id, children = [] } of nodes) {
    for (const child of children) {
      const frame = frames.get(child);
      if (frame !== undefined) frames.get(id)?.children.push(frame);
    }
  }
  const spentUs = timeDeltas.reduce((sum, each) => sum + each, 0);
  for (const [at, node] of samples.entries()) {
    const frame = frames.get(node);
    const untilNextUs = timeDeltas[at + 1] ?? Math.max(0, endTime - startTime - spentUs);
    if (frame !== undefined) frame.selfUs += untilNextUs;
  }
  const root = frames.get(nodes[0]?.id ?? 0);
  if (root === undefined) throw new Error("the profile is empty");
  addUp(root);
  return root;
}

function addUp(frame: Frame): number {
  frame.totalUs = frame.children.reduce((sum, child) => sum + addUp(child), frame.selfUs);
  return frame.totalUs;
}
