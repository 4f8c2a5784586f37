import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchmakeTarget, upgradeTarget } from "../../../server/transport/targets.ts";

const SAFE = "ABCXYZabcxyz0189_-";
const segment = fc.string({ unit: fc.constantFrom(...SAFE), minLength: 1, maxLength: 64 });
const call = fc.constantFrom("join", "joinById", "joinOrCreate", "reconnect");

/** Strings near the grammar: whole pieces of it, and what does not belong. */
const near = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ..."matchmake join joinById joinOrCreate reconnect create match arena".split(" "),
      ),
      fc.constantFrom(..."sessionId reconnectionToken skipHandshake".split(" ")),
      fc.constantFrom(
        "/",
        "//",
        "?",
        "&",
        "=",
        "#",
        "%",
        "%2F",
        "%00",
        "%zz",
        "\\",
        "..",
        ".",
        ";",
      ),
      fc.constantFrom("http://127.0.0.1", "*", "@", ":80", "\n", "\r\n", "\0", " ", "é", "\ud800"),
      segment,
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(""));
const anything = fc.oneof(
  near,
  near.map((text) => `/${text}`),
  fc.string({ unit: "binary" }),
);

/** A character inserted, replaced or taken out, anywhere. */
function edited(good: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const odd = fc.constantFrom(
    "",
    "/",
    "//",
    "?",
    "#",
    "%41",
    "%2e",
    " ",
    "\n",
    ".",
    "\0",
    "é",
    "~",
  );
  return fc
    .record({ good, odd, at: fc.nat(300), cut: fc.nat(2) })
    .map(({ good: text, odd: put, at, cut }) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + cut);
    });
}

describe("the target of a matchmaking call", () => {
  const path = fc.tuple(call, segment).map(([method, room]) => `/matchmake/${method}/${room}`);

  it("[TP20] names what to do and the room, whatever the room is called", () => {
    fc.assert(
      fc.property(call, segment, (method, room) => {
        expect(matchmakeTarget(`/matchmake/${method}/${room}`)).toEqual({
          method: method === "reconnect" ? "reconnect" : "join",
          room,
        });
      }),
    );
  });

  it("[TP20] is nothing unless it is exactly that, and reading it never throws", () => {
    fc.assert(
      fc.property(fc.oneof(anything, edited(path)), (target) => {
        const [nothing, matchmake, method = "", room = "", ...rest] = target.split("/");
        const isExact =
          nothing === "" &&
          matchmake === "matchmake" &&
          ["join", "joinById", "joinOrCreate", "reconnect"].includes(method) &&
          isSafe(room) &&
          rest.length === 0;
        expect(matchmakeTarget(target) !== undefined).toBe(isExact);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    [undefined],
    [""],
    ["*"],
    ["/matchmake/joinById/match/"],
    ["//matchmake/joinById/match"],
    ["/matchmake//joinById/match"],
    ["/matchmake/joinById/match?a=1"],
    ["/matchmake/joinById/match#a"],
    ["/matchmake/joinById/%6Datch"],
    ["/matchmake/create/match"],
    ["/matchmake/JOIN/match"],
    ["/matchmake/joinById/match\n"],
    ["http://127.0.0.1/matchmake/joinById/match"],
    [`/matchmake/joinById/${"a".repeat(65)}`],
    [`/matchmake/joinById/${"a".repeat(100_000)}`],
  ])("[TP20] is nothing when it is %j", (target) => {
    expect(matchmakeTarget(target)).toBeUndefined();
  });
});

describe("the target of an upgrade", () => {
  const query = fc
    .record({ sessionId: segment, token: fc.option(segment), skips: fc.boolean() })
    .map(({ sessionId, token, skips }) => ({
      text: `sessionId=${sessionId}${token === null ? "" : `&reconnectionToken=${token}`}${
        skips ? "&skipHandshake=true" : ""
      }`,
      means: { sessionId, reconnectionToken: token ?? undefined, skipHandshake: skips },
    }));
  const path = fc
    .tuple(segment, segment, query)
    .map(([processId, room, { text }]) => `/${processId}/${room}?${text}`);

  it("[TP20] names process, room, session and token", () => {
    fc.assert(
      fc.property(segment, segment, query, (processId, room, { text, means }) => {
        expect(upgradeTarget(`/${processId}/${room}?${text}`)).toEqual({
          processId,
          room,
          ...means,
        });
      }),
    );
  });

  it("[TP20] never yields anything but safe words, and reading it never throws", () => {
    let known = 0;
    fc.assert(
      fc.property(fc.oneof(anything, edited(path)), (target) => {
        const found = upgradeTarget(target);
        const [whole = ""] = /^\/[\w-]{1,64}\/[\w-]{1,64}\?[^?#/\s]+$/.exec(target) ?? [];
        if (whole !== target) expect(found).toBeUndefined();
        if (found === undefined) return;
        known++;
        expect(isSafe(found.room) && isSafe(found.sessionId)).toBe(true);
        expect(isSafe(found.reconnectionToken ?? "none")).toBe(true);
        expect(target).toContain(`/${found.room}?`);
      }),
      { numRuns: 2_000 },
    );
    // Not all that was tried was nonsense.
    expect(known).toBeGreaterThan(100);
  });

  it.each([
    [undefined],
    [""],
    ["/p/match"],
    ["/p/match?"],
    ["/p/match?sessionId="],
    ["/p/match?sessionid=abc"],
    ["/p/match?reconnectionToken=abc"],
    ["/p/match?sessionId=abc&reconnectionToken="],
    ["/p/match?sessionId=abc&reconnectionToken=a.b"],
    ["/p/match?sessionId=a%2Fb"],
    ["/p/match?sessionId=a%00"],
    ["/p/match?sessionId=%E0%A4%A"],
    ["/p/match?sessionId=abc#x"],
    ["/p/match?sessionId=abc\n"],
    ["/p/match/?sessionId=abc"],
    ["/p//match?sessionId=abc"],
    ["/p/%6Datch?sessionId=abc"],
    ["ws://127.0.0.1/p/match?sessionId=abc"],
    [`/p/match?sessionId=${"a".repeat(65)}`],
    [`/p/match?sessionId=abc&x=${"a".repeat(1_024)}`],
    [`/p/match?${"sessionId=abc&".repeat(10_000)}`],
  ])("[TP20] is nothing when it is %j", (target) => {
    expect(upgradeTarget(target)).toBeUndefined();
  });

  it("[TP20] takes the first of two sessions, and ignores what it does not know", () => {
    expect(upgradeTarget("/p/match?sessionId=abc&sessionId=xyz&_authToken=a.b~c")).toEqual({
      room: "match",
      processId: "p",
      sessionId: "abc",
      reconnectionToken: undefined,
      skipHandshake: false,
      authToken: "a.b~c",
    });
  });
});

function isSafe(word: string): boolean {
  return (
    word.length >= 1 && word.length <= 64 && [...word].every((char) => /^[A-Za-z0-9_-]$/.test(char))
  );
}
