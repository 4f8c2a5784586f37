/**
 * How the port says no: to AWS clients in the form of an AWS error, to others as `{"error": "…"}`.
 * @module
 */
import type { HttpAnswer } from "./http-exchange.ts";

export const AWS_JSON = "application/x-amz-json-1.1";

export function refusal(status: number, error: string): HttpAnswer {
  return {
    status,
    headers: { "Content-Type": "application/json" },
    body: `${JSON.stringify({ error })}\n`,
  };
}

/** @param name - Of the exception, such as `InternalServiceException`. */
export function awsRefusal(
  status: number,
  name: string,
  message: string,
  requestId: string,
): HttpAnswer {
  return {
    status,
    headers: {
      "Content-Type": AWS_JSON,
      "x-amzn-ErrorType": name,
      "x-amzn-RequestId": requestId,
    },
    body: JSON.stringify({ __type: `com.amazonaws.gamelift#${name}`, Message: message }),
  };
}
