import { expect } from "vitest";
import { Api } from "../../../emulator/api/api.ts";
import { checkInput } from "../../../emulator/api/check-input.ts";
import { operationModel } from "../../../emulator/api/model.ts";
import { QueueWorld } from "../queues/queue-world.ts";
import { uploadTicket } from "./api-world.ts";

/** Members of an output, as a client reads them. */
// biome-ignore lint/suspicious/noExplicitAny: a client's view of any operation's output.
type Output = any;

/** The AWS API over queues and fleets. What it answers is held against the service model. */
export class QueueApiWorld extends QueueWorld {
  readonly api = new Api({
    plane: this.plane,
    queues: this.queues,
    logUrl: () => undefined,
    uploadTicket,
    print: () => {},
  });

  /** What a successful call answers. */
  ok(operation: string, input: unknown = {}): Output {
    const answer = this.api.call(operation, input);
    if (!("output" in answer)) throw new Error(`${answer.error.type}: ${answer.error.message}`);
    const output = JSON.parse(JSON.stringify(answer.output));
    // Unknown members are dropped by the check, so that they show as a difference.
    const shape = operationModel(operation)?.output ?? "";
    expect(checkInput(shape, output)).toEqual({ kind: "valid", input: output });
    return output;
  }

  /** A refused call's type without `Exception`; it must be one of those that the model lists. */
  refusal(operation: string, input: unknown = {}): string {
    const answer = this.api.call(operation, input);
    if (!("error" in answer)) throw new Error(`${operation} was not refused`);
    expect(operationModel(operation)?.errors).toContain(answer.error.type);
    return answer.error.type.replace("Exception", "");
  }
}
