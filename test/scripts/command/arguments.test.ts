import { describe, expect, it } from "vitest";
import { type Flag, HELP, readArguments } from "../../../scripts/command/arguments.ts";

const FLAGS: readonly Flag[] = [
  { name: "rooms", value: "FILE", meaning: "the rooms" },
  { name: "quiet", meaning: "says less" },
  HELP,
];

function read(words: string, isPassedOn = false) {
  return readArguments(words === "" ? [] : words.split(" "), FLAGS, isPassedOn);
}

describe("the words of a command", () => {
  it.each([
    ["", {}],
    ["--rooms a.ts", { rooms: "a.ts" }],
    ["--rooms=a=b.ts --quiet", { rooms: "a=b.ts", quiet: "" }],
    ["-h", { help: "" }],
  ])("[PK5] are read: %o", (words, given) => {
    const answer = read(words);
    expect("given" in answer && Object.fromEntries(answer.given)).toEqual(given);
  });

  it.each([
    ["--room a.ts", "--room: there is no such flag; there are --rooms FILE, --quiet, --help"],
    ["a.ts", "a.ts: only flags are allowed; there are --rooms FILE, --quiet, --help"],
    ["--rooms", "--rooms: needs a value: --rooms FILE"],
    ["--rooms --quiet", "--rooms: needs a value: --rooms FILE"],
    ["--rooms=", "--rooms: needs a value: --rooms FILE"],
    ["--quiet=yes", "--quiet: takes no value"],
    ["--rooms a --rooms b", "--rooms: given twice"],
    ["-- node", "--: there is no such flag; there are --rooms FILE, --quiet, --help"],
  ])("[PK5] are refused with what is allowed: %o", (words, mistake) => {
    expect(read(words)).toEqual({ mistake });
  });

  it("[PK5] repeat no control character and nothing long", () => {
    const answer = readArguments([`--\u001b[31m${"x".repeat(500)}`], FLAGS, false);
    const words = "mistake" in answer ? answer.mistake : "";
    expect(words).not.toContain("\u001b");
    expect(words.length).toBeLessThan(200);
  });

  it("[PK5] go on to another program in order, but for ours", () => {
    const answer = read("--port 7000 --rooms a.ts --drain-ms=5 -- node x.js --rooms b", true);
    expect(answer).toEqual({
      given: new Map([["rooms", "a.ts"]]),
      rest: ["--port", "7000", "--drain-ms=5", "--", "node", "x.js", "--rooms", "b"],
    });
  });
});
