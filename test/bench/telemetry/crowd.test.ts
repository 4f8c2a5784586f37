import { describe, expect, it } from "vitest";
import { commandMessage } from "../../../bench/telemetry/crowd.ts";
import { COMMAND } from "../../../protocol/messages.ts";
import { ArenaButton, decodeArenaCommand } from "../../../rooms/arena/commands.ts";

const HEAD_BYTES = 3;
const ROUND = 80;
const SOME_PLAYERS = 5;

describe("the players of the match that telemetry is measured in", () => {
  it("[BN13] send commands that the arena takes, in all directions and with shots", () => {
    const buttons = new Set<number>();
    for (let player = 0; player < SOME_PLAYERS; player++) {
      for (let nth = 1; nth <= ROUND; nth++) {
        const message = commandMessage(player, nth);
        expect([...message.subarray(0, HEAD_BYTES)]).toEqual([17, 0xa1, COMMAND.charCodeAt(0)]);
        const command = decodeArenaCommand(message.subarray(HEAD_BYTES));
        expect(command?.tick).toBe(nth);
        buttons.add(command?.buttons ?? -1);
      }
    }
    const { UP, DOWN, LEFT, RIGHT, FIRE } = ArenaButton;
    const directions = [UP, UP | RIGHT, RIGHT, DOWN | RIGHT, DOWN, DOWN | LEFT, LEFT, UP | LEFT];
    expect([...buttons].sort()).toEqual(directions.flatMap((each) => [each, each | FIRE]).sort());
  });
});
