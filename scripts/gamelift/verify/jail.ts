/**
 * A root of its own for a build: glibc and friends, a shell, what the installer calls, and no Node. What runs in it sees
 * nothing else of this machine's files. Linux alone.
 * @module
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { GAME_FOLDER } from "../launch.ts";

/** What Amazon Linux has of old, as far as the installer asks for it. */
const PROGRAMS = [
  ...["bash", "env", "cat", "chmod", "dirname", "head", "id", "mkdir", "tee", "uname", "sha256sum"],
  ...["sed", "grep", "awk", "sh"],
];
/** Nobody on this machine; on an instance it is the user of the game, not root. */
const USER_ID = 60_101;
const METADATA = { fleetId: "fleet-verify", fleetName: "verify", instanceType: "c6i.large" };
const NOWHERE_ELSE = "/bin:/usr/bin";

/** Enters, by the program `$1`, the root `$2` as the user `$3`, or as whoever it is there for "", then the folder `$4`. */
const ENTER = `
chroot="$1" root="$2" user="$3" folder="$4"
shift 4
mount --rbind /proc "$root/proc" && mount --rbind /dev "$root/dev" || exit 97
if [ -n "$user" ]; then set -- "$chroot" --groups= --userspec "$user:$user" "$root" /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$folder" "$@"
else set -- "$chroot" "$root" /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$folder" "$@"; fi
exec "$@"
`;

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

export class Jail {
  readonly root: string;
  /** Where `/local/game` is on this machine. */
  readonly gameFolder: string;
  readonly #isRoot = process.getuid?.() === 0;

  /**
   * @param root - A folder that is not there yet.
   * @throws Error with what is missing: this is no Linux, or a program of {@link PROGRAMS} is not there.
   */
  constructor(root: string) {
    if (process.platform !== "linux") {
      throw new Error("a root of its own can be made on Linux only: run this on a Linux machine");
    }
    this.root = root;
    this.gameFolder = path.join(root, GAME_FOLDER);
    for (const folder of ["bin", "usr", "tmp", "proc", "dev", "etc", "local/gamemetadata"]) {
      mkdirSync(path.join(root, folder), { recursive: true });
    }
    chmodSync(path.join(root, "tmp"), 0o1777);
    symlinkSync("../bin", path.join(root, "usr/bin"));
    const user = `game:x:${USER_ID}:${USER_ID}::${GAME_FOLDER}:/bin/sh\n`;
    writeFileSync(path.join(root, "etc/passwd"), `root:x:0:0::/:/bin/sh\n${user}`);
    writeFileSync(path.join(root, "etc/group"), `root:x:0:\ngame:x:${USER_ID}:\n`);
    writeFileSync(
      path.join(root, "local/gamemetadata/gamelift-metadata.json"),
      JSON.stringify(METADATA),
    );
    for (const name of PROGRAMS) this.#bring(pathOf(name), `/bin/${name}`);
    mkdirSync(this.gameFolder, { recursive: true });
  }

  /** Also what a program of the build needs of the system: what an instance has, and no more than that. */
  bringLibrariesOf(program: string): readonly string[] {
    const libraries = librariesOf(program);
    for (const library of libraries) this.#bring(library, library);
    return libraries;
  }

  /** Whoever runs in it owns what lies in a folder below its root, as the folder of the game on an instance. */
  giveToUser(folder: string): void {
    if (this.#isRoot) give(folder, USER_ID);
  }

  /** How to run something in it. The program is named as it is there. */
  command({ program, args }: Command, folder = GAME_FOLDER): Command {
    const own = this.#isRoot ? [] : ["--user", "--map-root-user"];
    const user = this.#isRoot ? String(USER_ID) : "";
    return {
      program: pathOf("unshare"),
      args: [
        ...[...own, "--mount", "--propagation", "private", "--", "/bin/sh", "-c", ENTER, "enter"],
        ...[pathOf("chroot"), this.root, user, folder, program, ...args],
      ],
    };
  }

  run(
    command: Command,
    timeoutMs: number,
  ): { readonly status: number | null; readonly text: string } {
    const { program, args } = this.command(command);
    const { status, stdout, stderr, error } = spawnSync(program, args, {
      encoding: "utf8",
      timeout: timeoutMs,
      env: { PATH: NOWHERE_ELSE, HOME: GAME_FOLDER },
    });
    return { status, text: `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}` };
  }

  /** @returns Why nothing can be run in it, on this machine and by this user; `undefined` when it can. */
  refusal(): string | undefined {
    const { status, text } = this.run({ program: "/bin/sh", args: ["-c", "exit 0"] }, 10_000);
    if (status === 0) return undefined;
    return `this user may not enter a root of his own here (unshare, mount, chroot): run it as root. ${text.trim()}`;
  }

  #bring(from: string, to: string): void {
    const file = path.join(this.root, to);
    if (existsSync(file)) return;
    mkdirSync(path.dirname(file), { recursive: true });
    copyFileSync(from, file);
    chmodSync(file, 0o755);
    for (const library of librariesOf(from)) {
      if (library !== from) this.#bring(library, library);
    }
  }
}

function pathOf(program: string): string {
  const folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];
  const found = folders
    .map((folder) => path.join(folder, program))
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error(`there is no ${program} on this machine`);
  return found;
}

/** As the loader finds them, the loader itself among them. None for a program that is linked to nothing. */
function librariesOf(file: string): readonly string[] {
  try {
    const text = execFileSync("ldd", [file], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    const missing = /^\s*(\S+) => not found/m.exec(text)?.[1];
    if (missing !== undefined) throw new Error(`${file} needs ${missing}, which is not here`);
    return [...text.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, library = ""]) => library);
  } catch (cause) {
    const { stderr, message } = cause as { stderr?: string; message: string };
    if (/not a dynamic executable|statically linked/.test(`${stderr}${message}`)) return [];
    throw cause;
  }
}

function give(file: string, user: number): void {
  const isLink = lstatSync(file).isSymbolicLink();
  if (isLink) return;
  chownSync(file, user, user);
  if (!lstatSync(file).isDirectory()) return;
  for (const name of readdirSync(file)) give(path.join(file, name), user);
}
