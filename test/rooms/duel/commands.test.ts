import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeDuelCommand, encodeDuelCommand } from "../../../rooms/duel/commands.ts";

test("[SM1] never throws, and returns a bounded command or nothing, for any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4 }), (untrusted) => {
      const command = decodeDuelCommand(untrusted);
      const [moveNumber = 255, column = 255] = untrusted;
      const isGood = untrusted.length === 2 && moveNumber < 42 && column < 7;
      expect(command).toEqual(isGood ? { moveNumber, column } : undefined);
    }),
    { numRuns: 2000 },
  );
});

test("[SM2] reads back every command it writes", () => {
  for (let moveNumber = 0; moveNumber < 42; moveNumber++) {
    for (let column = 0; column < 7; column++) {
      const bytes = encodeDuelCommand({ moveNumber, column });
      expect([...bytes]).toEqual([moveNumber, column]);
      expect(decodeDuelCommand(bytes)).toEqual({ moveNumber, column });
    }
  }
});
