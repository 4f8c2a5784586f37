/**
 * The demo page: joins a match by itself and shows it.
 * @module
 */
import type { MatchConnection } from "../connection.ts";
import { element, setText } from "./elements.ts";
import { createView, type GameView, PAGE_GAMES, type PageGame } from "./game-views.ts";
import { MatchFlow } from "./match-flow.ts";
import { NetPanel } from "./net-panel.ts";
import { Notice, type Outcome } from "./notice.ts";
import { SeatMemory } from "./seat-memory.ts";
import { orderBots } from "./servers.ts";
import "./demo-handle.ts";

/** Bots added by one press of the button. */
const BOTS_PER_PRESS = { arena: 3, duel: 1 } as const;
const PING_INTERVAL_MS = 1_000;
const TOAST_MS = 3_000;

function gameOfAddress(): PageGame {
  const wanted = new URLSearchParams(location.search).get("game");
  return PAGE_GAMES.find((game) => game === wanted) ?? "arena";
}

class Page {
  readonly #game = gameOfAddress();
  readonly #view: GameView = createView(this.#game);
  readonly #net = new NetPanel();
  readonly #notice = new Notice(() => this.#flow.start());
  readonly #flow: MatchFlow;
  readonly #addBots = element("add-bots", HTMLButtonElement);
  /** Kept after its end: results are shown from its last state. */
  #connection: MatchConnection<unknown> | undefined;
  #outcome: Outcome | undefined;
  #drawnAtMs = 0;

  constructor() {
    this.#flow = new MatchFlow(this.#game, new SeatMemory(this.#game, sessionStorage), {
      flowChanged: () => this.#showFlow(),
      seated: (connection) => this.#seated(connection),
      reseated: () => this.#view.reseated(),
      stateChanged: () => this.#stateChanged(),
    });
    document.body.dataset["game"] = this.#game;
    element(`tab-${this.#game}`, HTMLAnchorElement).setAttribute("aria-current", "page");
    this.#addBots.addEventListener("click", () => void this.#orderBots());
    addEventListener("pagehide", () => this.#flow.keepSeat());
    this.#exposeForTests();
  }

  run(): void {
    this.#flow.start();
    setInterval(() => this.#flow.connection?.measurePing(), PING_INTERVAL_MS);
    const frame = (): void => {
      this.#frame(performance.now());
      requestAnimationFrame(frame);
    };
    frame();
  }

  #seated(connection: MatchConnection<unknown>): void {
    this.#connection = connection;
    this.#outcome = undefined;
    this.#view.enter(connection, performance.now());
    // Ask at once: a figure that appears after a second looks broken for a second.
    connection.measurePing();
  }

  #stateChanged(): void {
    if (this.#connection === undefined) return;
    this.#view.stateChanged(performance.now());
    this.#outcome = this.#view.outcome(this.#connection);
    if (this.#outcome !== undefined) this.#flow.matchOver();
  }

  #showFlow(): void {
    document.body.dataset["connection"] = this.#flow.state.state;
    this.#addBots.hidden = this.#flow.botsPath === undefined;
  }

  #frame(nowMs: number): void {
    const { state, connection, drainDeadlineAtMs } = this.#flow;
    this.#view.frame(nowMs);
    this.#drawnAtMs = nowMs;
    this.#net.showConnection(state, drainDeadlineAtMs, nowMs);
    this.#notice.update(state, this.#outcome, nowMs);
    const expectedHz = this.#connection?.welcome.tickRateHz ?? 0;
    const isPlaying = connection?.phase === "playing";
    const tick = isPlaying ? this.#view.tick(connection) : undefined;
    const feel = isPlaying ? this.#view.feel(nowMs) : undefined;
    this.#net.update({ tick, expectedHz, pingMs: connection?.pingMs, feel }, nowMs);
  }

  async #orderBots(): Promise<void> {
    const { botsPath } = this.#flow;
    if (botsPath === undefined) return;
    this.#addBots.disabled = true;
    const toast = element("toast", HTMLElement);
    setText(toast, await orderBots(botsPath, this.#game, BOTS_PER_PRESS[this.#game]));
    this.#addBots.disabled = false;
    // Space fires; it should not order more bots.
    this.#addBots.blur();
    setTimeout(() => setText(toast, ""), TOAST_MS);
  }

  #exposeForTests(): void {
    const page = this;
    window.fleetroomDemo = {
      get connectionState() {
        return page.#flow.state.state;
      },
      get seat() {
        return page.#connection?.welcome.seat;
      },
      get ownShip() {
        return page.#view.ownPose;
      },
      get drawnAtMs() {
        return page.#drawnAtMs;
      },
      get others() {
        return page.#view.others;
      },
      get shipsCount() {
        return page.#connection === undefined ? 0 : page.#view.playersCount(page.#connection);
      },
      get ping() {
        return page.#net.pingMs;
      },
      get feel() {
        return page.#view.feel(performance.now());
      },
      get tickRateHz() {
        return page.#net.tickRateHz;
      },
      get phase() {
        const state = page.#flow.connection?.state as { phase?: string } | undefined;
        return state?.phase ?? "";
      },
    };
  }
}

new Page().run();
