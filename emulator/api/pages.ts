/**
 * Lists in pages. A token names the last record that was told, so that records which come and go in between neither hide
 * others nor show them twice, and it is good for the question that it was made for and no other.
 * @module
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { done, isRefused, type Outcome, refused } from "../plane/outcome.ts";
import { API_LIMITS } from "./limits.ts";

type Members = Readonly<Record<string, unknown>>;

export interface Question {
  readonly operation: string;
  /** The whole input. `Limit` may differ from page to page, everything else must not. */
  readonly input: Members;
  /** Records in a page when the caller gives no `Limit`, and the most he gets; 20 and 100 unless given. */
  readonly pageDefault?: number;
  readonly pageMax?: number;
}

export interface Listing<T> {
  /** Everything that there is, in an order that does not change. */
  readonly records: readonly T[];
  /** Which of them are told; all unless given. Asked again for each page. */
  readonly matches?: (record: T) => boolean;
  /** What no two records share. */
  readonly keyOf: (record: T) => string;
  /**
   * What `records` are in ascending order of, to go on when the last one told is gone; without it the next page is then
   * refused.
   */
  readonly orderOf?: (record: T) => number | string;
}

export interface Page<T> {
  readonly records: readonly T[];
  /** Nothing on the last page. */
  readonly nextToken: string | undefined;
}

interface Mark {
  readonly key: string;
  readonly order: number | string | undefined;
}

const SEAL_CHARS = 32;

export class Pages {
  readonly #secret: string;

  /** @param secret - Seals tokens, so that nobody else can make one. */
  constructor(secret: string) {
    this.#secret = secret;
  }

  /** @returns InvalidRequest for a token that is none, or is another question's. */
  page<T>(question: Question, listing: Listing<T>): Outcome<Page<T>> {
    const { input, pageDefault, pageMax } = question;
    const from = this.#from(question, listing);
    if (isRefused(from)) return from;
    const max = pageMax ?? API_LIMITS.pageMax;
    const limit = Math.min(Number(input["Limit"] ?? pageDefault ?? API_LIMITS.pageDefault), max);
    const { matches = () => true, keyOf, orderOf } = listing;
    const left = listing.records.slice(from.value).filter(matches);
    const records = left.slice(0, limit);
    const last = records.at(-1);
    const isLast = left.length <= limit || last === undefined;
    const nextToken = isLast
      ? undefined
      : this.#token(question, { key: keyOf(last), order: orderOf?.(last) });
    return done({ records, nextToken });
  }

  #from<T>(question: Question, { records, keyOf, orderOf }: Listing<T>): Outcome<number> {
    const token = question.input["NextToken"];
    if (token === undefined) return done(0);
    const mark = this.#mark(question, String(token));
    if (mark === undefined) {
      return refused(
        "InvalidRequest",
        "NextToken is of no earlier answer to this request: repeat the request that it was an answer to",
      );
    }
    const at = records.findIndex((record) => keyOf(record) === mark.key);
    if (at >= 0) return done(at + 1);
    const { order } = mark;
    if (orderOf === undefined || order === undefined) {
      return refused("InvalidRequest", "NextToken is too old: begin without it");
    }
    // Its equals are told again, rather than one of them not at all.
    const after = records.findIndex((record) => orderOf(record) >= order);
    return done(after < 0 ? records.length : after);
  }

  #token(question: Question, mark: Mark): string {
    const body = Buffer.from(
      JSON.stringify([mark.key, ...(mark.order === undefined ? [] : [mark.order])]),
    ).toString("base64url");
    return `${this.#seal(question, body)}${body}`;
  }

  #mark(question: Question, token: string): Mark | undefined {
    const body = token.slice(SEAL_CHARS);
    const given = Buffer.from(token.slice(0, SEAL_CHARS));
    const right = Buffer.from(this.#seal(question, body));
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    const text = Buffer.from(body, "base64url").toString();
    const [key, order] = JSON.parse(text) as [string, (number | string)?];
    return { key, order };
  }

  #seal({ operation, input }: Question, body: string): string {
    const asked = Object.entries(input)
      .filter(([name]) => name !== "Limit" && name !== "NextToken")
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const question = createHash("sha256")
      .update(JSON.stringify([operation, asked]))
      .digest("hex");
    return createHmac("sha256", this.#secret)
      .update(`${question}.${body}`)
      .digest("base64url")
      .slice(0, SEAL_CHARS);
  }
}
