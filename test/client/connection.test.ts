import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Client, matchMaker, Room, Server } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { joinMatch, type MatchConnection, resumeMatch } from "../../client/connection.ts";
import { UNREACHABLE } from "../../client/refusal.ts";
import { CloseCode } from "../../protocol/close-codes.ts";
import { COMMAND, DRAINING, WELCOME } from "../../protocol/messages.ts";

const StateReplica = schema({ tick: t.uint32().default(7) }, "ConnectionTest");
type State = InstanceType<typeof StateReplica>;

/** Commands as they arrived, of all clients. */
const received: number[][] = [];
/** Whether the room greets whoever joins. */
let greets = true;

/** The least a host does for a client. */
class GreetingRoom extends Room {
  override autoDispose = false;

  override onCreate(): void {
    this.roomId = "match";
    this.setState(new StateReplica());
    this.onMessageBytes(COMMAND, (_client, bytes: Uint8Array) => received.push([...bytes]));
  }

  override onAuth(_client: Client, options: { playerSessionId?: string }): boolean {
    if (options.playerSessionId === "psess-good") return true;
    throw Object.assign(new Error("refused"), { code: CloseCode.REFUSED });
  }

  override onJoin(client: Client): void {
    if (greets)
      client.send(WELCOME, { game: "test", version: 1, seat: 3, tickRateHz: 30, tick: 8 });
  }

  override async onDrop(client: Client): Promise<void> {
    await this.allowReconnection(client, 5).catch(() => {});
  }

  override onReconnect(client: Client): void {
    this.onJoin(client);
  }
}

let http: HttpServer;
let url = "";

beforeAll(async () => {
  // The SDK reports each attempt to reconnect on the console, for people.
  vi.spyOn(console, "info").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
  http = createServer();
  const server = new Server({ transport: new WebSocketTransport({ server: http }), greet: false });
  server.define("greeting", GreetingRoom);
  await server.listen(0, "127.0.0.1");
  await matchMaker.createRoom("greeting", {});
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterAll(() => {
  http.close();
  http.closeAllConnections();
});

beforeEach(() => {
  greets = true;
  received.length = 0;
});

const room = (): Room => matchMaker.getLocalRoomById("match");

async function joined(listener = {}): Promise<MatchConnection<State>> {
  const outcome = await joinMatch<State>("psess-good", { url, listener });
  if (outcome.state !== "joined") throw new Error(outcome.refusal.text);
  return outcome.connection;
}

/** Ends every socket as a network that fails does: without a close frame. */
function cutSockets(): void {
  for (const client of room().clients) (client.ref as unknown as { terminate(): void }).terminate();
}

describe("connection", () => {
  test("[CL1] is joined once it is welcome and the first state is here", async () => {
    const connection = await joined();
    expect(connection.welcome).toMatchObject({ game: "test", seat: 3, tickRateHz: 30 });
    expect(connection.state.tick).toBe(7);
    expect(connection.phase).toBe("playing");
    await connection.leave();
  });

  test("[CL1] sends commands as raw bytes while playing, and none after", async () => {
    const connection = await joined();
    expect(connection.sendCommand(Uint8Array.of(1, 2, 3))).toBe(true);
    await vi.waitFor(() => expect(received).toEqual([[1, 2, 3]]));
    await connection.leave();
    expect(connection.sendCommand(Uint8Array.of(4))).toBe(false);
  });

  test("[CL2] answers a refused join with the server's code in words", async () => {
    const outcome = await joinMatch("psess-bad", { url });
    expect(outcome).toMatchObject({
      state: "refused",
      refusal: { code: CloseCode.REFUSED, text: "This player session does not admit you." },
    });
  });

  test("[CL2] answers when nobody listens", async () => {
    const outcome = await joinMatch("psess-good", { url: "http://127.0.0.1:1" });
    expect(outcome).toMatchObject({ state: "refused", refusal: { code: UNREACHABLE } });
  });

  test("[CL1] gives up a join that is never welcome, and gives the seat back", async () => {
    greets = false;
    const outcome = await joinMatch("psess-good", { url, timeoutMs: 300 });
    expect(outcome).toMatchObject({ state: "refused", refusal: { code: UNREACHABLE } });
    await vi.waitFor(() => expect(room().clients).toHaveLength(0));
  });

  test("[CL1] measures the round trip", async () => {
    const connection = await joined();
    expect(connection.pingMs).toBeUndefined();
    connection.measurePing();
    await vi.waitFor(() => expect(connection.pingMs).toBeGreaterThanOrEqual(0));
    await connection.leave();
  });

  test("[CL8] comes back into its seat after a drop, young as it is, and says so once", async () => {
    const said: string[] = [];
    const connection = await joined({
      dropped: () => said.push("dropped"),
      reconnected: () => said.push("reconnected"),
      ended: () => said.push("ended"),
    });
    cutSockets();
    await vi.waitFor(() => expect(connection.phase).toBe("reconnecting"));
    expect(connection.sendCommand(Uint8Array.of(1))).toBe(false);
    await vi.waitFor(() => expect(connection.phase).toBe("playing"), { timeout: 5_000 });
    expect(said).toEqual(["dropped", "reconnected"]);
    await connection.leave();
    expect(said).toEqual(["dropped", "reconnected", "ended"]);
  });

  test("[CL8] ends at a drop when it may not come back", async () => {
    const ended = vi.fn();
    const options = { url, mayReconnect: false, listener: { ended } };
    await joinMatch("psess-good", options);
    cutSockets();
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
  });

  test("[CL8] gives a token with which a refreshed page is back in the seat", async () => {
    // A page that was left does not come back for the seat itself.
    const first = await joinMatch<State>("psess-good", { url, mayReconnect: false });
    if (first.state !== "joined") throw new Error(first.refusal.text);
    const seated = room().clients.at(-1)?.sessionId;
    const token = first.connection.reconnectionToken;
    cutSockets();
    await vi.waitFor(() => expect(first.connection.phase).toBe("ended"));
    const second = await resumeMatch<State>(token, { url });
    if (second.state !== "joined") throw new Error(second.refusal.text);
    expect(room().clients.map((client) => client.sessionId)).toContain(seated);
    await second.connection.leave();
  });

  test("[CL2] tells why the server closed the connection, once", async () => {
    const ended = vi.fn();
    await joined({ ended });
    for (const client of room().clients) client.leave(CloseCode.SEAT_TAKEN_OVER);
    await vi.waitFor(() => expect(ended).toHaveBeenCalled());
    expect(ended).toHaveBeenCalledOnce();
    expect(ended.mock.calls[0]?.[0]).toMatchObject({ code: CloseCode.SEAT_TAKEN_OVER });
  });

  test("[CL1] passes on that the server drains", async () => {
    const draining = vi.fn();
    const connection = await joined({ draining });
    room().broadcast(DRAINING, { deadlineMs: 1234 });
    await vi.waitFor(() => expect(draining).toHaveBeenCalledWith({ deadlineMs: 1234 }));
    await connection.leave();
    await connection.leave();
  });
});
