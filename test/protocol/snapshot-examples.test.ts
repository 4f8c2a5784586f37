import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { encodeOwn, SnapshotEncoder } from "../../protocol/snapshot-encoder.ts";
import type { SnapshotLayout } from "../../protocol/snapshot-layout.ts";
import { SnapshotTable } from "../../protocol/snapshot-table.ts";
import { everything, fill, payloadOf } from "./snapshot-worlds.ts";

const page = readFileSync("docs/PROTOCOL.md", "utf8");
const section = page.slice(
  page.indexOf("### A stream, bit by bit"),
  page.indexOf("\n## ", page.indexOf("### A stream, bit by bit")),
);
const layout = JSON.parse(/```json\n([^`]+)```/.exec(section)![1]!) as SnapshotLayout;

/** Title, payload, and what the table says of the bits. */
const examples = [...section.matchAll(/^(\S.*): `([0-9a-f ]+)`\n\n((?:\|.*\n)+)/gm)].map(
  ([, title = "", hex = "", table = ""]) => ({
    title,
    hex,
    bits: [...table.matchAll(/^\| `([01 ]+)` \|/gm)].map(([, bits = ""]) => bits).join(""),
  }),
);

/** The messages that the page tells of. */
function messages(): Uint8Array[] {
  const table = new SnapshotTable(layout[0]!);
  const encoder = new SnapshotEncoder(layout, 20);
  const say = (tick: number, ships: Record<number, number[]>) => {
    fill(table, ships);
    return encoder.encode(tick, [table], [everything(table)], 1e9, false)!;
  };
  say(100, { 4: [10, 50, 2] });
  return [
    encoder.keyframe(),
    say(101, { 4: [10.1, 50, 2] }),
    say(102, { 4: [10.225, 50, 2.5], 6: [30, 20, 0] }),
    say(103, { 4: [10.35, 50, 2.5], 6: [30, 21, 0] }),
    say(104, { 6: [30, 22, 0] }),
    encodeOwn(layout, 104, 0, 6, table),
  ];
}

describe("docs/PROTOCOL.md", () => {
  it("[WC11] tells the bytes of a stream of snapshots", () => {
    const made = messages().map((message) =>
      [...payloadOf(message)].map((byte) => byte.toString(16).padStart(2, "0")).join(" "),
    );
    expect(examples.map(({ hex }) => hex)).toEqual(made);
  });

  it.each(examples)("[WC11] tells every bit of the $title", ({ hex, bits }) => {
    const bytes = hex.split(" ").map((byte) => Number.parseInt(byte, 16));
    const headerBytes = bytes[0] === 2 ? 2 : 5;
    const all = bytes.slice(headerBytes).map((byte) => byte.toString(2).padStart(8, "0"));
    expect(bits.replaceAll(" ", "")).toBe(all.join(""));
  });
});
