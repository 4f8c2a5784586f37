import { describe, expect, it } from "vitest";
import { hideSecrets } from "../../../../server/telemetry/winston/secrets.ts";
import {
  WinstonTelemetry,
  type WinstonTelemetryOptions,
} from "../../../../server/telemetry/winston/winston-telemetry.ts";
import { eventNames, everyEvent, tell } from "../../../contract/telemetry-contract.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { LineSink } from "../../../support/line-sink.ts";

const CANARY = "4fCanary7Zq";

/** Texts as they come from whoever fails, each with one secret in it. */
const SHAPED: Readonly<Record<string, string>> = {
  "a player session id": `no seat for psess-${CANARY}-0123`,
  "the Server SDK's URL": `connect ECONNREFUSED wss://gl.example/?Authorization=${CANARY}&pID=1`,
  "the Server SDK's message": `{"Action":"x","AuthToken":"${CANARY}","StatusCode":200}`,
  "a message within a message": JSON.stringify(JSON.stringify({ AuthToken: CANARY })),
  "a signed URL": `GET https://a.example/b?X-Amz-Signature=${CANARY}&x=1 failed`,
  "a URL with a password": `cannot reach http://user:${CANARY}@a.example/results`,
  "a URL with a fragment": `at https://a.example/#${CANARY}`,
  "an access key": `InvalidClientTokenId: ASIA${CANARY.toUpperCase()}00000`,
  "a key of a user": `key AKIA${CANARY.toUpperCase()}00000 is not known`,
  "a secret key by its name": `{ accessKeyId: 'x', secretAccessKey: '${CANARY}/x+y=' }`,
  "a secret key in the environment": `AWS_SECRET_ACCESS_KEY=${CANARY}/x+y`,
  "a session token in the environment": `AWS_SESSION_TOKEN=${CANARY}==`,
  "a session token": `expired: IQoJb3JpZ2luX2VjE${CANARY}EaCXVzLWVhc3QtMSJH`,
  "a bearer token": `401 for Bearer ${CANARY}.x`,
  "a header": `{ Authorization: 'Bearer ${CANARY}', accept: '*/*' }`,
  "a basic header": `authorization: Basic ${CANARY}=`,
  "a cookie": `set-cookie: ${CANARY}`,
  "a security header": `x-amz-security-token: ${CANARY}`,
  "a web token": `bad eyJhbGciOiJIUzI1NiJ9.eyJ${CANARY}.${CANARY}`,
  "a password": `password="${CANARY}"`,
};

function open(options: Partial<WinstonTelemetryOptions> = {}) {
  const sink = new LineSink();
  const clock = new FakeClock();
  const telemetry = new WinstonTelemetry({ clock, level: "debug", sinks: [sink], ...options });
  telemetry.serverListening(everyEvent.serverListening);
  return { telemetry, sink };
}

/** Everywhere that a text can come into an event. */
function tellEverywhere(telemetry: WinstonTelemetry, text: string): void {
  const inner = new Error(text);
  const causes = [
    inner,
    new Error("outer", { cause: inner }),
    new Error("outer", { cause: { request: { headers: [text, { text }] } } }),
    Object.assign(new Error("x"), { code: text, name: text, stack: `Error: ${text}\n    at x` }),
    { [text]: 1 },
    text,
    [[text]],
  ];
  for (const event of eventNames) {
    if (event === "serverStopped") continue;
    for (const cause of causes) tell(telemetry, event, { ...everyEvent[event], cause });
  }
  telemetry.vendorMessage({ level: "error", message: text });
  telemetry.vendorMessage({ level: "error", message: `${"x".repeat(1_990)} ${text}` });
  telemetry.localSessionFileRejected({ problems: [text, `line 3: ${text}`] });
  telemetry.certificateRejected({ problem: text });
  telemetry.serverStopped({ exitCode: 1 });
}

