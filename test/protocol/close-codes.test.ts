import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CLOSE_CODES,
  CloseCode,
  closeText,
  HTTP_STATUS_OF_REFUSAL,
  refusalOfHttpStatus,
} from "../../protocol/close-codes.ts";

const codes = Object.values(CloseCode);
const rows = Object.entries(CLOSE_CODES);

describe("the close codes", () => {
  it("[TP23] are each one number, with one row and a name like the constant's", () => {
    expect(new Set(codes).size).toBe(codes.length);
    expect(rows.map(([code]) => Number(code)).sort()).toEqual([...codes].sort());
    for (const [constant, code] of Object.entries(CloseCode)) {
      expect([code, CLOSE_CODES[code].name]).toEqual([code, constant.toLowerCase()]);
    }
  });

  it("[TP23] are Colyseus's 4000 and 4010, or ours from 4400 on, all open to applications", () => {
    expect(codes.filter((code) => code < 4400)).toEqual([4000, 4010]);
    expect(codes.filter((code) => code > 4999)).toEqual([]);
  });

  it.each(rows)("[TP23] %s has a sentence of its own for a person", (code, { text, name }) => {
    expect(text).toMatch(/^[A-Z].*\.$/);
    expect(closeText(Number(code))).toBe(text);
    expect(rows.filter(([, row]) => row.text === text)).toHaveLength(1);
    // What a close frame has room for.
    expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(123);
  });

  it("[TP23] that are not ours get a neutral sentence with the number", () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.integer({ min: 1000, max: 5000 })), (code) => {
        fc.pre(!codes.includes(code as CloseCode));
        expect(closeText(code)).toBe(`The connection closed (${code}).`);
      }),
    );
  });
});

describe("the HTTP status of a refusal", () => {
  it("[TP23] leads back to its close code, and no other status does", () => {
    const back = new Map(
      Object.entries(HTTP_STATUS_OF_REFUSAL).map(([code, status]) => [status, Number(code)]),
    );
    expect(back.size).toBe(Object.keys(HTTP_STATUS_OF_REFUSAL).length);
    for (let status = -1; status < 700; status++) {
      expect([status, refusalOfHttpStatus(status)]).toEqual([status, back.get(status)]);
    }
  });

  it("[TP23] exists for every code that a join can be refused with, and is an error's", () => {
    const { MALFORMED, REFUSED, MATCH_FULL, TRY_AGAIN, CLOSED_TO_JOINS } = CloseCode;
    for (const code of [MALFORMED, REFUSED, MATCH_FULL, TRY_AGAIN, CLOSED_TO_JOINS]) {
      const status = HTTP_STATUS_OF_REFUSAL[code] ?? 0;
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      expect(refusalOfHttpStatus(status)).toBe(code);
    }
  });
});
