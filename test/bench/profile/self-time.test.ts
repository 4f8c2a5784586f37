import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, it } from "vitest";
import type { Frame } from "../../../bench/profile/cpu-profile.ts";
import { flameGraph } from "../../../bench/profile/flame-graph.ts";
import { Places } from "../../../bench/profile/places.ts";
import { selfTimeOf, selfTimeText } from "../../../bench/profile/self-time.ts";

const ROOT = path.join(import.meta.dirname, "../../..");
const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const urlOf = (file: string) => pathToFileURL(path.join(ROOT, file)).href;

function frame(functionName: string, url: string, selfUs: number, children: Frame[] = []): Frame {
  const callFrame = { functionName, url, lineNumber: 4, columnNumber: 0 };
  const totalUs = children.reduce((sum, child) => sum + child.totalUs, selfUs);
  return { callFrame, selfUs, totalUs, children };
}

const patch = frame("patch", urlOf("node_modules/@colyseus/core/build/Room.mjs"), 300, [
  frame("write", "", 200),
]);
const step = frame("#step", urlOf("server/host/simulation-room.ts"), 100, [patch]);
const root = frame("(root)", "", 0, [
  frame("processTimers", "node:internal/timers", 50, [step]),
  frame("(garbage collector)", "", 150),
  frame("(idle)", "", 9_000),
]);

it("[DE10] says of which part, file and function the busy time is, without what was waited", () => {
  const { busyUs, idleUs, parts, files, functions } = selfTimeOf(root, new Places());
  expect([busyUs, idleUs]).toEqual([800, 9_000]);
  expect(parts).toEqual([
    { name: "@colyseus/core", us: 300 },
    { name: "native code and the system", us: 200 },
    { name: "(garbage collector)", us: 150 },
    { name: "server/host", us: 100 },
    { name: "node", us: 50 },
  ]);
  expect(files[3]).toEqual({ name: "server/host/simulation-room.ts", us: 100 });
  expect(functions[3]).toEqual({ name: "#step  server/host/simulation-room.ts:5", us: 100 });
  const text = selfTimeText({ busyUs, idleUs, parts, files, functions });
  expect(text).toContain("busy 8.2 %");
  expect(text).toContain("|  37.5 % |      0.3 | @colyseus/core |");
});

it("[DE10] finds the source of what was built", () => {
  const dist = path.join(folder, "dist");
  mkdirSync(dist);
  // The fifth line, from its first column on, is the second of the source.
  const map = { version: 3, sources: ["../server/host/match.ts"], names: [], mappings: ";;;;AACA" };
  writeFileSync(path.join(dist, "main.mjs.map"), JSON.stringify(map));
  const { callFrame } = frame("open", pathToFileURL(path.join(dist, "main.mjs")).href, 1);
  expect(new Places().of(callFrame)).toEqual({
    part: "server/host",
    file: "server/host/match.ts",
    line: 2,
  });
});

it("[DE10] draws each call as wide as it took, callers above what they called, in a file that needs no other", () => {
  const svg = flameGraph(root, new Places(), 'a "title" <of it>');
  const boxes = [...svg.matchAll(/data-x="([\d.]+)" data-w="([\d.]+)" data-n="([^"]*)"/g)].map(
    ([, x, width, name]) => ({ name, x: Number(x), width: Number(width) }),
  );
  expect(boxes.map(({ name }) => name)).toEqual([
    "busy",
    "processTimers",
    "#step",
    "patch",
    "write",
    "(garbage collector)",
  ]);
  const [busy, timers, , , write, collector] = boxes;
  expect(timers?.width).toBeCloseTo(((busy?.width ?? 0) * 650) / 800);
  expect(write?.x).toBe(0);
  expect(collector?.x).toBeCloseTo(timers?.width ?? 0);
  const rows = [...svg.matchAll(/<rect x="[\d.]+" y="(\d+)"/g)].map(([, y]) => Number(y));
  expect(rows.slice(0, 5)).toEqual([...rows.slice(0, 5)].sort((a, b) => a - b));
  expect(svg).toContain("a &quot;title&quot; &lt;of it&gt;");
  expect(svg.replaceAll('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
    /https?:|href|@import/,
  );
});

it("[DE10] shows what functions are called as text, whatever it holds", () => {
  const odd = frame("(root)", "", 0, [frame(`<script>alert("x")</script>&`, "node:x", 100)]);
  const svg = flameGraph(odd, new Places(), "");
  expect(svg).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;");
  expect(svg.match(/<script>/g)).toHaveLength(1);
});
