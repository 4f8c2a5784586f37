/**
 * The card in the middle of the screen: what happened, in words, and what to do.
 * @module
 */
import { CloseCode } from "../../protocol/close-codes.ts";
import type { Refusal } from "../refusal.ts";
import { element, setText } from "./elements.ts";
import type { FlowState } from "./match-flow.ts";

/** Nothing is shown for less than this, so that a quick join does not flash. */
const PATIENCE_MS = 400;

/** How a match that is over went for this player, and how to list the scores. */
export interface Outcome {
  readonly title: string;
  /** Fills the list below the title; nothing to list when left out. */
  fillRows?(list: Element): void;
}

interface Card {
  readonly title: string;
  readonly text: string;
  readonly advice?: string;
  /** Absent for states that pass by themselves. */
  readonly button?: string;
  readonly isBusy?: boolean;
}

export class Notice {
  readonly #root = element("notice", HTMLElement);
  readonly #title = element("notice-title", HTMLElement);
  readonly #text = element("notice-text", HTMLElement);
  readonly #advice = element("notice-advice", HTMLElement);
  readonly #rows = element("notice-rows", HTMLElement);
  readonly #button = element("notice-button", HTMLButtonElement);
  readonly #spinner = element("notice-spinner", HTMLElement);
  #sinceMs = 0;
  #shownState = "";

  /** @param pressed - The player wants to (re)join now. */
  constructor(pressed: () => void) {
    this.#button.addEventListener("click", pressed);
  }

  update(flow: FlowState, outcome: Outcome | undefined, nowMs: number): void {
    if (flow.state !== this.#shownState) {
      this.#shownState = flow.state;
      this.#sinceMs = nowMs;
    }
    const card = cardFor(flow, outcome, nowMs);
    const isTooEarly = card?.isBusy === true && nowMs - this.#sinceMs < PATIENCE_MS;
    this.#root.hidden = card === undefined || isTooEarly;
    if (card === undefined) return;
    setText(this.#title, card.title);
    setText(this.#text, card.text);
    setText(this.#advice, card.advice ?? "");
    this.#advice.hidden = card.advice === undefined;
    this.#spinner.hidden = card.isBusy !== true;
    this.#button.hidden = card.button === undefined;
    setText(this.#button, card.button ?? "");
    const fillRows = flow.state === "over" ? outcome?.fillRows : undefined;
    this.#rows.hidden = fillRows === undefined;
    fillRows?.(this.#rows);
  }
}

function cardFor(flow: FlowState, outcome: Outcome | undefined, nowMs: number): Card | undefined {
  switch (flow.state) {
    case "playing":
      return undefined;
    case "joining":
      return { title: "Joining", text: "Asking the lobby for a seat.", isBusy: true };
    case "reconnecting":
      return {
        title: "Connection lost",
        text: "Your seat is kept for a while. Trying to come back.",
        advice: `${Math.floor((nowMs - flow.sinceMs) / 1000)} s so far`,
        isBusy: true,
      };
    case "over":
      return overCard(flow, outcome, nowMs);
    case "refused":
      return {
        title: "You could not join",
        text: flow.refusal.text,
        advice: flow.refusal.advice,
        button: "Try again",
      };
    case "left":
      return {
        title: "You are out of the match",
        text: flow.refusal.text,
        advice: flow.refusal.advice,
        button: "Join again",
      };
  }
}

/** Without an outcome the match did not end by its own rules. */
function titleOf(refusal: Refusal): string {
  return refusal.code === CloseCode.MATCH_OVER ? "Match over" : "The match was interrupted";
}

function overCard(
  flow: FlowState & { state: "over" },
  outcome: Outcome | undefined,
  nowMs: number,
): Card {
  const seconds = Math.ceil((flow.rejoinAtMs - nowMs) / 1000);
  const next = seconds > 0 ? `Next match in ${seconds} s` : "The next match is about to open";
  return {
    title: outcome?.title ?? titleOf(flow.refusal),
    text: outcome === undefined ? flow.refusal.text : next,
    ...(outcome === undefined ? { advice: next } : {}),
    ...(flow.isSeated ? {} : { button: "Join now" }),
  };
}
