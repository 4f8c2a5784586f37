import type { Refusal } from "../plane/outcome.ts";
import { operationModel } from "./model.ts";

/** An answer of the AWS API that is an error. */
export interface ApiError {
  /** Such as `NotFoundException`. */
  readonly type: string;
  readonly message: string;
  /** HTTP. */
  readonly status: number;
}

/** Types that any operation may answer with, beside those that the model lists for it. */
export const SERVICE_WIDE_TYPES = [
  "IncompleteSignatureException",
  "InvalidSignatureException",
  "MissingAuthenticationTokenException",
  "SerializationException",
  "ThrottlingException",
  "UnknownOperationException",
  "UnrecognizedClientException",
  "UnsupportedOperationException",
] as const;

export type ServiceWideType = (typeof SERVICE_WIDE_TYPES)[number];

export function serviceWide(type: ServiceWideType, message: string): ApiError {
  return { type, message, status: 400 };
}

export function invalidRequest(message: string): ApiError {
  return { type: "InvalidRequestException", message, status: 400 };
}

/** What went wrong is for whoever runs the emulator, not for the caller. */
export const INTERNAL_ERROR: ApiError = {
  type: "InternalServiceException",
  message: "The emulator failed. Its output tells more.",
  status: 500,
};

/** A type that the model does not list for the operation is told as InvalidRequestException, in the same words. */
export function errorOf(operation: string, { refusal, message }: Refusal): ApiError {
  const type = `${refusal}Exception`;
  const isListed = operationModel(operation)?.errors.includes(type) === true;
  return isListed ? { type, message, status: 400 } : invalidRequest(message);
}

/** As `__type` spells it. */
export function qualified(type: string): string {
  const isServiceWide = (SERVICE_WIDE_TYPES as readonly string[]).includes(type);
  return `${isServiceWide ? "com.amazon.coral.service" : "com.amazonaws.gamelift"}#${type}`;
}
