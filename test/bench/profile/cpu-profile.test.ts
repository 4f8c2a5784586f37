import { expect, it } from "vitest";
import {
  between,
  type CpuProfile,
  type Frame,
  treeOf,
} from "../../../bench/profile/cpu-profile.ts";

const frame = (functionName: string, url = "") => ({
  functionName,
  url,
  lineNumber: 0,
  columnNumber: 0,
});

/** main calls step, which calls write; samples at 10, 20, ... 60. */
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame("(root)"), children: [2, 5] },
    { id: 2, callFrame: frame("main"), children: [3] },
    { id: 3, callFrame: frame("step"), children: [4] },
    { id: 4, callFrame: frame("write") },
    { id: 5, callFrame: frame("(idle)") },
  ],
  startTime: 1000,
  endTime: 1070,
  samples: [2, 3, 4, 4, 5, 3],
  timeDeltas: [10, 10, 10, 10, 10, 10],
};

function timesOf(root: Frame): Record<string, [number, number]> {
  const times: Record<string, [number, number]> = {};
  const visit = (each: Frame): void => {
    times[each.callFrame.functionName] = [each.selfUs, each.totalUs];
    each.children.forEach(visit);
  };
  visit(root);
  return times;
}

it("[DE10] sums a profile up: what each function took itself, and with what it called", () => {
  expect(timesOf(treeOf(profile))).toEqual({
    "(root)": [0, 60],
    main: [10, 50],
    step: [20, 40],
    write: [20, 20],
    "(idle)": [10, 10],
  });
});

it("[DE10] counts a thread that rests as idle, and of a gap without samples what one sample may stand for", () => {
  const resting: CpuProfile = {
    ...profile,
    nodes: [
      ...profile.nodes.filter(({ id }) => id !== 4),
      { id: 4, callFrame: frame("restThread", "file:///x/server/host/thread-rest.ts") },
    ],
    endTime: 201_040,
    timeDeltas: [10, 10, 10, 10, 10, 200_000],
    samples: [2, 3, 4, 4, 2, 3],
    startTime: 1_000,
  };
  expect(timesOf(treeOf(resting))).toMatchObject({
    main: [10_010, 10_020],
    step: [10, 10],
    restThread: [0, 0],
    "(idle)": [20, 20],
    "(not sampled)": [190_000, 190_000],
  });
});

it("[DE10] takes what happened in a window, and nothing from before or after it", () => {
  const cut = between(profile, 1015, 1045);
  expect(cut.samples).toEqual([3, 4, 4]);
  expect(timesOf(treeOf(cut))).toMatchObject({ main: [0, 25], step: [10, 25], write: [15, 15] });
  expect(timesOf(treeOf(between(profile, 2000, 3000)))["main"]).toEqual([0, 0]);
});
