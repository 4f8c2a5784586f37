import { type Client, Room } from "@colyseus/core";
import { type SchemaType, schema, t } from "@colyseus/schema";

/** Longest line, in characters. */
const LINE_CHARS_MAX = 200;
/** Lines that newcomers see. */
const LINES_KEPT = 50;

const Line = schema({ from: t.string().default(""), text: t.string().default("") }, "Line");

const ChatState = schema(
  {
    topic: t.string().default(""),
    /** Player ids of who is here, by session id. */
    people: t.map("string"),
    lines: t.array(Line),
  },
  "ChatState",
);
type ChatState = SchemaType<typeof ChatState>;

type ChatClient = Client<{ auth: { playerId: string } }>;

/** A stock Colyseus room, as a project brings it: its own patch rate, its own rules for coming back. */
export class ChatRoom extends Room<{ state: ChatState; client: ChatClient }> {
  override state = new ChatState();
  override maxClients = 16;
  override patchRate = 100;

  override onCreate(options: { gameProperties?: Record<string, string> }): void {
    this.state.topic = options.gameProperties?.["topic"] ?? "anything";
    this.onMessage("say", (client: ChatClient, text: unknown) => this.#say(client, text));
  }

  override onJoin(client: ChatClient): void {
    this.state.people.set(client.sessionId, client.auth?.playerId ?? "");
  }

  override onDrop(client: ChatClient): void {
    Promise.resolve(this.allowReconnection(client, 20)).catch(() => {});
  }

  override onLeave(client: ChatClient): void {
    this.state.people.delete(client.sessionId);
  }

  #say(client: ChatClient, text: unknown): void {
    if (typeof text !== "string" || text.trim() === "") return;
    const line = new Line();
    line.from = client.auth?.playerId ?? "";
    line.text = text.slice(0, LINE_CHARS_MAX);
    this.state.lines.push(line);
    if (this.state.lines.length > LINES_KEPT) this.state.lines.shift();
  }
}
