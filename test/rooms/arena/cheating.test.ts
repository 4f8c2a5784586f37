/** Hostile clients: whatever bytes they send, as the host would hand them on and worse. */
import { expect, test } from "vitest";
import {
  type ArenaCommand,
  decodeArenaCommand,
  encodeArenaCommand,
} from "../../../rooms/arena/commands.ts";
import { isClear } from "../../../rooms/arena/ground.ts";
import type { ArenaState } from "../../../rooms/arena/state.ts";
import {
  SHIP_RADIUS_METRES,
  SHIP_SPEED_METRES_PER_SECOND_MAX,
  SHIP_TURN_RADIANS_PER_SECOND,
} from "../../../rooms/arena/tuning.ts";
import { hypot, wrapAngle } from "../../../rooms/kernel/maths.ts";
import { createRandom, nextBelow, nextUint32, type Random } from "../../../rooms/kernel/random.ts";
import type { IssuedCommand, Seat } from "../../../rooms/simulation.ts";
import { numbersIn } from "../match.ts";
import { ArenaMatch } from "./arena-match.ts";

/** Bytes of nothing, or a command with a wild number, then decoded like all others. */
function hostileCommand(random: Random, last: number): ArenaCommand | undefined {
  const kind = nextBelow(random, 4);
  if (kind === 0) {
    return decodeArenaCommand(Uint8Array.from({ length: 11 }, () => nextBelow(random, 256)));
  }
  const jumps = [1, 1, 1, 0, -1, 1024, 1025, -5000, 100000];
  const jump = jumps[nextBelow(random, jumps.length)] ?? 1;
  const bytes = encodeArenaCommand({
    tick: kind === 1 ? nextUint32(random) : (last + jump) >>> 0,
    buttons: nextBelow(random, 32),
    aimRadians: (nextBelow(random, 4096) / 4096 - 0.5) * 6.4,
    seenTickEighths: nextBelow(random, 0x10000),
  });
  return decodeArenaCommand(bytes);
}

function flood(match: ArenaMatch, random: Random, perSeat: number): IssuedCommand<ArenaCommand>[] {
  const commands: IssuedCommand<ArenaCommand>[] = [];
  for (const ship of match.state.ships) {
    for (let count = 0; count < perSeat; count++) {
      const command = hostileCommand(random, ship?.lastCommandTick ?? 0);
      if (ship === undefined || command === undefined) continue;
      commands.push({ seat: ship.seat, command, roundTripMs: nextBelow(random, 1001) });
    }
  }
  return commands;
}

function hostileMatch(tickRateHz: number): ArenaMatch {
  const match = new ArenaMatch({ tickRateHz, seatsMax: 8, seed: tickRateHz });
  return match.join(0, 1, 2, 3, 4, 5, 6, 7);
}

test("[SM5] keeps every number finite under 100 000 hostile commands", () => {
  const random = createRandom(7);
  let sent = 0;
  let match = hostileMatch(30);
  while (sent < 100_000) {
    if (match.result !== undefined) match = hostileMatch(30);
    for (let step = 0; step < 50; step++) {
      const commands = flood(match, random, 8);
      sent += commands.length;
      match.step(commands);
    }
    for (const [path, value] of numbersIn(match.state)) {
      if (!Number.isFinite(value)) expect(value, path).toBe("finite");
    }
  }
});

for (const tickRateHz of [10, 30, 60, 128]) {
  test(`[SM4] allows no ship more than its top speed and turn rate at ${tickRateHz} Hz`, () => {
    const match = hostileMatch(tickRateHz);
    const random = createRandom(tickRateHz);
    const paths = new Map<Seat, number[]>();
    for (let step = 0; step < 12 * tickRateHz; step++) {
      const before = structuredClone(match.state.ships);
      match.step(flood(match, random, 4));
      for (const ship of match.state.ships) {
        const old = before[ship?.seat ?? -1];
        if (ship === undefined || old === undefined) continue;
        const path = paths.get(ship.seat) ?? [];
        paths.set(ship.seat, path);
        // A ship that has come back was not moved by its player.
        const moved = hypot(ship.xMetres - old.xMetres, ship.yMetres - old.yMetres);
        path.push(old.isAlive ? moved : 0);
        const turned = Math.abs(wrapAngle(ship.angleRadians - old.angleRadians));
        expect(turned).toBeLessThanOrEqual(SHIP_TURN_RADIANS_PER_SECOND / tickRateHz + 1e-9);
      }
    }
    for (const path of paths.values()) {
      for (let start = 0; start + tickRateHz <= path.length; start++) {
        const metres = path.slice(start, start + tickRateHz).reduce((sum, part) => sum + part, 0);
        expect(metres).toBeLessThanOrEqual(SHIP_SPEED_METRES_PER_SECOND_MAX * 1.02);
      }
    }
  });

  test(`[SM6] lets no ship or shot into a wall or an obstacle at ${tickRateHz} Hz`, () => {
    const match = hostileMatch(tickRateHz);
    const random = createRandom(tickRateHz + 1);
    for (let step = 0; step < 12 * tickRateHz; step++) {
      match.step(flood(match, random, 2));
      expectClear(match.state);
    }
  });

  test(`[SM4] allows no more than four shots a second at ${tickRateHz} Hz`, () => {
    const match = new ArenaMatch({ tickRateHz }).clearGround().join(0);
    match.place(0, 50, 50);
    const shotsBySecond: number[] = [];
    for (let second = 0; second < 5; second++) {
      const before = match.state.nextProjectileId;
      for (let step = 0; step < tickRateHz; step++) {
        const tick = match.ship(0).lastCommandTick;
        const buttons = step % 2 === 0 ? 16 : 31;
        match.step(
          [1, 2, 3].map((ahead) => ({
            seat: 0,
            command: { tick: tick + ahead, buttons, aimRadians: 0, seenTickEighths: 0 },
          })),
        );
      }
      shotsBySecond.push(match.state.nextProjectileId - before);
    }
    expect(Math.max(...shotsBySecond)).toBeLessThanOrEqual(4);
    expect(Math.min(...shotsBySecond)).toBeGreaterThanOrEqual(3);
  });
}

test("[SM4] is no faster for a player who floods than for one who plays by the rules", () => {
  const [honest, flooding] = [hostileMatch(30), hostileMatch(30)];
  for (const match of [honest, flooding]) match.clearGround().place(0, 20, 50);
  for (let step = 0; step < 60; step++) {
    honest.command(0, 8);
    const tick = flooding.ship(0).lastCommandTick;
    const copies = Array.from({ length: 50 }, (_, index) => tick + 1 + index);
    flooding.step(
      copies.map((number) => ({
        seat: 0,
        command: { tick: number, buttons: 8, aimRadians: 0, seenTickEighths: 0 },
      })),
    );
  }
  expect(flooding.ship(0).xMetres).toBe(honest.ship(0).xMetres);
});

function expectClear(state: ArenaState): void {
  for (const ship of state.ships) {
    if (ship === undefined) continue;
    const isFree = isClear(state.ground, ship.xMetres, ship.yMetres, SHIP_RADIUS_METRES - 1e-9);
    if (!isFree) expect(ship).toBe("clear of walls and obstacles");
  }
  for (const shot of state.projectiles) {
    const isFree = isClear(state.ground, shot.xMetres, shot.yMetres, 0);
    if (!isFree) expect(shot).toBe("clear of walls and obstacles");
  }
}
