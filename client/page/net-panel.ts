/**
 * Connection in words, ping, how many server ticks arrive per second, and what the player feels of it all.
 * @module
 */
import type { Feel } from "../timing/feel-meter.ts";
import { context2d, element, setText } from "./elements.ts";
import type { FlowState } from "./match-flow.ts";

/** One bar per quarter of a second, ten seconds in all. */
const BAR_MS = 250;
const BARS_MAX = 40;
/** The figure is the mean of the last second. */
const BARS_PER_SECOND = 1000 / BAR_MS;
/** A bar that lacks more than this, and one tick that may belong to its neighbour, is coloured. */
const SHORT_SHARE = 0.2;

interface NetReading {
  /** Of the newest news; `undefined` without a connection. */
  readonly tick: number | undefined;
  /** What the server promised; the graph's dashed line. */
  readonly expectedHz: number;
  readonly pingMs: number | undefined;
  readonly feel: Feel | undefined;
}

export class NetPanel {
  readonly #words = element("connection-words", HTMLElement);
  readonly #ping = element("ping", HTMLElement);
  readonly #rate = element("tick-rate", HTMLElement);
  readonly #feel = element("net-feel", HTMLElement);
  readonly #jitter = element("jitter", HTMLElement);
  readonly #delay = element("delay", HTMLElement);
  readonly #corrections = element("corrections", HTMLElement);
  readonly #graph = context2d(element("tick-graph", HTMLCanvasElement));
  #bars: number[] = [];
  #barStartedAtMs = 0;
  #barTick: number | undefined;
  #tickRateHz = 0;
  #pingMs: number | undefined;

  /** Ticks per second as they arrived in the last second; 0 when none did. */
  get tickRateHz(): number {
    return this.#tickRateHz;
  }

  get pingMs(): number | undefined {
    return this.#pingMs;
  }

  /** Says how the connection is, in a few words. */
  showConnection(flow: FlowState, drainDeadlineAtMs: number | undefined, nowMs: number): void {
    const secondsLeft = Math.ceil(((drainDeadlineAtMs ?? nowMs) - nowMs) / 1000);
    const isDraining = drainDeadlineAtMs !== undefined && flow.state === "playing";
    setText(
      this.#words,
      isDraining ? `Server stops in ${Math.max(0, secondsLeft)} s` : WORDS[flow.state],
    );
  }

  /** Counts what arrived; call once per frame. */
  update({ tick, expectedHz, pingMs, feel }: NetReading, nowMs: number): void {
    if (nowMs - this.#barStartedAtMs < BAR_MS) return;
    const seconds = (nowMs - this.#barStartedAtMs) / 1000;
    const isContinued = tick !== undefined && this.#barTick !== undefined && tick >= this.#barTick;
    this.#bars.push(isContinued ? (tick - (this.#barTick ?? tick)) / seconds : 0);
    this.#bars = this.#bars.slice(-BARS_MAX);
    this.#barTick = tick;
    this.#barStartedAtMs = nowMs;
    const last = this.#bars.slice(-BARS_PER_SECOND);
    this.#tickRateHz = last.reduce((sum, bar) => sum + bar, 0) / last.length;
    this.#pingMs = tick === undefined ? undefined : pingMs;
    setText(this.#rate, `${Math.round(this.#tickRateHz)} ticks/s`);
    setText(this.#ping, `${shown(this.#pingMs)} ms`);
    this.#showFeel(feel);
    this.#draw(expectedHz);
  }

  #showFeel(feel: Feel | undefined): void {
    this.#feel.hidden = feel === undefined;
    if (feel === undefined) return;
    const { jitterMs, interpolationDelayMs, correctionMetresP50, correctionMetresP99 } = feel;
    setText(this.#jitter, `± ${shown(jitterMs)} ms`);
    setText(this.#delay, `${shown(interpolationDelayMs)} ms`);
    const [middle, most] = [correctionMetresP50, correctionMetresP99].map(centimetres);
    setText(this.#corrections, `${middle} / ${most} cm`);
  }

  #draw(expectedHz: number): void {
    const context = this.#graph;
    const { width, height } = context.canvas;
    const top = Math.max(expectedHz, 10) * 1.4;
    context.clearRect(0, 0, width, height);
    const step = width / BARS_MAX;
    this.#bars.forEach((bar, index) => {
      const size = Math.min(1, bar / top) * height;
      const isShort = bar < expectedHz * (1 - SHORT_SHARE) - BARS_PER_SECOND;
      context.fillStyle = isShort ? "#ffcf6b" : "#5ee7ff";
      const x = (BARS_MAX - this.#bars.length + index) * step;
      context.fillRect(x, height - size, step - 1, Math.max(1, size));
    });
    context.setLineDash([3, 3]);
    context.strokeStyle = "rgb(230 236 255 / 35%)";
    context.beginPath();
    context.moveTo(0, height - (expectedHz / top) * height);
    context.lineTo(width, height - (expectedHz / top) * height);
    context.stroke();
  }
}

const WORDS: Readonly<Record<FlowState["state"], string>> = {
  joining: "Joining…",
  playing: "Connected",
  reconnecting: "Connection lost, coming back…",
  refused: "Join refused",
  left: "Not connected",
  over: "Match over",
};

function shown(figure: number | undefined): string {
  return figure === undefined ? "–" : String(Math.round(figure));
}

function centimetres(metres: number | undefined): string {
  return shown(metres === undefined ? undefined : metres * 100);
}
