import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pages } from "../../../emulator/api/pages.ts";
import { granted, refusalOf } from "../plane/plane-world.ts";

interface Item {
  readonly id: string;
  readonly at: number;
}

const items = (count: number, from = 0): Item[] =>
  Array.from({ length: count }, (_, index) => ({ id: `i-${from + index}`, at: from + index }));

const listing = (records: readonly Item[]) => ({
  records,
  keyOf: ({ id }: Item) => id,
  orderOf: ({ at }: Item) => at,
});

const question = (input: object = {}) => ({ operation: "ListThings", input: { ...input } });

describe("pages", () => {
  it("[EA42] have 20 records unless asked otherwise, and no more than the maximum", () => {
    const pages = new Pages("secret");
    const size = (input: object, rest: object = {}) =>
      granted(pages.page({ ...question(input), ...rest }, listing(items(2_000)))).records.length;
    expect(size({})).toBe(20);
    expect(size({ Limit: 7 })).toBe(7);
    expect(size({ Limit: 2_000 })).toBe(1_024);
    expect(size({ Limit: 2_000 }, { pageMax: 20 })).toBe(20);
    expect(size({}, { pageDefault: 5 })).toBe(5);
  });

  it("[EA42] end without a token, also when the last one is full", () => {
    const page = granted(new Pages("secret").page(question({ Limit: 3 }), listing(items(3))));
    expect(page).toEqual({ records: items(3), nextToken: undefined });
    const none = granted(new Pages("secret").page(question(), listing([])));
    expect(none).toEqual({ records: [], nextToken: undefined });
  });

  it("[EA43] have tokens that are good for their own question and nobody else's", () => {
    const pages = new Pages("secret");
    const token = (input: object) =>
      granted(pages.page(question(input), listing(items(50)))).nextToken;
    const asked = (input: object, operation = "ListThings", asker = pages) =>
      refusalOf(asker.page({ operation, input: { ...input } }, listing(items(50))));
    const NextToken = token({ FleetId: "fleet-1", Name: "n" });
    expect(asked({ Name: "n", FleetId: "fleet-1", NextToken })).toBeUndefined();
    expect(asked({ FleetId: "fleet-1", Name: "n", Limit: 3, NextToken })).toBeUndefined();
    expect(asked({ FleetId: "fleet-2", Name: "n", NextToken })).toBe("InvalidRequest");
    expect(asked({ FleetId: "fleet-1", NextToken })).toBe("InvalidRequest");
    const input = { FleetId: "fleet-1", Name: "n", NextToken };
    expect(asked(input, "ListOtherThings")).toBe("InvalidRequest");
    expect(asked(input, "ListThings", new Pages("another secret"))).toBe("InvalidRequest");
  });

  it("[EA43] refuse a token that was made up or changed", () => {
    const pages = new Pages("secret");
    const token = granted(pages.page(question(), listing(items(50)))).nextToken ?? "";
    expect(token.length).toBeLessThan(100);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom("A", "b", "_", "é", ""), (at, sign) => {
        const changed = token.slice(0, at) + sign + token.slice(at + 1);
        fc.pre(changed !== token);
        const page = pages.page(question({ NextToken: changed }), listing(items(50)));
        expect(refusalOf(page)).toBe("InvalidRequest");
      }),
    );
    for (const NextToken of ["x", "0", "a".repeat(1_024)]) {
      expect(refusalOf(pages.page(question({ NextToken }), listing(items(50))))).toBe(
        "InvalidRequest",
      );
    }
  });

  it("[EA44] neither hide nor repeat what is there all the time, whatever comes and goes", () => {
    const change = fc.record({ drop: fc.nat(40), add: fc.nat(3) });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 10 }),
        fc.integer({ min: 1, max: 7 }),
        (changes, Limit) => {
          const pages = new Pages("secret");
          let records = items(40);
          const gone = new Set<string>();
          const seen: string[] = [];
          let NextToken: string | undefined;
          for (let step = 0; step < 60; step++) {
            const input = { Limit, ...(NextToken !== undefined && { NextToken }) };
            const page = granted(pages.page(question(input), listing(records)));
            seen.push(...page.records.map(({ id }) => id));
            NextToken = page.nextToken;
            if (NextToken === undefined) break;
            const { drop, add } = changes[step] ?? { drop: 0, add: 0 };
            const [dropped] = records.splice(Math.min(drop, records.length - 1), 1);
            if (dropped !== undefined) gone.add(dropped.id);
            records = [...records, ...items(add, 40 + step * 3)];
          }
          expect(NextToken).toBeUndefined();
          expect(new Set(seen).size).toBe(seen.length);
          const always = items(40).filter(({ id }) => !gone.has(id));
          expect(seen).toEqual(expect.arrayContaining(always.map(({ id }) => id)));
        },
      ),
    );
  });

  it("[EA44] hide no equal of a record that is gone", () => {
    const pages = new Pages("secret");
    const [a, b, c, d] = ["a", "b", "c", "d"].map((id) => ({ id, at: id === "d" ? 2 : 1 }));
    const input = { Limit: 2 };
    const first = granted(pages.page(question(input), listing([a!, b!, c!, d!])));
    expect(first.records).toEqual([a, b]);
    const { nextToken: NextToken } = first;
    const next = pages.page(question({ ...input, Limit: 9, NextToken }), listing([a!, c!, d!]));
    expect(granted(next).records).toEqual([a, c, d]);
  });

  it("[EA44] refuse to go on from a record that is gone where the order does not tell", () => {
    const pages = new Pages("secret");
    const { orderOf: _, ...unordered } = listing(items(50));
    const NextToken = granted(pages.page(question(), unordered)).nextToken;
    expect(granted(pages.page(question({ NextToken }), unordered)).records[0]?.id).toBe("i-20");
    const shorter = { ...unordered, records: items(30, 20) };
    expect(refusalOf(pages.page(question({ NextToken }), shorter))).toBe("InvalidRequest");
  });
});
