import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { outdatedTexts } from "../../../scripts/templates/generated-parts.ts";
import { withParameterTables } from "../../../scripts/templates/parameter-tables.ts";
import { withTemplateParts } from "../../../scripts/templates/template-parts.ts";
import { temporaryFolder } from "../../infra/temporary-folder.ts";

const ROOT = path.join(import.meta.dirname, "../../..");
const FILES = ["infra/ec2-fleet.yaml", "infra/container-fleet.yaml", "docs/INFRA.md"];
const OTHERS = ["anywhere", "queue", "alarms", "dashboard"].map((name) => `infra/${name}.yaml`);

const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");

describe("npm run templates", () => {
  it("[IF11] has written templates and page as launch.ts stands", () => {
    expect(outdatedTexts().map(({ file }) => file)).toEqual([]);
  });

  it("[IF11] names what is out of date and ends with 1, or writes it", () => {
    using folder = temporaryFolder();
    for (const file of OTHERS) folder.write(file, read(file));
    folder.write(FILES[0] ?? "", read(FILES[0] ?? "").replace(/"10": "268"/, '"10": "999"'));
    folder.write(FILES[1] ?? "", read(FILES[1] ?? "").replace('heap: "128"', 'heap: "64"'));
    folder.write(FILES[2] ?? "", read(FILES[2] ?? "").replace("| `InstanceType` |", "| `Other` |"));
    const run = (...flags: string[]) =>
      spawnSync(process.execPath, ["scripts/templates.ts", "--in", folder.folder, ...flags], {
        cwd: ROOT,
        encoding: "utf8",
      });
    const checked = run("--check");
    expect(checked.status).toBe(1);
    for (const file of FILES) expect(checked.stderr).toContain(`${file} is out of date`);
    expect(run()).toMatchObject({ status: 0, stderr: "" });
    for (const file of FILES) {
      expect(readFileSync(path.join(folder.folder, file), "utf8")).toBe(read(file));
    }
  });

  it("[IF11] refuses marks that name nothing or have no end", () => {
    const mark = "# made of scripts/gamelift/launch.ts:";
    expect(() => withTemplateParts(`a:\n  ${mark} no-such\n  # end\n`)).toThrow("no-such");
    expect(() => withTemplateParts(`a:\n  ${mark} heap-table\n`)).toThrow("no end");
    expect(() => withParameterTables("<!-- parameters of infra/queue.yaml -->\n", read)).toThrow(
      "no end",
    );
  });
});
