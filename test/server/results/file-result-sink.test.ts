import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileResultSink } from "../../../server/results/file/file-result-sink.ts";
import { describeResultSinkContract, RESULT } from "../../contract/result-sink-contract.ts";

const never = new AbortController().signal;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fleetroom-results-"));
});
afterEach(() => rm(root, { recursive: true }));

describeResultSinkContract("FileResultSink", async () => {
  const directory = join(root, "not/there/yet");
  return {
    sink: new FileResultSink(directory),
    async arrived() {
      const names = await readdir(directory).catch(() => []);
      const texts = names.map((name) => readFile(join(directory, name), "utf8"));
      return (await Promise.all(texts)).map((text) => JSON.parse(text));
    },
  };
});

describe("FileResultSink", () => {
  it("[RS2] names the file after the result and leaves no other behind", async () => {
    const sink = new FileResultSink(root);
    await sink.deliver(RESULT, never);
    expect(await readdir(root)).toEqual([`${RESULT.resultId}.json`]);
  });

  it.each(["", "../x", "a/b", "a\0b", "x".repeat(129), "."])(
    "[RS2] refuses an id that is no plain file name (%#)",
    async (resultId) => {
      const sink = new FileResultSink(root);
      await expect(sink.deliver({ ...RESULT, resultId }, never)).rejects.toThrow(TypeError);
      expect(await readdir(root)).toEqual([]);
    },
  );

  it("[RS2] rejects when the directory cannot be made", async () => {
    await writeFile(join(root, "file"), "");
    const sink = new FileResultSink(join(root, "file"));
    await expect(sink.deliver(RESULT, never)).rejects.toThrow();
  });
});
