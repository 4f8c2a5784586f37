import type { Clock } from "./clock.ts";
import type { CallFaults } from "./faults/call-faults.ts";
import type { HttpHandler } from "./front/http-exchange.ts";
import { awsRefusal } from "./front/refusals.ts";

/** The AWS API with what may go wrong between it and its callers: a call is late, or fails without effect. */
export function faultyCalls(
  api: HttpHandler,
  faults: Pick<CallFaults, "beforeCall">,
  { clock, uuid }: { readonly clock: Clock; readonly uuid: () => string },
): HttpHandler {
  return async (request) => {
    const operation = String(request.headers["x-amz-target"] ?? "").replace("GameLift.", "");
    const { delayMs, failure } = faults.beforeCall(operation);
    if (delayMs > 0) await new Promise<void>((resolve) => clock.after(delayMs, resolve));
    if (failure === undefined) return api(request);
    return awsRefusal(failure.status, failure.type, failure.message, uuid());
  };
}
