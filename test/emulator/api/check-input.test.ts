import { describe, expect, it } from "vitest";
import { checkInput } from "../../../emulator/api/check-input.ts";
import { emulatedOperations, operationModel } from "../../../emulator/api/model.ts";
import { breaches, validValue } from "./valid-input.ts";

const shapeOf = (operation: string) => operationModel(operation)?.input ?? "";

const createSession = (members: Record<string, unknown>) =>
  checkInput("CreateGameSessionInput", { MaximumPlayerSessionCount: 2, ...members });

const messageOf = (checked: ReturnType<typeof checkInput>) =>
  "message" in checked ? checked.message : "";

describe.each(emulatedOperations())("the input of %s", (operation) => {
  it("[EA1] is taken when every member is as the model has it", () => {
    const input = validValue(shapeOf(operation));
    expect(checkInput(shapeOf(operation), input)).toEqual({ kind: "valid", input });
  });

  it("[EA1] [EA2] is refused for each constraint of each member, by the member's name", () => {
    const cases = breaches(shapeOf(operation));
    const wrong = cases.filter(({ value, path, kind, says }) => {
      const checked = checkInput(shapeOf(operation), value);
      return (
        checked.kind !== kind ||
        !checked.message.includes(`'${path}'`) ||
        !says.test(checked.message)
      );
    });
    expect(wrong.map(({ how }) => how)).toEqual([]);
  });
});

describe("the check of an input", () => {
  it("[EA1] covers all operations, with some thousand mistakes between them", () => {
    const count = emulatedOperations().flatMap((name) => breaches(shapeOf(name))).length;
    expect(emulatedOperations()).toHaveLength(58);
    expect(count).toBeGreaterThan(900);
  });

  it("[EA1] tells all mistakes at once, in AWS's words, ten at the most", () => {
    const checked = createSession({
      FleetId: "my fleet",
      MaximumPlayerSessionCount: -1,
      GameProperties: [{ Key: "k".repeat(33) }],
    });
    expect(checked).toEqual({
      kind: "invalid",
      message: [
        "4 validation errors detected: Value 'my fleet' at 'fleetId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-z]*fleet-[a-zA-Z0-9\\-]+$|^arn:.*:[a-z]*fleet\\/[a-z]*fleet-[a-zA-Z0-9\\-]+$",
        "Value '-1' at 'maximumPlayerSessionCount' failed to satisfy constraint: Member must have value greater than or equal to 0",
        "Value null at 'gameProperties.1.member.value' failed to satisfy constraint: Member must not be null",
        `Value '${"k".repeat(33)}' at 'gameProperties.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 32`,
      ].join("; "),
    });
    const PlayerLatencies = Array.from({ length: 30 }, () => ({ PlayerId: "" }));
    const many = checkInput("StartGameSessionPlacementInput", { PlayerLatencies });
    expect(messageOf(many)).toMatch(/^33 validation errors detected: .*; and 23 more$/);
    expect(messageOf(many).split("; ")).toHaveLength(11);
  });

  it("[EA1] does not look into a list that is too long", () => {
    const checked = createSession({ GameProperties: Array.from({ length: 500_000 }, () => 5) });
    expect(messageOf(checked)).toBe(
      "1 validation error detected: Value at 'gameProperties' failed to satisfy constraint: Member must have length less than or equal to 16",
    );
  });

  it("[EA1] matches whole strings against a pattern, and bounds those without a length", () => {
    const alias = (AliasId: string) => checkInput("DescribeAliasInput", { AliasId }).kind;
    expect(alias("alias-1")).toBe("valid");
    expect(alias("alias-1 and more")).toBe("invalid");
    expect(alias("alias-1\n")).toBe("invalid");
    expect(alias(`alias-${"x".repeat(1_018)}`)).toBe("valid");
    expect(alias(`alias-${"x".repeat(1_019)}`)).toBe("invalid");
    const hostile = checkInput("DescribeAliasInput", { AliasId: "arn:".repeat(1_000_000) });
    expect(messageOf(hostile)).toMatch(/length less than or equal to 1024$/);
  });

  it("[EA1] counts characters, not code units", () => {
    const playerData = (length: number) =>
      checkInput("CreatePlayerSessionInput", {
        GameSessionId: "id",
        PlayerId: "p",
        PlayerData: "🎲".repeat(length),
      }).kind;
    expect([playerData(2_048), playerData(2_049)]).toEqual(["valid", "invalid"]);
  });

  it("[EA2] tells the type that it wants, and prefers that to every other mistake", () => {
    expect(createSession({ FleetId: 5, Name: "" })).toEqual({
      kind: "unreadable",
      message: "The value at 'fleetId' must be a string, not 5",
    });
    expect(createSession({ MaximumPlayerSessionCount: 2 ** 31 })).toEqual({
      kind: "unreadable",
      message:
        "The value at 'maximumPlayerSessionCount' must be an integer from -2147483648 to 2147483647, not 2147483648",
    });
    for (const body of [null, [], "text", 5]) {
      expect(messageOf(checkInput("CreateGameSessionInput", body))).toMatch(
        /^The request body must be a JSON object, not /,
      );
    }
  });

  it("[EA3] leaves out what the model does not know, and what is null", () => {
    const checked = createSession({ FleetId: null, Colour: "red", GameProperties: null });
    expect(checked).toEqual({ kind: "valid", input: { MaximumPlayerSessionCount: 2 } });
    const hostile = JSON.parse('{"PlayerDataMap":{"__proto__":"data"}}') as object;
    const players = checkInput("CreatePlayerSessionsInput", {
      GameSessionId: "id",
      PlayerIds: ["__proto__"],
      ...hostile,
    });
    const input = players.kind === "valid" ? players.input : {};
    expect(Object.keys(input["PlayerDataMap"] as object)).toEqual(["__proto__"]);
  });

  it("[EA4] repeats a value in part, and never one about players or addresses", () => {
    const long = messageOf(createSession({ Name: "n".repeat(2_000) }));
    expect(long).toContain(`Value '${"n".repeat(64)}…' at 'name'`);
    const secret = "hunter2".repeat(1_000);
    const player = checkInput("CreatePlayerSessionsInput", {
      GameSessionId: "id",
      PlayerIds: [secret],
      PlayerDataMap: { [secret]: secret },
    });
    expect(messageOf(player)).toContain("Value at 'playerIds.1.member' failed");
    expect(messageOf(player)).toContain("Value at 'playerDataMap.1.key' failed");
    expect(messageOf(player)).toContain("Value at 'playerDataMap.1.value' failed");
    const data = createSession({ GameSessionData: `${secret}${"x".repeat(262_144)}` });
    const address = checkInput("RegisterComputeInput", {
      FleetId: "fleet-1",
      ComputeName: "c",
      IpAddress: "hunter2",
    });
    for (const checked of [player, data, address]) {
      expect(messageOf(checked)).not.toBe("");
      expect(messageOf(checked)).not.toContain("hunter2");
    }
  });

  it("[EA4] repeats no control characters", () => {
    const checked = createSession({ FleetId: "a\u001b[2J\nb" });
    expect(messageOf(checked)).toContain("Value 'a\\u001b[2J\\nb' at 'fleetId'");
  });
});
