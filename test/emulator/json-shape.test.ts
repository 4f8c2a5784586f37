import { describe, expect, it } from "vitest";
import { type JsonSchema, type JsonShape, mistakesIn } from "../../emulator/json-shape.ts";

const of = (shape: JsonShape): JsonSchema => ({ ...shape, $defs: {} });
const wrong = (shape: JsonShape, value: unknown) => mistakesIn(of(shape), value).join("\n");

describe("a shape", () => {
  it.each<[JsonShape, unknown[], unknown[], string]>([
    [{ type: "object" }, [{}], [null, [], 1, "x"], "an object"],
    [
      { type: "array", minItems: 1, maxItems: 2, items: { type: "integer" } },
      [[1], [1, 2]],
      [[], [1, 2, 3], {}],
      "a list of 1 to 2 elements",
    ],
    [
      { type: "array", maxItems: 1, items: { type: "integer" } },
      [[]],
      [[1, 2]],
      "a list of 1 elements at most",
    ],
    [
      { type: "integer", minimum: 0, maximum: 20 },
      [0, 20],
      [-1, 21, 1.5, "1", null, 2 ** 60],
      "a whole number from 0 to 20",
    ],
    [{ type: "integer", minimum: 1 }, [1, 10 ** 9], [0], "a whole number of 1 at least"],
    [
      { type: "string", minLength: 2, maxLength: 3 },
      ["ab", "äöü", "🎮🎮"],
      ["a", "abcd", 12],
      "text of 2 to 3 characters",
    ],
    [{ type: "string", pattern: "^a+$" }, ["a", "aa"], ["", "b", "ab"], "text like ^a+$"],
    [{ type: "string", enum: ["EC2", "ANYWHERE"] }, ["EC2"], ["ec2", "", 1], "EC2 or ANYWHERE"],
  ])("[EM5] of %j takes what fits and words what does not", (shape, good, bad, words) => {
    for (const value of good) expect(wrong(shape, value)).toBe("");
    for (const value of bad) {
      expect(wrong(shape, value)).toMatch(/^the file: is .*; allowed is /);
      expect(wrong(shape, value)).toContain(`allowed is ${words}`);
    }
  });

  it("[EM5] names the path of each mistake, through lists and references", () => {
    const schema: JsonSchema = {
      type: "object",
      required: ["List", "More"],
      properties: {
        List: { type: "array", items: { $ref: "#/$defs/Item" } },
        More: { type: "object" },
      },
      $defs: {
        Item: { type: "object", required: ["Name"], properties: { Name: { type: "string" } } },
      },
    };
    const value = { List: [{ Name: "a" }, { Name: 1, name: "x" }, { Nome: 1 }], Moore: 1 };
    expect(mistakesIn(schema, value)).toEqual([
      "More: is missing",
      "List[1].Name: is 1; allowed is text",
      "List[1].name: there is no such member; did you mean Name?",
      "List[2].Name: is missing",
      "List[2].Nome: there is no such member; there are Name",
      "Moore: there is no such member; there are List, More",
    ]);
    expect(mistakesIn(schema, { List: [], More: {} })).toEqual([]);
  });

  it("[EM5] is not led astray by what every object has", () => {
    const shape = { type: "object", required: ["constructor"], properties: {} };
    expect(wrong(shape, {})).toBe("constructor: is missing");
    expect(wrong({ type: "object", properties: {} }, JSON.parse('{"__proto__":1}'))).toContain(
      "__proto__: there is no such member",
    );
  });

  it("[EM5] repeats little of a long value, no control character, and no list of mistakes without end", () => {
    const shape: JsonShape = { type: "array", items: { type: "integer" } };
    const told = wrong(shape, [`${"x".repeat(500)}`, "\x1b[31m\n"]);
    expect(told.length).toBeLessThan(300);
    expect(told.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    const many = mistakesIn(of(shape), Array(1_000).fill("x"));
    expect(many).toHaveLength(21);
    expect(many.at(-1)).toBe("and 980 more mistakes");
  });

  it("[EM5] that the schema does not have is the schema's mistake", () => {
    expect(() => wrong({ $ref: "#/$defs/None" }, {})).toThrow("#/$defs/None");
    expect(() => wrong({ type: "number" }, 1)).toThrow("number");
  });
});
