import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { makeDirectory, makeDirectoryAtOnce } from "../../server/make-directory.ts";
import { newFolder } from "../support/log-places.ts";

const WAYS = {
  waiting: makeDirectory,
  blocking: async (dir: string, mode?: number) => makeDirectoryAtOnce(dir, mode),
};

describe.for(Object.entries(WAYS))("a directory, %s", ([, make]) => {
  it("[LO14] is made with its parents, and is left as it is when it is there", async () => {
    const dir = path.join(newFolder(), "a", "b", "c");
    await make(dir, 0o750);
    expect(statSync(path.dirname(dir)).mode & 0o777).toBe(0o750 & ~process.umask());
    await make(dir);
    await make("/");
    expect(statSync(dir).mode & 0o777).toBe(0o750 & ~process.umask());
  });

  it.runIf(existsSync("/proc/self"))("[LO14] fails where nobody may make one", async () => {
    for (const dir of ["/proc/none", "/proc/none/at/all", "/proc/self/none"]) {
      await expect(make(dir), dir).rejects.toMatchObject({ code: "ENOENT" });
    }
  });

  it("[LO14] fails where something else is in its way", async () => {
    const parent = newFolder();
    const at = (name: string) => path.join(parent, name);
    writeFileSync(at("file"), "");
    symlinkSync(at("nothing"), at("link"));
    symlinkSync(at("loop"), at("loop"));
    mkdirSync(at("real"));
    symlinkSync(at("real"), at("to-real"));
    await make(at("to-real"));
    await expect(make(at("file"))).rejects.toMatchObject({ code: "EEXIST" });
    await expect(make(at("file/below/it"))).rejects.toMatchObject({ code: "ENOTDIR" });
    await expect(make(at("link"))).rejects.toMatchObject({ code: "ENOENT" });
    await expect(make(at("loop/below"))).rejects.toMatchObject({ code: "ELOOP" });
    await expect(make(at("x".repeat(300)))).rejects.toMatchObject({ code: "ENAMETOOLONG" });
  });
});
