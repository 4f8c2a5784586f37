import { type SchemaType, schema, t } from "@colyseus/schema";

/** A thing that moves, in `room.state`: the same fields on all servers that have one. */
export const Entity = schema(
  {
    x: t.float32().default(0),
    y: t.float32().default(0),
    vx: t.float32().default(0),
    vy: t.float32().default(0),
    angle: t.uint16().default(0),
  },
  "Entity",
);
export type Entity = SchemaType<typeof Entity>;

export const MatchState = schema(
  {
    /** Steps taken. */
    tick: t.uint32().default(0),
    entities: t.map(Entity),
  },
  "MatchState",
);
export type MatchState = SchemaType<typeof MatchState>;

/** Where only some are told of a thing (Colyseus's StateView). */
export const ViewedState = schema(
  {
    tick: t.uint32().default(0),
    entities: t.map(Entity).view(),
  },
  "ViewedState",
);
export type ViewedState = SchemaType<typeof ViewedState>;

export const npcKey = (nth: number): string => `npc-${nth}`;
