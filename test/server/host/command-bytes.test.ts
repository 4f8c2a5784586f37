import { Protocol } from "@colyseus/core";
import { afterEach, expect, it } from "vitest";
import { COMMAND } from "../../../protocol/messages.ts";
import { duel } from "../../../rooms/duel/simulation.ts";
import type { DuelState } from "../../../rooms/duel/state.ts";
import { SIMULATIONS } from "../../../rooms/index.ts";
import { closeWorlds, openWorld, type ScriptedClient } from "./match-world.ts";

afterEach(() => closeWorlds());

const TICK_MS = 1000 / duel.tickRateHz;
/** Under which Colyseus keeps what a room does about bytes, beside what it does about msgpack. */
const BYTES_TYPE = `_$b${COMMAND}`;

/** Msgpack of pairs and others that pass for two bytes as long as nobody looks. */
const PAYLOADS: readonly (readonly [what: string, payload: readonly number[]])[] = [
  ["a whole number below zero", [0x92, 0, 0xff]],
  ["a fraction", [0x92, 0, 0xcb, 0x40, 0x04, 0, 0, 0, 0, 0, 0]],
  ["no number at all", [0x92, 0, 0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]],
  ["a bigint", [0x92, 0, 0xcf, 0, 0, 0, 0, 0, 0, 0, 1]],
  ["a text", [0x92, 0, 0xa1, 0x31]],
  ["a move that is right", [0x92, 0, 1]],
  ["a text of two", [0xa2, 0x30, 0x31]],
  ["nil", [0xc0]],
  ["nothing", []],
  ["a map with a length", [0x81, 0xa6, ...Buffer.from("length"), 2]],
];

const HEADS = {
  message: [Protocol.ROOM_DATA],
  request: [Protocol.ROOM_REQUEST, 7],
} as const;

it.each(PAYLOADS)(
  "[TK27] what comes as msgpack under the name of a command's bytes is none: %s",
  async (_what, payload) => {
    for (const head of Object.values(HEADS)) {
      const decoded: unknown[] = [];
      let state: DuelState | undefined;
      const simulation = {
        ...SIMULATIONS["duel"]!,
        create(setup: never) {
          state = duel.create(setup);
          return state;
        },
        decode(bytes: Uint8Array) {
          decoded.push(bytes);
          return duel.decode(bytes);
        },
      };
      const world = await openWorld({ kind: "simulation", simulation });
      const clients: ScriptedClient[] = [
        (await world.join(1)).client,
        (await world.join(2)).client,
      ];
      world.clock.advance(TICK_MS);
      const before = JSON.stringify(state?.board);
      for (const client of clients) {
        client.deliver(...head, 0xa0 + BYTES_TYPE.length, ...Buffer.from(BYTES_TYPE), ...payload);
      }
      world.clock.advance(2 * TICK_MS);
      expect(world.told).toEqual([]);
      expect(decoded).toEqual([]);
      expect(JSON.stringify(state?.board)).toBe(before);
      expect(world.telemetry.of("commandDropped").map(({ reason }) => reason)).toEqual([
        "malformed",
        "malformed",
      ]);
      // Who plays on by the protocol does.
      for (const client of clients) client.sendTyped(COMMAND, [0, 1]);
      world.clock.advance(TICK_MS);
      expect(state?.moveNumber).toBe(1);
      await closeWorlds();
    }
  },
);
