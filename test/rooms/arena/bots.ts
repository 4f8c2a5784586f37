/** Players of plain arithmetic: seeded, so that a script of theirs can be played again. */
import { ArenaButton, type ArenaCommand, toTickEighths } from "../../../rooms/arena/commands.ts";
import type { ArenaState, Ship } from "../../../rooms/arena/state.ts";
import { atan2, cos, sin } from "../../../rooms/kernel/maths.ts";
import { createRandom, nextBelow, type Random } from "../../../rooms/kernel/random.ts";
import { distanceSquared } from "../../../rooms/kernel/vector.ts";
import type { IssuedCommand, Seat } from "../../../rooms/simulation.ts";
import type { ArenaMatch } from "./arena-match.ts";

/**
 * Wanders towards the nearest enemy, aims at it and shoots; sometimes says nothing. Every seat has another round trip,
 * some of them unknown, and sees the others so late, or later than anybody would believe.
 */
export function botCommands(state: ArenaState, random: Random): IssuedCommand<ArenaCommand>[] {
  const commands: IssuedCommand<ArenaCommand>[] = [];
  for (const ship of state.ships) {
    if (ship === undefined || nextBelow(random, 10) === 0) continue;
    const aimRadians = aimAtNearest(state, ship);
    const keepsGoing = nextBelow(random, 8) !== 0;
    const wanders = nextBelow(random, 2) === 0;
    const newWay = wanders ? nextBelow(random, 16) : wayTowards(aimRadians);
    const way = keepsGoing ? ship.controls.buttons & 15 : newWay;
    const roundTripMs = (ship.seat * 67) % 400;
    const lateTicks = ((roundTripMs + 90) / 1000) * state.tickRateHz;
    commands.push({
      seat: ship.seat,
      ...(ship.seat % 5 === 4 ? {} : { roundTripMs }),
      command: {
        tick: ship.lastCommandTick + 1 + nextBelow(random, 3),
        buttons: way | (nextBelow(random, 4) === 0 ? 0 : ArenaButton.FIRE),
        aimRadians: Math.fround(aimRadians),
        seenTickEighths: toTickEighths(state.tick + 1 - lateTicks),
      },
    });
  }
  return commands;
}

function wayTowards(radians: number): number {
  const across = cos(radians) > 0 ? ArenaButton.RIGHT : ArenaButton.LEFT;
  return across | (sin(radians) > 0 ? ArenaButton.DOWN : ArenaButton.UP);
}

function aimAtNearest(state: ArenaState, self: Ship): number {
  let target: Ship | undefined;
  let nearest = Infinity;
  for (const ship of state.ships) {
    if (ship === undefined || ship === self || !ship.isAlive) continue;
    const away = distanceSquared(self.xMetres, self.yMetres, ship.xMetres, ship.yMetres);
    if (away >= nearest) continue;
    nearest = away;
    target = ship;
  }
  if (target === undefined) return 0;
  return atan2(target.yMetres - self.yMetres, target.xMetres - self.xMetres);
}

/** Plays bots, who come and go; `onStep` is called after every step. */
export function playBots(match: ArenaMatch, steps: number, onStep: () => void = () => {}): void {
  const random = createRandom(match.setup.seed ^ 0x5eed);
  const { seatsMax, teams } = match.setup;
  const team = (seat: Seat) => teams[seat % Math.max(1, teams.length)] ?? "";
  for (let seat = 0; seat < seatsMax; seat += 2) match.joinTeam(seat, team(seat));
  for (let step = 0; step < steps; step++) {
    if (nextBelow(random, 60) === 0) {
      const seat = nextBelow(random, seatsMax);
      if (match.state.ships[seat] === undefined) match.joinTeam(seat, team(seat));
      else match.leave(seat);
    }
    match.step(botCommands(match.state, random));
    onStep();
  }
}
