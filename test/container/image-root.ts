/**
 * The file system that the last stage of the Dockerfile would have, without an engine: its `COPY`s carried out, and the
 * libraries that its base image brings.
 * @module
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { copyOf, execForm, type Stage } from "./dockerfile.ts";

const ROOT = path.join(import.meta.dirname, "../..");

/** Of glibc and gcc, as `gcr.io/distroless/cc` has them. Anything else that Node wanted would be missing there. */
const LIBRARIES_OF_BASE =
  /\/(ld-linux-[\w-]+|libc|libm|libdl|libpthread|librt|libgcc_s|libstdc\+\+)\.so\.\d+$/;

export interface ImageRoot extends Disposable {
  readonly folder: string;
  readonly command: readonly string[];
  readonly healthCommand: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly user: string;
}

/**
 * @param stage - The last one.
 * @param built - What `COPY --from=build` finds, by its path there.
 */
export function imageRoot(stage: Stage, built: Readonly<Record<string, string>>): ImageRoot {
  const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-image-"));
  const one = (name: string): string =>
    stage.instructions.find((instruction) => instruction.name === name)?.words ?? "";
  const workingDirectory = one("WORKDIR");
  for (const instruction of stage.instructions.filter(({ name }) => name === "COPY")) {
    const { sources, target, from } = copyOf(instruction);
    for (const source of sources) {
      const found = from === undefined ? path.join(ROOT, source) : built[source];
      if (found === undefined) throw new Error(`the build stage has no ${source}`);
      const to = path.join(folder, workingDirectory, target);
      mkdirSync(path.dirname(to), { recursive: true });
      cpSync(found, to, { recursive: true, dereference: true });
    }
  }
  copyLibraries(path.join(folder, workingDirectory, "bin/node"), folder);
  for (const name of ["proc", "dev", "tmp", "etc"]) mkdirSync(path.join(folder, name));
  chmodSync(path.join(folder, "tmp"), 0o1777);
  writeFileSync(path.join(folder, "etc/passwd"), "nonroot:x:65532:65532::/home/nonroot:/none\n");
  chmodSync(folder, 0o755);
  const [, health = ""] = one("HEALTHCHECK").split(" CMD ");
  return {
    folder,
    command: execForm(one("ENTRYPOINT")) ?? [],
    healthCommand: execForm(health) ?? [],
    environment: Object.fromEntries([one("ENV").split("=") as [string, string]]),
    workingDirectory,
    user: one("USER").split(":")[0] ?? "",
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function copyLibraries(program: string, folder: string): void {
  const told = execFileSync("ldd", [program], { encoding: "utf8" });
  const libraries = [...told.matchAll(/(\/\S+\.so\S*) \(0x/g)].map(([, file = ""]) => file);
  if (libraries.length < 3) throw new Error(`ldd did not say what ${program} needs:\n${told}`);
  const strange = libraries.filter((file) => !LIBRARIES_OF_BASE.test(file));
  if (strange.length > 0) throw new Error(`the base image lacks ${strange.join(", ")}`);
  for (const file of libraries) {
    const to = path.join(folder, file);
    mkdirSync(path.dirname(to), { recursive: true });
    cpSync(realpathSync(file), to);
  }
}
