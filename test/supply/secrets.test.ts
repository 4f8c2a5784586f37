import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "./lock-file.ts";
import { secretsIn } from "./secrets.ts";

/** Beyond it a file is a recording or a picture; ours are smaller. */
const BYTES_MAX = 4 * 2 ** 20;

it("[SU6] no tracked file holds what looks like a secret", () => {
  const tracked = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" });
  const files = tracked.split("\0").filter((file) => file !== "");
  expect(files.length).toBeGreaterThan(500);
  const findings = files.flatMap((file) => {
    const bytes = readFileSync(path.join(ROOT, file));
    expect(bytes.length, file).toBeLessThan(BYTES_MAX);
    return secretsIn(bytes.toString("latin1")).map(({ kind, line }) => `${file}:${line} ${kind}`);
  });
  expect(findings).toEqual([]);
});

it("[SU6] it would be found", () => {
  // Put together here, so that this file has none.
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOP";
  const { privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const kinds = (text: string) => secretsIn(`one\ntwo ${text}`);
  const secrets = [
    `AK${"IA"}${letters.slice(0, 16)}`,
    `aws_secret_${"access"}_key = ${letters.slice(0, 40)}`,
    `"Secret${"Access"}Key": "${letters.slice(0, 40)}"`,
    privateKey,
    `gh${"p_"}${letters.slice(0, 36)}`,
    `npm${"_"}${letters.slice(0, 36)}`,
    `//registry.example/:_auth${"Token"}=${letters.slice(0, 20)}`,
    `xox${"b-"}${letters.slice(0, 12)}`,
    `AI${"za"}${letters.slice(0, 35)}`,
    `sk_${"live_"}${letters.slice(0, 24)}`,
    `ey${"J"}${letters.slice(0, 20)}.ey${"J"}${letters.slice(0, 20)}.${letters.slice(0, 24)}`,
    `postgres://user:${letters.slice(0, 10)}@db.mine.net`,
  ];
  for (const secret of secrets) expect(kinds(secret), secret).toMatchObject([{ line: 2 }]);
  expect(kinds("AKIAIOSFODNN7EXAMPLE")).toEqual([]);
  expect(kinds("https://me:hunter2@play.example.com/")).toEqual([]);
  expect(kinds("https://play.example.com:8443/x@y")).toEqual([]);
});
