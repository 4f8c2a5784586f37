/**
 * A game whose players hold cards that nobody else may ever be sent. Each card says whose it is and when it was dealt, so
 * that any bytes can be searched for it.
 * @module
 */
import { type SchemaType, schema, t } from "@colyseus/schema";
import type { Replica, Seat, Simulation } from "../../../rooms/simulation.ts";

const Purse = schema({ coins: t.uint32().default(0), note: t.string().default("") }, "Purse");

export const Hand = schema(
  {
    seat: t.uint16().default(0),
    name: t.string().default(""),
    /** Public, and changes with each tick. */
    shown: t.uint32().default(0),
    card: t.string().default("").view(),
    marker: t.uint32().default(0).view(),
    cards: t.array("string").view(),
    purse: t.ref(Purse).optional().view(),
  },
  "Hand",
);
export type Hand = SchemaType<typeof Hand>;

export const Table = schema({ tick: t.uint32().default(0), hands: t.map(Hand) }, "Table");
export type Table = SchemaType<typeof Table>;

export interface TableState {
  tick: number;
  /** By seat: how many have sat in it, `undefined` while nobody does. */
  readonly holders: (number | undefined)[];
  readonly sat: number[];
}

/** What no one but that holder of the seat may be sent, as text; it goes on with the tick. */
const cardOf = (seat: Seat, holder: number): string => `card-${seat}-${holder}-`;

/** The same as 24 bits of a number, which are no bytes of a text. */
const markerOf = (seat: Seat, holder: number): number => 0xc0d080 + seat * 16 + holder;

const replica: Replica<TableState, Table> = {
  create: () => new Table(),
  join(table, seat, profile) {
    const key = String(seat);
    const hand = table.hands.get(key) ?? new Hand();
    hand.seat = seat;
    hand.name = profile.name;
    hand.purse ??= new Purse();
    if (!table.hands.has(key)) table.hands.set(key, hand);
  },
  leave(table, seat) {
    table.hands.delete(String(seat));
  },
  write(state, table) {
    table.tick = state.tick;
    for (const hand of table.hands.values()) {
      const holder = state.holders[hand.seat];
      if (holder === undefined) continue;
      const card = `${cardOf(hand.seat, holder)}${state.tick}`;
      hand.shown = state.tick;
      hand.card = card;
      hand.marker = markerOf(hand.seat, holder) * 256 + (state.tick % 256);
      hand.cards.push(card);
      if (hand.cards.length > 3) hand.cards.shift();
      Object.assign(hand.purse ?? {}, { coins: hand.marker, note: card });
    }
  },
  privateTo(table, seat) {
    const hand = table.hands.get(String(seat));
    return hand === undefined ? [] : [hand];
  },
};

export const privateGame: Simulation<TableState, "nothing", Table> = {
  name: "private",
  version: 1,
  tickRateHz: 10,
  seatsMax: 8,
  commandBytesMax: 1,
  commandsPerTickMax: 1,
  replica,
  create: ({ seatsMax }) => ({
    tick: 0,
    holders: new Array<number | undefined>(seatsMax).fill(undefined),
    sat: new Array<number>(seatsMax).fill(0),
  }),
  join(state, seat) {
    state.sat[seat] = (state.sat[seat] ?? 0) + 1;
    state.holders[seat] = state.sat[seat];
  },
  leave(state, seat) {
    state.holders[seat] = undefined;
  },
  decode: () => undefined,
  advance(state, _commands, step) {
    state.tick = step.tick + 1;
  },
  result: () => undefined,
  standing: () => ({ winners: [], scores: [] }),
  hash: () => "0".repeat(16),
};

/** @returns Whose cards lie in some bytes, as `seat/holder`, in order. */
export function holdersIn(bytes: Uint8Array): string[] {
  const found = new Set<string>();
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const [, seat, holder] of buffer.toString("latin1").matchAll(/card-(\d)-(\d+)-/g)) {
    found.add(`${seat}/${holder}`);
  }
  for (let seat = 0; seat < 8; seat++) {
    for (let holder = 1; holder < 16; holder++) {
      const marker = Buffer.alloc(3);
      marker.writeUIntLE(markerOf(seat, holder), 0, 3);
      if (buffer.includes(marker)) found.add(`${seat}/${holder}`);
    }
  }
  return [...found].sort();
}
