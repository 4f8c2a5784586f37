import { type JoinOutcome, type JoinRequest, Lobby } from "../../../backend/lobby/lobby.ts";
import { PlayerTokens } from "../../../backend/lobby/player-tokens.ts";
import type { RefusalCode } from "../../../backend/lobby/refusals.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { ScriptedFleetApi } from "./scripted-fleet-api.ts";

export const WAIT_MS = 20_000;

type Seated = Extract<JoinOutcome, { outcome: "seated" }>;

/** A lobby with everything real but time and the fleet. */
export class LobbyWorld {
  readonly clock = new FakeClock(1_000);
  readonly fleet = new ScriptedFleetApi();
  readonly logged: { readonly event: string; readonly fields: Record<string, unknown> }[] = [];
  readonly tokens = new PlayerTokens("k".repeat(32));
  readonly lobby: Lobby;
  #ids = 0;

  constructor() {
    const { clock, fleet, tokens, logged } = this;
    fleet.wallMs = () => clock.wallMs();
    this.lobby = new Lobby({
      games: [
        { name: "arena", playersMax: 4 },
        { name: "duel", playersMax: 2 },
      ],
      fleet,
      clock,
      log: (_level, event, fields) => logged.push({ event, fields }),
      tokens,
      waitMs: WAIT_MS,
      newPlacementId: () => `placement-${++this.#ids}`,
    });
  }

  /** Asks; what came of it so far is in the answer. */
  join(game = "arena", more: Partial<JoinRequest> = {}): Asked {
    const gone = new AbortController();
    const asked: Asked = { outcome: undefined, leave: () => gone.abort() };
    const request: JoinRequest = {
      game,
      playerName: undefined,
      playerToken: undefined,
      mayOpen: true,
      signal: gone.signal,
      ...more,
    };
    void this.lobby.join(request).then((outcome) => {
      asked.outcome = outcome;
    });
    return asked;
  }

  joinMany(count: number, game = "arena"): Asked[] {
    return Array.from({ length: count }, () => this.join(game));
  }

  pass(ms: number): Promise<void> {
    return this.clock.advanceAsync(ms);
  }
}

export interface Asked {
  outcome: JoinOutcome | undefined;
  /** The player does not wait any more. */
  readonly leave: () => void;
}

export function seatOf(asked: Asked): Seated["seat"] {
  return seated(asked).seat;
}

export function seated({ outcome }: Asked): Seated {
  if (outcome?.outcome !== "seated") throw new Error(`not seated: ${JSON.stringify(outcome)}`);
  return outcome;
}

export function codeOf({ outcome }: Asked): RefusalCode | "seated" | "waits" {
  if (outcome === undefined) return "waits";
  return outcome.outcome === "seated" ? "seated" : outcome.code;
}
