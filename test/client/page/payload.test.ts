import { expect, it } from "vitest";
import { payloadOf } from "../../../client/page/project/payload.ts";

it.each([
  ["0x01ff", Uint8Array.of(1, 255)],
  ["0xAB", Uint8Array.of(171)],
  [' { "x": 1 } ', { json: { x: 1 } }],
  ["5", { json: 5 }],
  ["", { json: undefined }],
  ["0x0", undefined],
  ["hello", undefined],
])("[PK12] takes %o for a message as a person means it", (text, payload) => {
  expect(payloadOf(text)).toEqual(payload);
});
