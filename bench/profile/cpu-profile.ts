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

/** Samples come every millisecond; after so long without one the profiler itself did not run. */
const GAP_US_MAX = 10_000;
const IDLE = "(idle)";
/** In `server/host/thread-rest.ts`: between steps the match's thread waits there. */
const REST = "restThread";
const UNSEEN = "(not sampled)";

/** Whether a function of the root is none: nothing was to be done then, or nobody saw what was. */
export function isNoWork({ functionName }: CallFrame): boolean {
  return functionName === IDLE || functionName === UNSEEN;
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
 * goes to what was seen at its start; of a gap that other programs made, the rest goes to nobody. A thread that rests is
 * idle, wherever it was called from.
 */
export function treeOf({ nodes, samples, timeDeltas, endTime, startTime }: CpuProfile): Frame {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, frameOf(callFrame)]));
  for (const { id, children = [] } of nodes) {
    for (const child of children) {
      const frame = frames.get(child);
      if (frame !== undefined) frames.get(id)?.children.push(frame);
    }
  }
  const root = frames.get(nodes[0]?.id ?? 0);
  if (root === undefined) throw new Error("the profile is empty");
  const [idle, unseen] = [nativeFrame(IDLE), nativeFrame(UNSEEN)];
  const spentUs = timeDeltas.reduce((sum, each) => sum + each, 0);
  for (const [at, node] of samples.entries()) {
    const frame = frames.get(node);
    if (frame === undefined) continue;
    const untilNextUs = timeDeltas[at + 1] ?? Math.max(0, endTime - startTime - spentUs);
    const { functionName } = frame.callFrame;
    if (functionName === IDLE || functionName === REST) {
      idle.selfUs += untilNextUs;
      continue;
    }
    const seenUs = Math.min(untilNextUs, GAP_US_MAX);
    frame.selfUs += seenUs;
    unseen.selfUs += untilNextUs - seenUs;
  }
  root.children.push(idle);
  if (unseen.selfUs > 0) root.children.push(unseen);
  addUp(root);
  return root;
}

const frameOf = (callFrame: CallFrame): Frame => ({
  callFrame,
  selfUs: 0,
  totalUs: 0,
  children: [],
});

const nativeFrame = (functionName: string): Frame =>
  frameOf({ functionName, url: "", lineNumber: -1, columnNumber: -1 });

function addUp(frame: Frame): number {
  frame.totalUs = frame.children.reduce((sum, child) => sum + addUp(child), frame.selfUs);
  return frame.totalUs;
}
