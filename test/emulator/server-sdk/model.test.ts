import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRefused } from "../../../emulator/plane/outcome.ts";
import { LOCATION } from "../plane/plane-world.ts";
import { ACTIVATION, CONFIGURATION, type Frame, ServiceWorld } from "./service-world.ts";

const SEATS = 3;
/** No life is so long. */
const ACTIVATION_MS = 600_000;

/** One thing that a server process, a player's backend or the network does. */
type Step =
  | { readonly does: "ready" | "beat" | "end" | "place" | "activate" | "resend" | "cut" | "move" }
  | { readonly does: "reserve" }
  | { readonly does: "accept" | "remove" | "describe"; readonly player: number }
  | { readonly does: "policy"; readonly policy: "ACCEPT_ALL" | "DENY_ALL" }
  | { readonly does: "backfill"; readonly isStart: boolean }
  | { readonly does: "wait"; readonly seconds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constantFrom("ready", "beat", "place", "activate") }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constantFrom("resend", "cut", "move") }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("end" as const) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant("reserve" as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      does: fc.constantFrom("accept", "remove", "describe"),
      player: fc.nat(SEATS + 1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("policy" as const),
      policy: fc.constantFrom("ACCEPT_ALL", "DENY_ALL"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant("backfill" as const), isStart: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant("wait" as const),
      seconds: fc.constantFrom(1, 20, 60),
    }),
  },
);

type PlayerStatus = "RESERVED" | "ACTIVE" | "COMPLETED" | "TIMEDOUT";

/** What the documentation says must be so, in as few words as can be; it says nothing of health and activation times. */
class Model {
  process: "CONNECTED" | "READY" | "ENDING" = "CONNECTED";
  hasReported = false;
  session: "none" | "ACTIVATING" | "ACTIVE" | "TERMINATED" = "none";
  isOpen = true;
  hasTicket = false;
  nowMs = 0;
  readonly players: { status: PlayerStatus; readonly reservedAtMs: number }[] = [];

  get taken(): number {
    return this.players.filter(({ status }) => status === "RESERVED" || status === "ACTIVE").length;
  }

  get canReserve(): boolean {
    return this.session === "ACTIVE" && this.isOpen && this.taken < SEATS;
  }

  get isHosting(): boolean {
    return this.session === "ACTIVATING" || this.session === "ACTIVE";
  }

  wait(ms: number): void {
    this.nowMs += ms;
    for (const player of this.players) {
      const isLate = player.status === "RESERVED" && this.nowMs >= player.reservedAtMs + 60_000;
      if (isLate) player.status = "TIMEDOUT";
    }
  }

  end(): void {
    this.process = "ENDING";
    if (this.isHosting) this.session = "TERMINATED";
    this.hasTicket = false;
    for (const player of this.players) {
      if (player.status === "RESERVED" || player.status === "ACTIVE") player.status = "COMPLETED";
    }
  }

  /** What a request is answered, and its effect. */
  answer(asked: Step): number {
    switch (asked.does) {
      case "ready":
        if (this.process !== "CONNECTED") return 409;
        this.process = "READY";
        return 200;
      case "beat":
        if (this.process !== "READY") return 409;
        this.hasReported = true;
        return 200;
      case "end":
        this.end();
        return 200;
      case "activate":
        if (!this.isHosting) return 404;
        if (this.session === "ACTIVE") return 409;
        this.session = "ACTIVE";
        return 200;
      case "policy":
        if (!this.isHosting) return 404;
        this.isOpen = asked.policy === "ACCEPT_ALL";
        return 200;
      case "backfill":
        return this.#backfill(asked.isStart);
      case "accept":
      case "remove":
        return this.#seat(asked.does, asked.player);
      default:
        return asked.does === "describe" && this.players[asked.player] === undefined ? 404 : 200;
    }
  }

  #backfill(isStart: boolean): number {
    if (!this.isHosting) return 404;
    if (isStart && this.session !== "ACTIVE") return 409;
    if (!isStart && !this.hasTicket) return 404;
    this.hasTicket = isStart;
    return 200;
  }

  #seat(does: "accept" | "remove", index: number): number {
    const player = this.players[index];
    if (!this.isHosting) return 404;
    if (does === "accept" && this.session !== "ACTIVE") return 409;
    if (player === undefined) return 404;
    if (player.status !== (does === "accept" ? "RESERVED" : "ACTIVE")) return 409;
    player.status = does === "accept" ? "ACTIVE" : "COMPLETED";
    return 200;
  }
}

const RUNTIME = {
  serverProcesses: [],
  maxConcurrentGameSessionActivations: 1,
  gameSessionActivationTimeoutSeconds: ACTIVATION_MS / 1_000,
};

/** Plays steps to the service and to the model, and compares them at each. */
class Play {
  readonly world = new ServiceWorld({}, { anywhere: { runtimeConfiguration: RUNTIME } });
  readonly model = new Model();
  #process = this.world.connect();
  #arn = "arn:aws:gamelift:us-west-2::gamesession/none";
  #ticketId = "none";
  readonly #playerSessionIds: string[] = [];
  #last: { text: string; answer: Frame } | undefined;