describe("what a line never shows", () => {
  it.each(Object.keys(SHAPED))("[TL13] %s", (kind) => {
    const text = SHAPED[kind] ?? "";
    expect(text.toLowerCase()).toContain(CANARY.toLowerCase());
    const { telemetry, sink } = open();
    tellEverywhere(telemetry, text);
    expect(sink.texts.length).toBeGreaterThan(100);
    const shown = sink.texts.filter((line) => line.toLowerCase().includes(CANARY.toLowerCase()));
    expect(shown).toEqual([]);
  });

  it("[TL13] secrets without a shape that it was told of, encoded or not", () => {
    const secret = `p/${CANARY}+x`;
    const { telemetry, sink } = open({ secrets: () => [secret, "short"] });
    tellEverywhere(telemetry, `player ${secret} or ${encodeURIComponent(secret)}, in short`);
    expect(sink.texts.filter((line) => line.includes(CANARY))).toEqual([]);
    expect(sink.texts.join()).toContain("player (hidden) or (hidden), in short");
  });

  it("[TL13] the whole of a secret that begins with another, and secrets that it is told of later", () => {
    let secrets = ["a.b[c]d$e", "a.b[c]d$e(longer)"];
    const hide = hideSecrets(() => secrets);
    expect(hide("x a.b[c]d$e(longer) a.b[c]d$e axb[c]d$e", 100)).toBe(
      "x (hidden) (hidden) axb[c]d$e",
    );
    secrets = [CANARY];
    expect(hide(`a.b[c]d$e ${CANARY}`, 100)).toBe("a.b[c]d$e (hidden)");
  });

  it("[TL13] values of fields that are named as secrets, however deep", () => {
    const { telemetry, sink } = open();
    const config = { authToken: CANARY, Credentials: { id: CANARY }, playerSessionId: CANARY };
    telemetry.fleetLost({ cause: { config, list: [{ sessionToken: CANARY }] } });
    expect(sink.texts.join()).not.toContain(CANARY);
    expect(sink.lines.at(-1)).toMatchObject({
      "cause.config.authToken": "(hidden)",
      "cause.config.Credentials": "(hidden)",
      "cause.list.0.sessionToken": "(hidden)",
    });
  });

  it("[TL13] half of a secret where a text is cut", () => {
    const hide = hideSecrets(() => [CANARY.repeat(5)]);
    for (let before = 0; before < 500; before += 7) {
      const token = `IQoJb3JpZ2lu${CANARY.repeat(200)}`;
      const text = `${"x".repeat(before)} psess-${CANARY} ${token} ${token} ${CANARY.repeat(5)}`;
      expect(hide(text, 400)).not.toContain("Canary");
    }
  });
});

describe("what a line shows", () => {
  it("[TL13] words that only look a little like secrets", () => {
    const hide = hideSecrets();
    for (const text of [
      "Unexpected token 'a', \"abc\" is not valid JSON",
      "connect ECONNREFUSED 127.0.0.1:8170",
      "the token has expired; the bearer of it must ask again",
      "GET https://a.example/b/c failed with 500",
      "arn:aws:gamelift:eu-west-1::gamesession/fleet-1/placement-1",
      "at step (file:///srv/rooms/arena/arena.ts:12:5)",
    ]) {
      expect(hide(text, 1_000)).toBe(text);
    }
  });

  it("[TL13] takes time in proportion to the text, whatever is in it", () => {
    const hide = hideSecrets();
    const parts = [
      ...[
        "a",
        "a.",
        "a-",
        "://",
        "aa://",
        "/",
        "?",
        "@",
        "=",
        " ",
        ": ",
        "\\",
        '"',
        "%",
        "(hidden",
      ],
      ...["token", "eyJ", "bearer ", "authorization", "psess-", "AKIA", "IQoJ"],
    ];
    for (const piece of parts.flatMap((one) => parts.map((other) => one + other))) {
      const text = `token ${piece.repeat(8_000)}`;
      // The quickest of a few: others use this processor, too.
      const timesMs = Array.from({ length: 4 }, () => {
        const startMs = performance.now();
        hide(text, 4_000);
        return performance.now() - startMs;
      });
      expect(Math.min(...timesMs), piece).toBeLessThan(6);
    }
  });
});
