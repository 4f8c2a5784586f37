import { expect } from "vitest";
import { Api, type ApiAnswer, type ApiOptions } from "../../../emulator/api/api.ts";
import { type ApiError, SERVICE_WIDE_TYPES } from "../../../emulator/api/api-error.ts";
import { checkInput } from "../../../emulator/api/check-input.ts";
import { operationModel } from "../../../emulator/api/model.ts";
import type { HttpRequest } from "../../../emulator/front/http-exchange.ts";
import { Queues } from "../../../emulator/queues/queues.ts";
import { PlaneWorld } from "../plane/plane-world.ts";

/** Members of an output, as a client reads them. */
// biome-ignore lint/suspicious/noExplicitAny: a client's view of any operation's output.
export type Output = any;

/** Keys for an upload that nobody makes. */
export const uploadTicket = (buildId: string) => ({
  bucket: "uploads",
  key: `${buildId}.zip`,
  accessKeyId: "ASIAEXAMPLE",
  secretAccessKey: "secret",
  sessionToken: "token",
});

/** The API over a control plane with a fleet of each kind. Whatever it answers is held against the service model. */
export class ApiWorld extends PlaneWorld {
  readonly queues = new Queues({ plane: this.plane, events: { deliver: () => {} } });
  readonly printed: string[] = [];
  /** Where logs are, by game session. */
  readonly logUrls = new Map<string, string>();
  readonly api: Api;

  constructor(
    options: Partial<ApiOptions> & { fleets?: ConstructorParameters<typeof PlaneWorld>[0] } = {},
  ) {
    super(options.fleets);
    this.api = new Api({
      plane: this.plane,
      queues: this.queues,
      logUrl: (id) => this.logUrls.get(id),
      uploadTicket,
      print: (line) => this.printed.push(line),
      ...options,
    });
  }

  /** What a successful call answers. */
  ok(operation: string, input: unknown = {}): Output {
    return outputOf(operation, this.api.call(operation, input));
  }

  /** What a refused call answers. */
  error(operation: string, input: unknown = {}): ApiError {
    return errorIn(operation, this.api.call(operation, input));
  }

  /** A refused call's type without `Exception`. */
  refusal(operation: string, input: unknown = {}): string {
    return this.error(operation, input).type.replace("Exception", "");
  }

  /** Game session ids of an Anywhere fleet's ACTIVE game sessions, as many as asked for, a second apart. */
  hostingMany(count: number, maximum = 4): readonly string[] {
    return Array.from({ length: count }, (_, index) => {
      this.clock.advance(1_000);
      return this.hosting(`many-${index}`, { maximum }).session.gameSessionId;
    });
  }
}

/** @throws Error when it was refused; fails the test when it is not what the model says. */
export function outputOf(operation: string, answer: ApiAnswer): Output {
  if (!("output" in answer)) throw new Error(`${answer.error.type}: ${answer.error.message}`);
  const output = JSON.parse(JSON.stringify(answer.output)) as Output;
  const shape = operationModel(operation)?.output;
  if (shape === undefined) expect(output).toEqual({});
  else {
    // The model has a least length for some lists that the service answers empty all the same.
    const full = Object.entries(output).filter(([, value]) => !isEmptyList(value));
    const input = Object.fromEntries(full);
    // Unknown members are dropped by the check, so that they show as a difference.
    expect(checkInput(shape, input)).toEqual({ kind: "valid", input });
  }
  return output;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** @throws Error when it was not refused; fails the test when the model does not list its type. */
export function errorIn(operation: string, answer: ApiAnswer): ApiError {
  if ("output" in answer) throw new Error(`${operation} was not refused`);
  const listed = operationModel(operation)?.errors ?? [];
  expect([...listed, ...SERVICE_WIDE_TYPES]).toContain(answer.error.type);
  expect(answer.error.message).not.toBe("");
  return answer.error;
}

/** A call as it comes over the wire, unsigned. */
export function request(operation: string, input: unknown = {}): HttpRequest {
  return {
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: {
      host: "127.0.0.1:9080",
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `GameLift.${operation}`,
    },
    body: Buffer.from(typeof input === "string" ? input : JSON.stringify(input)),
  };
}
