/**
 * The page of a project's own rooms: what there is, how to join it, and a seat to look through.
 * @module
 */
import { Client, type Room } from "@colyseus/sdk";
import { refusalOf } from "../../refusal.ts";
import { element, setText } from "../elements.ts";
import { askSurroundings } from "../servers.ts";
import { payloadOf } from "./payload.ts";

/** What is longer is cut: the page is to look through, not to keep. */
const STATE_CHARACTERS_MAX = 20_000;
const MESSAGES_MAX = 50;
const MESSAGE_CHARACTERS_MAX = 500;
/** The lobby starts after the page, and again when the rooms have changed. */
const ASK_PAUSE_MS = 1_000;

interface Game {
  readonly name: string;
  readonly kind: "simulation" | "room";
  readonly seatsMax: number;
}

class ProjectPage {
  #lobbyUrl = "";
  #room: Room | undefined;
  #messages: string[] = [];

  async run(): Promise<void> {
    const games = (await (await fetch("/games.json")).json()) as Game[];
    element("games", HTMLUListElement).append(...games.map((game) => this.#row(game)));
    element("leave", HTMLButtonElement).addEventListener("click", () => void this.#leave());
    element("message", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    await this.#followLobby(games[0]?.name ?? "my_room");
  }

  async #followLobby(game: string): Promise<void> {
    for (;;) {
      const lobbyUrl = (await askSurroundings())?.lobbyUrl ?? "";
      if (lobbyUrl !== this.#lobbyUrl) {
        this.#lobbyUrl = lobbyUrl;
        setText(element("lobby", HTMLElement), lobbyUrl === "" ? "starting…" : `lobby ${lobbyUrl}`);
        setText(element("stock", HTMLElement), stockText(lobbyUrl, game));
        setText(element("one-step", HTMLElement), oneStepText(lobbyUrl, game));
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_PAUSE_MS));
    }
  }

  #row({ name, kind, seatsMax }: Game): HTMLLIElement {
    const row = document.createElement("li");
    const [title, words, button] = ["b", "span", "button"].map((tag) =>
      document.createElement(tag),
    );
    if (title === undefined || words === undefined || button === undefined) return row;
    title.textContent = name;
    words.textContent = `${kind === "room" ? "Colyseus room" : "Simulation"}, up to ${seatsMax} players`;
    button.textContent = "Join";
    button.addEventListener("click", () => void this.#join(name));
    row.append(title, words, button);
    return row;
  }

  async #join(game: string): Promise<void> {
    await this.#leave();
    this.#messages = [];
    element("seat", HTMLElement).hidden = false;
    setText(element("seat-title", HTMLElement), game);
    this.#say("Joining…");
    this.#show();
    try {
      // The stock client, for it joins whatever the rooms module has.
      const room: Room = await new Client(this.#lobbyUrl).joinOrCreate(game);
      this.#seated(room);
    } catch (error) {
      const { text, advice } = refusalOf((error as { code?: unknown }).code);
      this.#say(`${text} ${advice}`);
    }
  }

  #seated(room: Room): void {
    this.#room = room;
    this.#say("Playing. A changed source of the rooms ends the match; join the next one.");
    room.onMessage("*", (type: string | number, value: unknown) =>
      this.#heard(String(type), value),
    );
    room.onStateChange(() => this.#show());
    room.onLeave((code) => {
      if (this.#room !== room) return;
      this.#room = undefined;
      const { text, advice } = refusalOf(code);
      this.#say(`${text} ${advice}`);
    });
    this.#show();
  }

  #heard(type: string, value: unknown): void {
    const line = `${type} ${JSON.stringify(value) ?? ""}`.slice(0, MESSAGE_CHARACTERS_MAX);
    this.#messages = [line, ...this.#messages].slice(0, MESSAGES_MAX);
    setText(element("messages", HTMLElement), this.#messages.join("\n"));
  }

  #send(): void {
    const type = element("message-type", HTMLInputElement).value;
    const payload = payloadOf(element("message-value", HTMLInputElement).value);
    if (payload === undefined) {
      this.#say("The message is neither JSON nor bytes: 0x01ff");
      return;
    }
    if (payload instanceof Uint8Array) this.#room?.sendBytes(type, payload);
    else this.#room?.send(type, payload.json);
  }

  #show(): void {
    const state: unknown = this.#room?.state;
    const text = state === undefined ? "" : JSON.stringify(state, null, 1);
    setText(element("state", HTMLElement), text.slice(0, STATE_CHARACTERS_MAX));
    setText(element("messages", HTMLElement), this.#messages.join("\n"));
  }

  #say(words: string): void {
    setText(element("seat-words", HTMLElement), words);
  }

  async #leave(): Promise<void> {
    const room = this.#room;
    this.#room = undefined;
    await room?.leave();
    this.#say("You left.");
  }
}

function stockText(lobbyUrl: string, game: string): string {
  return [
    'import { Client } from "@colyseus/sdk";',
    `const room = await new Client("${lobbyUrl}").joinOrCreate("${game}");`,
  ].join("\n");
}

function oneStepText(lobbyUrl: string, game: string): string {
  return [
    'import { askLobby, joinMatch } from "fleetroom/client";',
    `const asked = await askLobby("${lobbyUrl}", { game: "${game}" });`,
    'if (asked.state === "seated") {',
    "  const { playerSessionId, url } = asked.seat;",
    "  const joined = await joinMatch(playerSessionId, { url });",
    "}",
  ].join("\n");
}

void new ProjectPage().run();
