/**
 * The AWS API of Amazon GameLift over a control plane, as SDKs and the AWS CLI speak it: awsJson1.1.
 * @module
 */
import type { HttpAnswer, HttpRequest } from "../front/http-exchange.ts";
import { isRefused, type Outcome } from "../plane/outcome.ts";
import {
  type ApiError,
  errorOf,
  INTERNAL_ERROR,
  invalidRequest,
  qualified,
  serviceWide,
} from "./api-error.ts";
import { CallQuotas } from "./call-quotas.ts";
import { cborRefusal } from "./cbor-refusal.ts";
import { checkInput } from "./check-input.ts";
import { isOperation, operationModel } from "./model.ts";
import type { ApiContext, Members } from "./operation.ts";
import { createAlias } from "./operations/aliases.ts";
import { createFleet, type FleetExtras } from "./operations/fleets.ts";
import { operationNamed } from "./operations.ts";
import { Pages } from "./pages.ts";
import { type Credentials, signatureFault } from "./signature.ts";

export interface ApiOptions extends Omit<ApiContext, "pages"> {
  /** Requests must be signed with these; any signature or none will do unless given. */
  readonly credentials?: Credentials;
  /** Whether the account's request quotas hold. @defaultValue true */
  readonly hasQuotas?: boolean;
  /** Takes a line about a fault of the emulator's own. */
  readonly print: (line: string) => void;
}

export type ApiAnswer =
  /** Members that are `undefined` are left out on the wire. */
  { readonly output: Members } | { readonly error: ApiError };

type Run = (input: Members) => Outcome<Members>;

const CONTENT_TYPE = "application/x-amz-json-1.1";
const TARGET = /^GameLift\.([A-Za-z0-9]+)$/;

export class Api {
  readonly #options: ApiOptions;
  readonly #context: ApiContext;
  readonly #quotas: CallQuotas;

  constructor(options: ApiOptions) {
    const { plane, queues, logUrl, uploadTicket } = options;
    this.#options = options;
    this.#context = { plane, queues, logUrl, uploadTicket, pages: new Pages(plane.uuid()) };
    this.#quotas = new CallQuotas(plane.clock);
  }

  /** One request as it came in; its whole answer, errors included. */
  handle(request: HttpRequest): HttpAnswer {
    const refusal = cborRefusal(request);
    if (refusal !== undefined) return refusal;
    const answer = this.#answer(request);
    const headers = {
      "content-type": CONTENT_TYPE,
      "x-amzn-requestid": this.#context.plane.uuid(),
    };
    if ("output" in answer) return { status: 200, headers, body: JSON.stringify(answer.output) };
    const { type, message, status } = answer.error;
    return {
      status,
      headers: { ...headers, "x-amzn-errortype": type },
      body: JSON.stringify({ __type: qualified(type), Message: message }),
    };
  }

  /** One operation in process: checked as a request is, but without signature and quotas. */
  call(operation: string, input: unknown): ApiAnswer {
    const run = operationNamed(operation);
    if (run === undefined) return { error: absent(operation) };
    return this.#run(operation, input, (checked) => run(checked, this.#context));
  }

  /** CreateFleet for the emulator's own configuration: an EC2 fleet too, which starts programs. */
  createFleet(input: unknown, extras: FleetExtras = {}): ApiAnswer {
    const wrong = wrongId("FleetAttributes", { FleetId: extras.fleetId });
    if (wrong !== undefined) return { error: wrong };
    return this.#run("CreateFleet", input, (checked) =>
      createFleet(checked, this.#context, extras),
    );
  }

  /** CreateAlias for the emulator's own configuration, which may choose the id. */
  createAlias(input: unknown, aliasId?: string): ApiAnswer {
    const wrong = wrongId("Alias", { AliasId: aliasId });
    if (wrong !== undefined) return { error: wrong };
    return this.#run("CreateAlias", input, (checked) =>
      createAlias(checked, this.#context, aliasId),
    );
  }

  #answer(request: HttpRequest): ApiAnswer {
    const { credentials, hasQuotas = true } = this.#options;
    const { region, clock } = this.#context.plane;
    const fault = credentials && signatureFault(request, { credentials, region, clock });
    if (fault !== undefined) return { error: fault };
    const [, operation] = TARGET.exec(String(request.headers["x-amz-target"])) ?? [];
    if (request.headers["content-type"] !== CONTENT_TYPE || operation === undefined) {
      const message = `A call is a POST with Content-Type: ${CONTENT_TYPE} and X-Amz-Target: GameLift.OPERATION`;
      return { error: serviceWide("UnknownOperationException", message) };
    }
    if (operationNamed(operation) === undefined) return { error: absent(operation) };
    const exceeded = hasQuotas ? this.#quotas.exceeded(operation) : undefined;
    if (exceeded !== undefined) return { error: serviceWide("ThrottlingException", exceeded) };
    const input = parsed(request.body);
    return input === undefined
      ? { error: serviceWide("SerializationException", "The request body is no JSON") }
      : this.call(operation, input);
  }

  #run(operation: string, input: unknown, run: Run): ApiAnswer {
    const shape = operationModel(operation)?.input ?? "";
    const checked = checkInput(shape, input);
    if (checked.kind === "unreadable") {
      return { error: serviceWide("SerializationException", checked.message) };
    }
    if (checked.kind === "invalid") return { error: invalidRequest(checked.message) };
    try {
      const outcome = run(checked.input);
      return isRefused(outcome)
        ? { error: errorOf(operation, outcome) }
        : { output: outcome.value };
    } catch (error) {
      this.#options.print(`${operation} failed: ${error instanceof Error ? error.stack : error}`);
      return { error: INTERNAL_ERROR };
    }
  }
}

function absent(operation: string): ApiError {
  return isOperation(operation)
    ? serviceWide(
        "UnsupportedOperationException",
        `${operation} is not emulated. docs/EMULATOR-API.md lists what is.`,
      )
    : serviceWide("UnknownOperationException", `GameLift has no operation ${operation}`);
}

/** @param shape - One that has the id, as answers have it. */
function wrongId(shape: string, id: Members): ApiError | undefined {
  const checked = checkInput(shape, id);
  return checked.kind === "valid" ? undefined : invalidRequest(checked.message);
}

/** No body at all is an empty input. @returns Nothing for what is no JSON. */
function parsed(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
