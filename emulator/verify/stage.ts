import type { UpdateReason } from "../plane/links.ts";
import type { Reading } from "./reading.ts";
import type { Recorder } from "./recorder.ts";
import type { Role } from "./trace.ts";

/** One client that was started. */
export interface Client {
  readonly number: number;
  readonly role: Role;
  readonly playerSessionId: string;
}

/**
 * What the script of a life acts on: one server process, the service it speaks to, and clients. Everything that is done
 * and seen is written to the recorder.
 */
export interface Stage {
  readonly recorder: Recorder;
  /** Of the trace so far. */
  readonly reading: Reading;
  startServer(): void;
  /** Finds out how the server listens on a port. */
  probe(port: number): Promise<void>;
  /** @returns Whether there was a process to give it to. */
  createGameSession(): boolean;
  /** @returns A player session id; `undefined` when the service refuses. */
  reserve(): string | undefined;
  /** @returns One that is TIMEDOUT. */
  expired(): string | undefined;
  /** @returns One that nobody made. */
  unknown(): string;
  /** @returns One of a game session that another process hosts. */
  foreign(): string | undefined;
  updateGameSession(reason: UpdateReason): void;
  /** Cuts the server's connections to the service, without a close frame. */
  cutLink(): void;
  refreshConnection(): void;
  /** Requests of an action have their effect at once and are answered so much later; 0 ends that. */
  holdAnswers(action: string, delayMs: number): void;
  closeWith1001(): void;
  terminateProcess(): void;
  startClient(role: Role, playerSessionId: string): Client;
  /** Tells a client to leave, and kills it when it does not. Settles when it is gone. */
  dismiss(client: Client): Promise<void>;
  /** Kills the server, if it runs, and every client. Settles when they are gone. */
  end(): Promise<void>;
}
