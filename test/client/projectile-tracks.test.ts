import { describe, expect, test } from "vitest";
import { ProjectileTracks } from "../../client/arena/projectile-tracks.ts";
import { ProjectileReplica } from "../../rooms/arena/replica.ts";

const shot = (bornTick: number): ProjectileReplica =>
  Object.assign(new ProjectileReplica(), { x: 10, y: 20, vx: 30, vy: 0, ownerSeat: 1, bornTick });

const all = (): boolean => true;

describe("projectile tracks", () => {
  test("[CL6] show a shot from its birth to its end at the place it has at that tick", () => {
    const tracks = new ProjectileTracks(30);
    tracks.update(new Map([["1", shot(100)]]), 100);
    expect([...tracks.at(99.5, all)]).toHaveLength(0);
    const [track] = [...tracks.at(103, all)];
    expect(track && tracks.position(track, 103)).toEqual({ x: 13, y: 20 });
  });

  test("[CL6] keep an ended shot for those who look at the past", () => {
    const tracks = new ProjectileTracks(30);
    tracks.update(new Map([["1", shot(100)]]), 100);
    expect(tracks.update(new Map(), 110)).toHaveLength(1);
    expect(tracks.update(new Map(), 111)).toHaveLength(0);
    expect([...tracks.at(109.9, all)]).toHaveLength(1);
    expect([...tracks.at(110, all)]).toHaveLength(0);
    tracks.update(new Map(), 300);
    expect([...tracks.at(105, all)]).toHaveLength(0);
  });

  test("[CL6] hold a bounded number, whatever a server sends", () => {
    const tracks = new ProjectileTracks(30);
    const flood = new Map(Array.from({ length: 5000 }, (_, id) => [String(id), shot(1)]));
    tracks.update(flood, 1);
    expect([...tracks.at(2, all)].length).toBeLessThanOrEqual(2048);
  });
});