  take(asked: Step): void {
    const { clock } = this.world;
    // A healthy process reports all the time; the model knows nothing of those that do not.
    const isTooLate = this.model.nowMs >= ACTIVATION_MS - 60_000;
    for (let left = asked.does === "wait" && !isTooLate ? asked.seconds : 0; left > 0; left--) {
      clock.advance(1_000);
      this.model.wait(1_000);
      this.#ask("HeartbeatServerProcess", { HealthStatus: true }, { does: "beat" });
    }
    if (asked.does === "place") this.#place();
    else if (asked.does === "reserve") this.#reserve();
    else if (asked.does === "resend") this.#resend();
    else if (asked.does === "cut") this.#cut();
    else if (asked.does === "move") this.#process = this.world.connect();
    else if (asked.does !== "wait") this.#ask(...this.#request(asked), asked);
    this.#compare();
  }

  #request(asked: Step): [action: string, members: object] {
    const GameSessionId = this.#arn;
    const seat = (player: number) => this.#playerSessionIds[player] ?? `psess-${player}`;
    const backfill = {
      GameSessionArn: this.#arn,
      MatchmakingConfigurationArn: CONFIGURATION,
    };
    switch (asked.does) {
      case "ready":
        return ["ActivateServerProcess", ACTIVATION];
      case "beat":
        return ["HeartbeatServerProcess", { HealthStatus: true }];
      case "end":
        return ["TerminateServerProcess", {}];
      case "activate":
        return ["ActivateGameSession", { GameSessionId }];
      case "policy":
        return [
          "UpdatePlayerSessionCreationPolicy",
          { GameSessionId, PlayerSessionPolicy: asked.policy },
        ];
      case "accept":
        return ["AcceptPlayerSession", { GameSessionId, PlayerSessionId: seat(asked.player) }];
      case "remove":
        return ["RemovePlayerSession", { GameSessionId, PlayerSessionId: seat(asked.player) }];
      case "describe":
        return ["DescribePlayerSessions", { PlayerSessionId: seat(asked.player) }];
      case "backfill":
        return asked.isStart
          ? ["StartMatchBackfill", { ...backfill, Players: [{ PlayerId: "p", Team: "red" }] }]
          : ["StopMatchBackfill", { ...backfill, TicketId: this.#ticketId }];
      default:
        throw new Error(`${asked.does} is no request`);
    }
  }

  #ask(action: string, members: object, asked: Step): void {
    const RequestId = randomUUID();
    const answer = this.#process.ask(action, members, RequestId);
    expect(answer).toMatchObject({ Action: action, RequestId });
    expect(answer["StatusCode"], `${action} ${answer["ErrorMessage"]}`).toBe(
      this.model.answer(asked),
    );
    if (typeof answer["TicketId"] === "string") this.#ticketId = answer["TicketId"];
    const text = JSON.stringify({ Action: action, RequestId, ...members });
    this.#last = { text, answer };
  }

  #place(): void {
    const outcome = this.world.plane.gameSessions.create({
      fleetId: this.world.anywhere.fleetId,
      location: LOCATION,
      maximumPlayerSessionCount: SEATS,
    });
    const { process, hasReported, session } = this.model;
    const isPossible = process === "READY" && hasReported && session === "none";
    expect(isRefused(outcome)).toBe(!isPossible);
    if (isRefused(outcome)) return;
    this.#arn = outcome.value.gameSessionId;
    this.model.session = "ACTIVATING";
    expect(this.#process.pushes.at(-1)).toMatchObject({
      Action: "CreateGameSession",
      GameSessionId: this.#arn,
    });
  }

  #reserve(): void {
    const player = { playerId: `player-${this.#playerSessionIds.length}`, playerData: "" };
    const outcome = this.world.plane.playerSessions.create(this.#arn, [player]);
    expect(isRefused(outcome)).toBe(!this.model.canReserve);
    if (isRefused(outcome)) return;
    this.#playerSessionIds.push(outcome.value[0]?.playerSessionId ?? "");
    this.model.players.push({ status: "RESERVED", reservedAtMs: this.model.nowMs });
  }

  #resend(): void {
    if (this.#last === undefined) return;
    this.#process.line.say(this.#last.text);
    const { RequestId } = this.#last.answer as { RequestId: string };
    const again = this.#process.frames.findLast((frame) => frame["RequestId"] === RequestId);
    expect(again).toEqual(this.#last.answer);
  }

  #cut(): void {
    // Whoever says that it ends and then is gone has ended.
    if (this.model.process === "ENDING") return;
    this.#process.line.leave(1006);
    this.#process = this.world.connect(this.#process.query);
  }

  #compare(): void {
    const { plane } = this.world;
    const statuses = this.#playerSessionIds.map((id) => plane.playerSessions.find(id)?.status);
    expect(statuses).toEqual(this.model.players.map(({ status }) => status));
    expect(this.world.record().state).toBe(this.model.process);
    expect(plane.gameSessions.find(this.#arn)?.status ?? "none").toBe(this.model.session);
    expect(plane.backfills.open(this.#arn) !== undefined).toBe(this.model.hasTicket);
  }
}

describe("any life of a server process", () => {
  it("[ES16] is answered as a small model of the service says, through resends, cuts and moves", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const play = new Play();
        const opening = ["ready", "beat", "place", "activate"] as const;
        // Most lives would not get so far by chance.
        for (const does of steps.length % 4 === 0 ? [] : opening) play.take({ does });
        for (const each of steps) {
          if (play.model.process === "ENDING" && each.does === "wait") break;
          play.take(each);
        }
      }),
      { numRuns: 200 },
    );
  });
});
