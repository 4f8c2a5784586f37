import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  Control,
  CredentialKind,
  encodeClose,
  encodeHello,
  encodeNonce,
  encodeSeat,
} from "../../protocol/control.ts";
import { frameOf } from "../../protocol/frame.ts";

const page = readFileSync("docs/PROTOCOL.md", "utf8");
const none = new Uint8Array(0);
const hello = (over: object) =>
  encodeHello({
    protocolVersion: 1,
    kind: CredentialKind.PLAYER_SESSION,
    credential: "psess-1",
    clientVersion: "",
    options: none,
    ...over,
  });
const first = hello({ clientVersion: "1.2" });

it.each<[string, Uint8Array]>([
  ["HELLO with `psess-1`, client version `1.2`, no options", first],
  [
    'HELLO with `psess-1`, no client version, options `{"a":1}`',
    hello({ options: new TextEncoder().encode('{"a":1}') }),
  ],
  [
    "HELLO with the token `AbCdEfGhIjKlMnOpQrStUv`, schema kept",
    hello({ kind: CredentialKind.TOKEN_WITH_SCHEMA, credential: "AbCdEfGhIjKlMnOpQrStUv" }),
  ],
  ["SEAT 3, session id `s-1`", encodeSeat({ protocolVersion: 1, seat: 3, sessionId: "s-1" })],
  ["CLOSE 4401 `refused`", encodeClose(4401, "refused")],
  ["PING with nonce 305419896", encodeNonce(Control.PING, 305_419_896)],
  ["PONG to it", encodeNonce(Control.PONG, 305_419_896)],
  ["the first of these as a TCP frame", frameOf(first)],
])("[WR4] the page's bytes of %s are those of the codec", (title, bytes) => {
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  expect(page).toContain(`| ${title} | \`${hex}\` |`);
});
