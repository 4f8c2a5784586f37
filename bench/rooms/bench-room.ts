import { type Client, Room } from "@colyseus/core";
import { type SchemaType, schema, t } from "@colyseus/schema";

/** Bytes of each message that a step sends beside its patch. */
const MESSAGE_BYTES = 100;
const STEP_MS = 50;

const Player = schema(
  {
    name: t.string().default(""),
    profile: t.string().default(""),
    x: t.float32().default(0),
    y: t.float32().default(0),
    vx: t.float32().default(0),
    vy: t.float32().default(0),
    angle: t.uint16().default(0),
  },
  "Player",
);

const BenchState = schema({ tick: t.uint32().default(0), players: t.map(Player) }, "BenchState");
type BenchState = SchemaType<typeof BenchState>;

type BenchClient = Client<{ auth: { playerId: string } }>;

/**
 * The room that both servers host, so that what is compared is the server around it. It stands still until a client says
 * `run`; then each step moves every player, sends so many messages and the patch, all in one go.
 */
export class BenchRoom extends Room<{ state: BenchState; client: BenchClient }> {
  override state = new BenchState();
  override autoDispose = false;
  readonly #message = new Uint8Array(MESSAGE_BYTES);
  #hasPlayers = true;
  #profile = "";
  #isRunning = false;
  #messagesPerStep = 0;
  #commands = 0;

  /**
   * Everything is a text, as game properties are: `seats`, `patchMs` (`0`: by the steps alone), `profileChars` (`none`:
   * who joins watches, and is no part of the state).
   */
  override onCreate(options: { gameProperties?: Record<string, string> }): void {
    const { seats, patchMs, profileChars } = options.gameProperties ?? {};
    this.maxClients = Number(seats);
    this.#hasPlayers = profileChars !== "none";
    this.#profile = "p".repeat(this.#hasPlayers ? Number(profileChars) : 0);
    this.onMessageBytes("run", (client: BenchClient, words: Uint8Array) =>
      this.#run(client, words),
    );
    this.onMessageBytes("c", (_client: BenchClient, command: Uint8Array) => {
      const view = new DataView(command.buffer, command.byteOffset, command.byteLength);
      if (view.getUint32(0, true) > 0 && Number.isFinite(view.getFloat32(5, true)))
        this.#commands++;
    });
    this.setTimestep(() => this.#step(), STEP_MS);
    // Only now: without steps Colyseus would tick its clock 60 times a second for a rate of 0.
    this.patchRate = Number(patchMs);
  }

  override onJoin(client: BenchClient): void {
    if (!this.#hasPlayers) return;
    const player = new Player();
    player.name = client.auth?.playerId ?? "";
    player.profile = this.#profile;
    player.x = this.state.players.size;
    player.vx = 1;
    player.vy = 0.5;
    this.state.players.set(player.name, player);
  }

  override onLeave(client: BenchClient): void {
    this.state.players.delete(client.auth?.playerId ?? "");
  }

  /** `u8 runs | u8 messages per step`. The end is answered with what happened in between: `u32 ticks | u32 commands`. */
  #run(client: BenchClient, words: Uint8Array): void {
    this.#isRunning = words[0] === 1;
    this.#messagesPerStep = words[1] ?? 0;
    if (this.#isRunning) return;
    const answer = new DataView(new ArrayBuffer(8));
    answer.setUint32(0, this.state.tick, true);
    answer.setUint32(4, this.#commands, true);
    client.sendBytes("n", new Uint8Array(answer.buffer));
  }

  #step(): void {
    if (!this.#isRunning) return;
    this.state.tick++;
    for (const player of this.state.players.values()) {
      player.x += player.vx;
      player.y += player.vy;
    }
    for (let sent = 0; sent < this.#messagesPerStep; sent++) {
      this.broadcastBytes("m", this.#message, {});
    }
    this.broadcastPatch();
  }
}
