/**
 * Where the zips of builds are put: one bucket that takes `PUT` as Amazon S3 does, with the keys of an upload ticket.
 * @module
 */
import { createHash, randomBytes, randomInt } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import path from "node:path";
import { crc32 } from "node:zlib";
import type { UploadTicket } from "../api/operation.ts";
import { signatureFault } from "../api/signature.ts";
import type { HttpAnswer, StreamedRequest } from "../front/http-exchange.ts";
import { keepNewest } from "../plane/context.ts";
import type { ControlPlane } from "../plane/control-plane.ts";
import { isRefused } from "../plane/outcome.ts";
import { BUILD_LIMITS } from "./limits.ts";
import { type S3Fault, s3Answer, s3Fault } from "./s3-answers.ts";
import { readZip } from "./zip.ts";

/** As the path has it; the front leads here what is under it. */
export const UPLOAD_BUCKET = "fleetroom-builds";

export interface UploadsDeps {
  readonly plane: ControlPlane;
  /** Of the zips. */
  readonly folder: string;
  readonly print: (line: string) => void;
}

interface Ticket extends UploadTicket {
  readonly buildId: string;
  readonly expiresAtMs: number;
}

/** What came, in its three checksums. */
interface Received {
  readonly bytes: number;
  readonly sha256Hex: string;
  readonly md5: string;
  readonly crc32: string;
}

export class Uploads {
  readonly #deps: UploadsDeps;
  /** By access key id, oldest first. */
  readonly #tickets = new Map<string, Ticket>();
  /** Bytes of the zips that are kept, by build. */
  readonly #zips = new Map<string, number>();
  readonly #underWay = new Set<string>();
  readonly #stopListening: () => void;

  constructor(deps: UploadsDeps) {
    this.#deps = deps;
    this.#stopListening = deps.plane.happenings.listen(({ kind, detail = "" }) => {
      if (kind === "build-deleted") this.#remove(detail);
    });
  }

  ticket(buildId: string): UploadTicket {
    const { plane } = this.#deps;
    const ticket = {
      buildId,
      bucket: UPLOAD_BUCKET,
      key: `${plane.accountId}/${buildId}.zip`,
      accessKeyId: `ASIA${letters(16)}`,
      secretAccessKey: randomBytes(30).toString("base64url"),
      sessionToken: randomBytes(96).toString("base64url"),
      expiresAtMs: plane.clock.wallMs() + BUILD_LIMITS.ticketMs,
    };
    this.#tickets.set(ticket.accessKeyId, ticket);
    keepNewest(this.#tickets, BUILD_LIMITS.ticketsMax);
    const { buildId: _, expiresAtMs: __, ...told } = ticket;
    return told;
  }

  /** The zip of a build that is READY. */
  zipOf(buildId: string): string | undefined {
    return this.#zips.has(buildId) ? this.#fileOf(buildId) : undefined;
  }

  /** `PUT /fleetroom-builds/KEY`. */
  async handle(request: StreamedRequest): Promise<HttpAnswer> {
    const { plane } = this.#deps;
    const requestId = plane.uuid();
    const taken = await this.#take(request);
    if ("code" in taken) return s3Answer(taken, request.path, requestId);
    return {
      status: 200,
      headers: {
        "x-amz-request-id": requestId,
        ETag: `"${Buffer.from(taken.md5, "base64").toString("hex")}"`,
      },
    };
  }

  /** Removes what this run has kept. */
  close(): void {
    this.#stopListening();
    for (const buildId of [...this.#zips.keys()]) this.#remove(buildId);
  }

  async #take(request: StreamedRequest): Promise<Received | S3Fault> {
    const ticket = this.#ticketOf(request);
    if ("code" in ticket) return ticket;
    const { buildId } = ticket;
    const announced = announcedBytes(request);
    if (typeof announced !== "number") return announced;
    const build = this.#deps.plane.builds.find(buildId);
    if (build === undefined) return s3Fault("NoSuchKey", `Build ${buildId} was deleted`);
    if (build.status !== "INITIALIZED") {
      return s3Fault("InvalidRequest", `The zip of build ${buildId} has come already`);
    }
    if (this.#underWay.has(buildId)) {
      // Perhaps of a sender who has gone, which was not heard yet: clients try again.
      return s3Fault("SlowDown", `A zip of build ${buildId} is under way; try again when it ended`);
    }
    if (this.#underWay.size >= BUILD_LIMITS.uploadsAtOnceMax) {
      return s3Fault("SlowDown", `${BUILD_LIMITS.uploadsAtOnceMax} uploads are under way`);
    }
    const keptBytes = [...this.#zips.values()].reduce((sum, each) => sum + each, 0);
    if (keptBytes + announced > BUILD_LIMITS.zipsBytesMax) {
      return s3Fault("EntityTooLarge", "All builds together have too many bytes: delete some");
    }
    this.#underWay.add(buildId);
    try {
      return await this.#store(request, ticket, announced);
    } finally {
      this.#underWay.delete(buildId);
    }
  }

  #ticketOf(request: StreamedRequest): Ticket | S3Fault {
    const { plane } = this.#deps;
    const { authorization = "" } = request.headers;
    const [, accessKeyId = ""] = /Credential=([^/]*)\//.exec(authorization) ?? [];
    const ticket = this.#tickets.get(accessKeyId);
    if (ticket === undefined) {
      return s3Fault(
        "InvalidAccessKeyId",
        "Sign with the keys of CreateBuild or RequestUploadCredentials",
      );
    }
    if (ticket.expiresAtMs <= plane.clock.wallMs()) {
      return s3Fault(
        "ExpiredToken",
        "The keys have expired: ask RequestUploadCredentials for others",
      );
    }
    const fault = signatureFault(
      { ...request, body: Buffer.alloc(0) },
      {
        credentials: ticket,
        sessionToken: ticket.sessionToken,
        service: "s3",
        advice: "send the session token that came with the keys",
        region: plane.region,
        clock: plane.clock,
      },
    );
    if (fault !== undefined) return s3Fault("SignatureDoesNotMatch", fault.message);
    return request.path === `/${ticket.bucket}/${ticket.key}`
      ? ticket
      : s3Fault("AccessDenied", `These keys are good for /${ticket.bucket}/${ticket.key} alone`);
  }

  async #store(request: StreamedRequest, { buildId }: Ticket, announced: number) {
    const { plane, folder } = this.#deps;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = this.#fileOf(buildId);
    const received = await receive(request, file, announced);
    const fault = "code" in received ? received : wrongChecksum(request, received);
    if (fault !== undefined) {
      // The sender may try again: nothing is known of the build yet.
      await rm(file, { force: true });
      return fault;
    }
    const content = await readZip(file);
    if (isRefused(content)) {
      await rm(file, { force: true });
      plane.builds.failed(buildId, content.message);
      this.#deps.print(`Build ${buildId} is FAILED. ${content.message}`);
      return s3Fault("InvalidRequest", content.message);
    }
    const { bytes } = received as Received;
    this.#zips.set(buildId, bytes);
    plane.builds.received(buildId, bytes);
    this.#deps.print(
      `Build ${buildId} is READY: ${content.value.files} files, ${bytes} bytes packed, ${content.value.bytes} unpacked`,
    );
    return received as Received;
  }

  #fileOf(buildId: string): string {
    return path.join(this.#deps.folder, `${buildId}.zip`);
  }

  #remove(buildId: string): void {
    if (this.#zips.delete(buildId)) rmSync(this.#fileOf(buildId), { force: true });
  }
}

