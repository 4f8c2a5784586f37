import { Decoder, Encoder } from "@colyseus/schema";
import { expect, test } from "vitest";
import { ArenaButton } from "../../../rooms/arena/commands.ts";
import { ArenaReplica, arenaReplica } from "../../../rooms/arena/replica.ts";
import { createRandom } from "../../../rooms/kernel/random.ts";
import { ArenaMatch } from "./arena-match.ts";
import { botCommands } from "./bots.ts";

function replicaOf(match: ArenaMatch, names: readonly string[]): ArenaReplica {
  const replica = arenaReplica.create(match.setup);
  names.forEach((name, seat) => {
    match.join(seat);
    arenaReplica.join(replica, seat, { name, team: "" });
  });
  return replica;
}

test("[SM16] shows ships, ground, clock and score as they are, in 32-bit floats", () => {
  const match = new ArenaMatch();
  const replica = replicaOf(match, ["Ada", "Bob"]);
  for (let step = 0; step < 40; step++) match.command(0, ArenaButton.RIGHT);
  arenaReplica.write(match.state, replica);
  const ship = match.ship(0);
  expect(replica.ships.get("0")?.toJSON()).toEqual({
    seat: 0,
    name: "Ada",
    team: "",
    x: Math.fround(ship.xMetres),
    y: Math.fround(ship.yMetres),
    vx: Math.fround(ship.vxMetresPerSecond),
    vy: Math.fround(ship.vyMetresPerSecond),
    angle: Math.fround(ship.angleRadians),
    health: 100,
    isAlive: true,
    score: 0,
    respawnAtTick: 0,
    ack: 40,
  });
  expect(replica).toMatchObject({ tick: 40, tickRateHz: 30, phase: "playing", endsAtTick: 5400 });
  expect([replica.widthMetres, replica.heightMetres]).toEqual([100, 100]);
  expect(replica.obstacles.toJSON()).toEqual(
    match.state.ground.obstacles.map(({ xMetres: x, yMetres: y, radiusMetres: radius }) => ({
      x,
      y,
      radius,
    })),
  );
});

test("[SM16] sends a shot once, and its straight way leads to where the server has it", () => {
  const match = new ArenaMatch().clearGround();
  const replica = replicaOf(match, ["Ada"]);
  match.place(0, 20, 50, 0.5);
  match.command(0, ArenaButton.FIRE, 0.5);
  match.command(0, 0, 0.5);
  // A host that writes late must not move the birth.
  arenaReplica.write(match.state, replica);
  for (let step = 0; step < 20; step++) {
    match.step();
    arenaReplica.write(match.state, replica);
    const shot = match.state.projectiles[0];
    const copy = replica.projectiles.get("0");
    const seconds = (match.state.tick - (copy?.bornTick ?? 0)) / 30;
    expect((copy?.x ?? 0) + (copy?.vx ?? 0) * seconds).toBeCloseTo(shot?.xMetres ?? 0, 4);
    expect((copy?.y ?? 0) + (copy?.vy ?? 0) * seconds).toBeCloseTo(shot?.yMetres ?? 0, 4);
  }
  match.state.projectiles.length = 0;
  arenaReplica.write(match.state, replica);
  expect(replica.projectiles.size).toBe(0);
});

test("[SM16] sends nothing but the tick when nothing else changed", () => {
  const match = new ArenaMatch();
  const replica = replicaOf(match, ["Ada", "Bob"]);
  match.steps(60);
  arenaReplica.write(match.state, replica);
  const encoder = new Encoder(replica);
  encoder.encodeAll();
  encoder.discardChanges();
  match.step();
  arenaReplica.write(match.state, replica);
  expect(encoder.encode().byteLength).toBeLessThan(8);
});

test("[SM16] decodes to the same state at a client, patch by patch", () => {
  const match = new ArenaMatch({ gameProperties: { scoreLimit: "3" }, seatsMax: 6 });
  const replica = replicaOf(match, ["A", "B", "C", "D"]);
  const encoder = new Encoder(replica);
  const decoder = new Decoder(new ArenaReplica());
  const random = createRandom(5);
  decoder.decode(Uint8Array.from(encoder.encodeAll()));
  encoder.discardChanges();
  for (let step = 0; step < 3000 && match.result === undefined; step++) {
    if (step === 100) {
      match.leave(1);
      arenaReplica.leave(replica, 1);
    }
    match.step(botCommands(match.state, random));
    arenaReplica.write(match.state, replica);
    decoder.decode(Uint8Array.from(encoder.encode()));
    encoder.discardChanges();
  }
  expect(match.result?.winners).toHaveLength(1);
  const seen = (decoder.state as ArenaReplica).toJSON();
  expect(seen["winners"]).toEqual(match.result?.winners);
  expect(seen["phase"]).toBe("over");
  expect(Object.keys(seen["ships"] as object)).toEqual(["0", "2", "3"]);
  expect((seen["ships"] as Record<string, unknown>)["0"]).toEqual(replica.ships.get("0")?.toJSON());
  expect(Object.keys(seen["projectiles"] as object)).toEqual(
    match.state.projectiles.map((shot) => String(shot.id)),
  );
});

test("[SM16] replaces the profile of a player who returns, and keeps the ship", () => {
  const match = new ArenaMatch();
  const replica = replicaOf(match, ["Ada"]);
  arenaReplica.write(match.state, replica);
  const ship = replica.ships.get("0");
  arenaReplica.join(replica, 0, { name: "Ada again", team: "red" });
  expect(replica.ships.get("0")).toBe(ship);
  expect(ship).toMatchObject({ name: "Ada again", team: "red", health: 100 });
});

test("[SM16] shows nobody the host has not put into the roster", () => {
  const match = new ArenaMatch().join(0);
  const replica = arenaReplica.create(match.setup);
  arenaReplica.write(match.state, replica);
  expect(replica.ships.size).toBe(0);
});
