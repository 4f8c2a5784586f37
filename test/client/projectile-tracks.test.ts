import { describe, expect, test } from "vitest";
import type { ArenaNews, ShotNews } from "../../client/arena/arena-news.ts";
import { ProjectileTracks } from "../../client/arena/projectile-tracks.ts";

function shot(id: number, tick: number, more: Partial<ShotNews> = {}): ShotNews {
  return { id, x: 10, y: 20, vx: 30, vy: 0, ownerSeat: 1, tick, bornTick: tick, ...more };
}

function news(tick: number, shots: readonly ShotNews[], more: Partial<ArenaNews> = {}): ArenaNews {
  return { tick, shots, isWhole: false, ships: [], shipsGone: [], shotsGone: [], ...more };
}

const all = (): boolean => true;

describe("projectile tracks", () => {
  test("[CL6] show a shot from its birth to its end at the place it has at that tick", () => {
    const tracks = new ProjectileTracks(30);
    expect(tracks.take(news(100, [shot(1, 100)])).born).toHaveLength(1);
    expect([...tracks.at(99.5, all)]).toHaveLength(0);
    const [track] = [...tracks.at(103, all)];
    expect(track && tracks.position(track, 103)).toEqual({ x: 13, y: 20 });
  });

  test.each([
    ["that is named", { shotsGone: [1] }],
    ["that whole news leave out", { isWhole: true }],
  ])("[CL6] keep an ended shot %s for those who look at the past", (_what, end) => {
    const tracks = new ProjectileTracks(30);
    tracks.take(news(100, [shot(1, 100)]));
    expect(tracks.take(news(110, [], end)).ended).toHaveLength(1);
    expect(tracks.take(news(111, [], end)).ended).toHaveLength(0);
    expect([...tracks.at(109.9, all)]).toHaveLength(1);
    expect([...tracks.at(110, all)]).toHaveLength(0);
    tracks.take(news(300, []));
    expect([...tracks.at(105, all)]).toHaveLength(0);
  });

  test("[CL6] follow a shot that is told of anew, from where it was first seen", () => {
    const tracks = new ProjectileTracks(30);
    tracks.take(news(100, [shot(1, 100)]));
    expect(tracks.take(news(110, [shot(1, 110, { x: 21 })])).born).toHaveLength(0);
    const [track] = [...tracks.at(101, all)];
    expect(track && tracks.position(track, 113)).toEqual({ x: 24, y: 20 });
  });

  test("[CL6] hold a bounded number, whatever a server sends", () => {
    const tracks = new ProjectileTracks(30);
    tracks.take(
      news(
        1,
        Array.from({ length: 5000 }, (_, id) => shot(id, 1)),
      ),
    );
    expect([...tracks.at(2, all)].length).toBeLessThanOrEqual(2048);
  });
});
