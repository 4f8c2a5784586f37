/**
 * The match that telemetry is measured in, with sockets and without: everybody flies and shoots, and nobody wins.
 * @module
 */
export const PLAYERS = 200;
export const TICK_RATE_HZ = 20;
/** Longer than anything here lasts. */
export const GAME_PROPERTIES = { matchSeconds: "3600", scoreLimit: "1000" };

const UP = 1;
const DOWN = 2;
const LEFT = 4;
const RIGHT = 8;
const FIRE = 16;
/** Half a second each at 20 Hz; a shot begins each stretch. */
const COMMANDS_PER_STRETCH = 10;
const STRETCHES = [UP, UP | RIGHT, RIGHT, DOWN | RIGHT, DOWN, DOWN | LEFT, LEFT, UP | LEFT];
/** The command's type, as Colyseus frames raw messages. */
const HEAD = [17, 0xa1, 0x63];

/** @returns The message with a player's `nth` command, from 1. Players are at different points of their rounds. */
export function commandMessage(player: number, nth: number): Buffer {
  const at = nth + 7 * player;
  const stretch = STRETCHES[Math.floor(at / COMMANDS_PER_STRETCH) % STRETCHES.length] ?? 0;
  const message = Buffer.allocUnsafe(HEAD.length + 11);
  message.set(HEAD);
  message.writeUInt32LE(nth, HEAD.length);
  message.writeUInt8(stretch | (at % COMMANDS_PER_STRETCH === 0 ? FIRE : 0), HEAD.length + 4);
  message.writeFloatLE((at % 60) / 10 - 3, HEAD.length + 5);
  // Each command is one tick: what was seen is as late for all of them.
  message.writeUInt16LE((8 * nth) % 0x10000, HEAD.length + 9);
  return message;
}
