/** How Amazon S3 says no. */
import type { HttpAnswer } from "../front/http-exchange.ts";

const STATUSES = {
  AccessDenied: 403,
  BadDigest: 400,
  EntityTooLarge: 400,
  ExpiredToken: 400,
  IncompleteBody: 400,
  InvalidAccessKeyId: 403,
  InvalidRequest: 400,
  MissingContentLength: 411,
  NoSuchKey: 404,
  NotImplemented: 501,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
  XAmzContentSHA256Mismatch: 400,
} as const;

export interface S3Fault {
  readonly code: keyof typeof STATUSES;
  readonly message: string;
}

export function s3Fault(code: S3Fault["code"], message: string): S3Fault {
  return { code, message };
}

export function s3Answer(
  { code, message }: S3Fault,
  resource: string,
  requestId: string,
): HttpAnswer {
  const members = { Code: code, Message: message, Resource: resource, RequestId: requestId };
  const text = Object.entries(members).map(
    ([name, value]) => `<${name}>${escaped(value)}</${name}>`,
  );
  return {
    status: STATUSES[code],
    headers: { "Content-Type": "application/xml", "x-amz-request-id": requestId },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${text.join("")}</Error>`,
  };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
