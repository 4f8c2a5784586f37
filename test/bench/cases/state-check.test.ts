import { describe, expect, it } from "vitest";
import { checkState } from "../../../bench/cases/state-check.ts";
import type { Dump } from "../../../bench/match/conducted-match.ts";
import type { Body } from "../../../bench/match/rules.ts";

const at = (x: number, more: Partial<Body> = {}): Body => ({
  x,
  y: 0,
  vx: 1,
  vy: 0,
  angle: 9,
  ...more,
});
const dump: Dump = {
  tick: 5,
  bodies: [
    { id: "me", body: at(0.1) },
    { id: "near", body: at(50) },
    { id: "far", body: at(200) },
  ],
};
const known = (bodies: Readonly<Record<string, Body>>) => ({
  ownId: "me",
  bodies: new Map(Object.entries(bodies)),
});
const all = { me: at(0.1), near: at(50), far: at(200) };

describe("a client's state", () => {
  it("[BN18] is its server's to the declared precision, and an angle exactly", () => {
    const check = (bodies: Readonly<Record<string, Body>>) =>
      checkState(dump, known(bodies), { precision: 1 / 64 });
    expect(check(all)).toEqual({ compared: 3, wrong: [] });
    expect(check({ ...all, near: at(50 + 1 / 64) }).wrong).toEqual([]);
    expect(check({ ...all, near: at(50.02) }).wrong).toEqual(["near: x 50.02 instead of 50"]);
    expect(check({ ...all, near: at(50, { vx: 1.1 }) }).wrong).toHaveLength(1);
    expect(check({ ...all, near: at(50, { angle: 10 }) }).wrong).toHaveLength(1);
    expect(check({ ...all, near: at(Number.NaN) }).wrong).toHaveLength(1);
  });

  it("[BN18] is a peer's to the last bit of a float32", () => {
    const check = (x: number) =>
      checkState(dump, known({ ...all, me: at(x) }), { precision: "float32" }).wrong.length;
    expect(check(Math.fround(0.1))).toBe(0);
    expect(check(0.1)).toBe(1);
  });

  it("[BN18] has everything that there is and nothing else", () => {
    const check = (bodies: Readonly<Record<string, Body>>) =>
      checkState(dump, known(bodies), { precision: 1 / 64 }).wrong;
    expect(check({ me: all.me, near: all.near })).toEqual(["far is missing"]);
    expect(check({ ...all, ghost: at(3) })).toEqual(["ghost is too much"]);
    expect(check({})).toHaveLength(3);
  });

  it("[BN18] is compared within sight alone, where there is interest", () => {
    const plan = { precision: 1 / 64, withinMetres: 100 };
    const { far, ...seen } = all;
    expect(checkState(dump, known(seen), plan)).toEqual({ compared: 2, wrong: [] });
    expect(checkState(dump, known({ ...seen, far: { ...far, x: 190 } }), plan).wrong).toEqual([]);
    expect(checkState(dump, known({ me: all.me }), plan).wrong).toEqual(["near is missing"]);
  });

  it("[BN18] that is not there, or nobody's, is wrong", () => {
    const nothing = { why: "no state of tick 5, the last is 3", isMissed: true };
    expect(checkState(dump, nothing, { precision: 1 }).wrong).toEqual([nothing.why]);
    const stranger = { ownId: "gone", bodies: new Map() };
    expect(checkState(dump, stranger, { precision: 1 }).wrong).toHaveLength(1);
  });
});