/** Without a length nobody could say beforehand that it is too much. */
function announcedBytes({ headers }: StreamedRequest): number | S3Fault {
  if (headers["content-encoding"]?.includes("aws-chunked")) {
    return s3Fault(
      "NotImplemented",
      "aws-chunked is not emulated: have the SDK send no trailing checksum (AWS_REQUEST_CHECKSUM_CALCULATION=when_required)",
    );
  }
  const bytes = Number(headers["content-length"]);
  if (headers["content-length"] === undefined) {
    return s3Fault("MissingContentLength", "Content-Length must be given");
  }
  return bytes <= BUILD_LIMITS.zipBytesMax
    ? bytes
    : s3Fault("EntityTooLarge", `A zip has ${BUILD_LIMITS.zipBytesMax} bytes at most`);
}

async function receive(
  { body }: StreamedRequest,
  file: string,
  announced: number,
): Promise<Received | S3Fault> {
  const [sha256, md5] = [createHash("sha256"), createHash("md5")];
  let bytes = 0;
  let sum = 0;
  const handle: FileHandle = await open(file, "w", 0o600);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      sha256.update(chunk);
      md5.update(chunk);
      sum = crc32(chunk, sum);
      await handle.write(chunk);
    }
  } catch {
    // The sender went away.
  } finally {
    await handle.close();
  }
  if (bytes !== announced) return s3Fault("IncompleteBody", `${bytes} of ${announced} bytes came`);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(sum);
  return {
    bytes,
    sha256Hex: sha256.digest("hex"),
    md5: md5.digest("base64"),
    crc32: crc.toString("base64"),
  };
}

/** Each checksum that the sender named must be right. */
function wrongChecksum({ headers }: StreamedRequest, received: Received): S3Fault | undefined {
  const signed = headers["x-amz-content-sha256"];
  if (signed !== "UNSIGNED-PAYLOAD" && signed !== received.sha256Hex) {
    return s3Fault(
      "XAmzContentSHA256Mismatch",
      "x-amz-content-sha256 is not the hash of what came",
    );
  }
  const named: readonly (readonly [string, string])[] = [
    ["content-md5", received.md5],
    ["x-amz-checksum-crc32", received.crc32],
    ["x-amz-checksum-sha256", Buffer.from(received.sha256Hex, "hex").toString("base64")],
  ];
  const wrong = named.find(([header, right]) => (headers[header] ?? right) !== right);
  return wrong && s3Fault("BadDigest", `${wrong[0]} is not that of what came`);
}

/** As key ids have them. */
function letters(count: number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return Array.from({ length: count }, () => alphabet[randomInt(alphabet.length)]).join("");
}
