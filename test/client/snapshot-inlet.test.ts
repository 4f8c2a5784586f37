import { describe, expect, test } from "vitest";
import { CONNECTION_LIMITS } from "../../client/limits.ts";
import { SnapshotInlet } from "../../client/snapshot-inlet.ts";

const payload = (index: number): Uint8Array => Uint8Array.of(index);

describe("snapshots on their way to whoever shows the match", () => {
  test("[FE10] wait for him, and come in order, the first included", () => {
    const inlet = new SnapshotInlet();
    inlet.put(payload(1));
    inlet.put(payload(2));
    const seen: number[] = [];
    expect(inlet.open((each) => seen.push(each[0] ?? 0) > 0)).toBe(true);
    inlet.put(payload(3));
    expect(seen).toEqual([1, 2, 3]);
  });

  test("[FE10] that he cannot read are told of, those that waited too", () => {
    const inlet = new SnapshotInlet();
    inlet.put(payload(1));
    expect(inlet.open(() => false)).toBe(false);
    expect(inlet.put(payload(2))).toBe(false);
  });

  test("[FE10] wait in bounded number, after which it is too late", () => {
    const inlet = new SnapshotInlet();
    for (let index = 0; index <= CONNECTION_LIMITS.snapshotsWaitingMax; index++) {
      expect(inlet.put(payload(index))).toBe(true);
    }
    expect(() => inlet.open(() => true)).toThrow("right after the join");
  });

  test("[FE10] are handed to one alone", () => {
    const inlet = new SnapshotInlet();
    inlet.open(() => true);
    expect(() => inlet.open(() => true)).toThrow("taken once");
  });
});
