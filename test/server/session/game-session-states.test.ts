import { describe, expect, it } from "vitest";
import { GameSessionStates, type Turn } from "../../../server/session/game-session-states.ts";
import { SESSION_LIMITS } from "../../../server/session/limits.ts";
import type { MatchRoomEvents } from "../../../server/session/match-room.ts";
import type { GameSessionState } from "../../../server/telemetry/telemetry.ts";
import { EMPTY_MS, hang, LifeWorld, RESULTS_MS } from "./life-world.ts";

/** By which turns each state is reached from the first one. */
const WAY_TO: Readonly<Record<GameSessionState, readonly Turn[]>> = {
  opening: [],
  activating: ["room_opened"],
  active: ["room_opened", "activated"],
  vacant: ["room_opened", "activated", "emptied"],
  over: ["room_opened", "activated", "decided"],
  closing: ["room_opened", "ending"],
  ended: ["room_opened", "ending", "settled"],
};

/** State by state, what each turn leads to; any other means nothing there. */
const TABLE: Readonly<Record<GameSessionState, Partial<Record<Turn, GameSessionState>>>> = {
  opening: { room_opened: "activating", decided: "over", ending: "closing" },
  activating: { activated: "active", decided: "over", ending: "closing" },
  active: { emptied: "vacant", decided: "over", ending: "closing" },
  vacant: { expected: "active", decided: "over", ending: "closing" },
  over: { ending: "closing" },
  closing: { settled: "ended" },
  ended: {},
};
const STATES = Object.keys(TABLE) as GameSessionState[];
const TURNS: readonly Turn[] = [
  ...(["room_opened", "activated", "emptied", "expected"] as const),
  ...(["decided", "ending", "settled"] as const),
];

function inState(state: GameSessionState) {
  const changes: string[] = [];
  const states = new GameSessionStates((from, to) => changes.push(`${from} ${to}`));
  for (const turn of WAY_TO[state]) expect(states.turn(turn)).toBe(true);
  expect(states.current).toBe(state);
  return { states, changes };
}

describe("the states of a game session", () => {
  const rows = STATES.flatMap((from) =>
    TURNS.map((turn) => [from, turn, TABLE[from][turn] ?? "the same"] as const),
  );

  it.each(rows)("[GS33] are turned from '%s' by '%s' into: %s", (from, turn, to) => {
    const { states, changes } = inState(from);
    changes.length = 0;
    expect(states.turn(turn)).toBe(to !== "the same");
    expect(states.current).toBe(to === "the same" ? from : to);
    expect(changes).toEqual(to === "the same" ? [] : [`${from} ${to}`]);
  });
});

const FAULT = new Error("the game broke");

/** What a test does with a life before it looks at it. */
type Step = (world: LifeWorld) => Promise<void> | void;

const play: Step = async (world) => {
  await world.place();
  await world.join(1);
};
const activate: Step = async (world) => {
  world.fleet.process.activateGameSession = hang;
  await world.place();
};
/** Nobody is in the match any more, and the fleet does not say who is still to come. */
const empty: Step = async (world) => {
  await world.place();
  world.leave(await world.join(1));
  world.fleet.answerDescribe = hang;
  await world.pass(EMPTY_MS);
};
const open =
  (happen: (events: MatchRoomEvents) => Promise<void> | void): Step =>
  async (world) => {
    world.whileOpening = async (events) => happen(events);
    await world.place();
  };
const over: Step = (world) => world.room.events.onOver();
const fault: Step = (world) => world.life.fault("timer", FAULT);
const showResults: Step = (world) => world.pass(RESULTS_MS);
/** The next time it is asked, the fleet says for whom it keeps a reservation. */
const answer: Step = async (world) => {
  world.fleet.answerDescribe = undefined;
  await world.pass(SESSION_LIMITS.describeTimeoutMs + SESSION_LIMITS.vacancyRetryMs);
};

describe("a game session", () => {
  const hangs = { onClose: hang };

  it.each<[string, string, readonly Step[]]>([
    ["idle", "opening", [open(hang)]],
    ["opening", "activating", [activate]],
    ["opening", "over", [open((events) => events.onOver())]],
    ["opening", "closing", [open(hang), fault]],
    ["activating", "active", [play]],
    ["activating", "over", [activate, over]],
    ["activating", "closing", [activate, fault]],
    ["active", "vacant", [empty]],
    ["active", "over", [play, over]],
    ["active", "closing", [play, fault]],
    ["vacant", "active", [empty, answer]],
    ["vacant", "over", [empty, over]],
    ["vacant", "closing", [empty, fault]],
    [
      "over",
      "closing",
      [play, over, (world) => void Object.assign(world.room, hangs), showResults],
    ],
  ])(
    "[GS33] goes from '%s' to '%s', which the phase shows and telemetry tells",
    async (from, to, steps) => {
      const world = new LifeWorld();
      for (const step of steps) await step(world);
      expect(world.life.phase).toBe(to);
      expect(world.telemetry.of("gameSessionStateChanged").at(-1)).toEqual({
        gameSessionId: "gsess-1",
        from,
        to,
      });
    },
  );

  it("[GS33] is told from its first state to its last, each step where the one before led", async () => {
    const world = await LifeWorld.playing(1);
    await over(world);
    await world.pass(RESULTS_MS);
    const changes = world.telemetry.of("gameSessionStateChanged");
    expect(changes.map(({ to }) => to)).toEqual([
      ...["opening", "activating", "active", "over", "closing", "ended"],
    ]);
    expect(changes.map(({ from }) => from)).toEqual([
      ...["idle", "opening", "activating", "active", "over", "closing"],
    ]);
  });
});
