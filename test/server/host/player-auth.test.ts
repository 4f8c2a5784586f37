import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOST_LIMITS } from "../../../server/host/limits.ts";
import { shownName } from "../../../server/host/player-auth.ts";

const named = (name: unknown) => JSON.stringify({ name });
const shown = (playerData: string, playerId = "player-1") => shownName({ playerId, playerData });

/** Everything of Unicode, with what has tricked people before more often. */
const anyText = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          ..."\0\t\n\r\u001b\u007f\u0085\u00ad\u034f\u061c\u115f\u180e\u200b\u200d\u200e\u200f\u2028\u2029",
          ..."\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\u206a\u3164\ufe0f\ufeff\uffa0\ufff9",
          "\ud800",
          "\udfff",
          "\u{e0001}",
          "\u{e0041}",
          "\u{f0000}",
        ),
      },
      { weight: 1, arbitrary: fc.constantFrom("Anna", " ", "日本", "👩‍🚀", "é") },
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(""));

describe("the name that others see", () => {
  it("[RM40] is that of the player data, if it has one, else the player id", () => {
    expect(shown(named("Anna"))).toBe("Anna");
    expect(shown(` \n${named("Anna")}`)).toBe("Anna");
    expect(shown(JSON.stringify({ level: 9, name: "Anna", more: { name: "Ben" } }))).toBe("Anna");
    expect(shown("")).toBe("player-1");
    expect(shown("Anna")).toBe("player-1");
  });

  it.each([
    ["no JSON", "{name: Anna}"],
    ["cut off", '{"name":"An'],
    ["null", "null"],
    ["a text", '"Anna"'],
    ["a list", '["Anna"]'],
    ["a list with a name in it", '[{"name":"Anna"}]'],
    ["without a name", "{}"],
    ["with a number for a name", named(7)],
    ["with a list for a name", named(["Anna"])],
    ["with null for a name", named(null)],
    ["with an object for a name", named({ toString: "Anna" })],
    ["with an empty name", named("")],
    ["with a blank name", named(" \t\u3000 ")],
    ["with an invisible name", named("\u200b\u202e\u3164\u115f\ufe0f\u034f")],
    ["with the name somewhere above", '{"__proto__":{"name":"Anna"}}'],
    ["deeply nested", `{"name":${"[".repeat(100_000)}`],
  ])("[RM40] is the player id where player data is %s", (_what, playerData) => {
    expect(shown(playerData)).toBe("player-1");
  });

  it("[RM41] is 1 to 24 characters without control or invisible ones, whatever both hold", () => {
    fc.assert(
      fc.property(anyText, anyText, fc.boolean(), (name, playerId, isJson) => {
        const text = shown(isJson ? named(name) : name, playerId);
        expect([...text].length).toBeGreaterThanOrEqual(1);
        expect([...text].length).toBeLessThanOrEqual(HOST_LIMITS.nameCharsMax);
        expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
        expect(text).toBe(text.trim());
        expect(text.isWellFormed()).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("[RM41] keeps every visible character in order, up to the 24th", () => {
    const letters = fc.array(fc.constantFrom(..."aZ9é日ß_-'<&\"👋"), { maxLength: 40 });
    fc.assert(
      fc.property(letters, (list) => {
        const expected = list.slice(0, HOST_LIMITS.nameCharsMax).join("");
        expect(shown(named(list.join("\u202e")))).toBe(expected || "player-1");
      }),
    );
  });

  it("[RM41] never turns the text around it, as a stray override would", () => {
    expect(shown(named("\u202enimda\u202c"))).toBe("nimda");
    expect(shown(named("a\u2067b\u2069c\u200fd"))).toBe("abcd");
  });

  it("[RM41] does not end in a blank where it is cut", () => {
    expect(shown(named(`${"x".repeat(HOST_LIMITS.nameCharsMax - 1)} y`))).toMatch(/^x{23}$/);
  });

  it("[RM41] is never cut in the middle of a character", () => {
    expect(shown(named("👋".repeat(30)))).toBe("👋".repeat(HOST_LIMITS.nameCharsMax));
  });

  it("[RM42] is cut as the player id, too, and is never nothing", () => {
    expect(shown("", "x".repeat(1_024))).toBe("x".repeat(HOST_LIMITS.nameCharsMax));
    expect(shown("", "\u0000\u200b ")).toBe("player");
    expect(shown(named("\u200b"), "")).toBe("player");
  });
});
