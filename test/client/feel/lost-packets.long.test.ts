import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { Distribution } from "./distribution.ts";
import type { LossyFigures } from "./lossy-player.ts";

const SECONDS = 30;
const MATCH = path.join(import.meta.dirname, "lossy-match.ts");

/** Attaches a tun device, which takes a system call that Node has not, and becomes the program given. */
const ATTACH = `
  use Fcntl;
  sysopen(my $tun, "/dev/net/tun", O_RDWR) or die "no tun: $!";
  my $request = pack("Z16 S x22", "feel0", 0x1001);
  ioctl($tun, 0x400454ca, $request) or die "no tun: $!";
  fcntl($tun, F_SETFD, 0);
  $ENV{TUN_FD} = fileno($tun);
  exec @ARGV;
`;

/** Runs a program in a network namespace of its own that has nothing but the device. */
function inOwnNetwork(...program: readonly string[]): string {
  const args = ["--net", "--", "perl", "-e", ATTACH, ...program];
  return execFileSync("unshare", args, { encoding: "utf8", timeout: 180_000, maxBuffer: 2 ** 28 });
}

function whatIsMissing(): string | undefined {
  if (!existsSync("/dev/net/tun")) return "there is no /dev/net/tun";
  try {
    inOwnNetwork("ip", "link", "show", "feel0");
    return undefined;
  } catch (error) {
    return (error as Error).message.split("\n", 1)[0];
  }
}

const missing = whatIsMissing();
if (missing !== undefined) {
  process.stderr.write(
    `SKIPPED: packets lost under TCP (${missing}); run it as root, with unshare, ip and perl\n`,
  );
}

const NUMBERS = ["inputToState", "gaps", "pings", "corrections", "delays", "remoteSteps"] as const;

describe.skipIf(missing !== undefined)("a match over TCP that loses packets", () => {
  test.each([
    [30, 0, 60],
    [30, 0.01, 60],
    [30, 0.03, 60],
    [60, 0, 60],
    [60, 0.01, 60],
    [60, 0.03, 60],
  ])(
    "[FE15] %i Hz, a share of %f lost, %i ms each way: nobody loses the stream",
    (hz, loss, delayMs) => {
      const args = [loss, delayMs, 5, hz, SECONDS].map(String);
      const printed = inOwnNetwork(process.execPath, MATCH, ...args);
      const players = JSON.parse(printed) as LossyFigures[];
      process.stdout.write(`${hz} Hz, ${loss * 100} % lost each way, ${delayMs} ± 5 ms each way\n`);
      for (const name of NUMBERS) {
        const all = new Distribution();
        for (const player of players) for (const value of player[name]) all.add(value);
        process.stdout.write(`  ${name.padEnd(14)} ${all.inWords("")}\n`);
      }
      expect(players).toHaveLength(6);
      for (const { transport, snapshots, drops, endedWith, unreadable } of players) {
        expect({ transport, drops, endedWith, unreadable }).toEqual({
          ...{ transport, drops: 0, endedWith: undefined, unreadable: 0 },
        });
        // Silence is at most a quarter of a second, a stall a few of them.
        expect(snapshots).toBeGreaterThan((SECONDS * hz) / 2);
      }
    },
  );
});
