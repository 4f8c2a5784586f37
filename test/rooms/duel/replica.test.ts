import { Decoder, Encoder } from "@colyseus/schema";
import { expect, test } from "vitest";
import { DuelReplica, duelReplica } from "../../../rooms/duel/replica.ts";
import { DuelMatch } from "./duel-match.ts";

test("[SM16] decodes to the same duel at a client, move by move", () => {
  const match = new DuelMatch();
  const replica = duelReplica.create(match.setup);
  const encoder = new Encoder(replica);
  const decoder = new Decoder(new DuelReplica());
  decoder.decode(Uint8Array.from(encoder.encodeAll()));
  const show = () => {
    duelReplica.write(match.state, replica);
    decoder.decode(Uint8Array.from(encoder.encode()));
    encoder.discardChanges();
    return (decoder.state as DuelReplica).toJSON();
  };
  expect(show()).toMatchObject({ phase: "waiting", players: {}, tickRateHz: 10 });
  for (const [seat, name] of ["Ada", "Bob"].entries()) {
    match.join(seat);
    duelReplica.join(replica, seat, { name, team: "" });
  }
  for (const column of [0, 6, 1, 6, 2, 6, 3]) {
    match.drop(column);
    const { tick, moveNumber, turnSeat, turnEndsAtTick, board } = match.state;
    expect(show()).toMatchObject({ tick, moveNumber, turnSeat, turnEndsAtTick, board });
  }
  duelReplica.leave(replica, 1);
  expect(show()).toMatchObject({
    phase: "over",
    winners: match.result?.winners,
    winningCells: [0, 1, 2, 3],
    players: { 0: { seat: 0, name: "Ada" } },
  });
});

test("[SM16] sends nothing but the tick while a player thinks", () => {
  const match = new DuelMatch().join(0, 1).drop(3);
  const replica = duelReplica.create(match.setup);
  duelReplica.write(match.state, replica);
  const encoder = new Encoder(replica);
  encoder.encodeAll();
  encoder.discardChanges();
  match.step();
  duelReplica.write(match.state, replica);
  expect(encoder.encode().byteLength).toBeLessThan(8);
});
