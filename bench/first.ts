import { setTimeout as delay } from "node:timers/promises";
import { costOf, cpuMs, processTimes, residentBytes } from "./measure/process-cost.ts";
import { quantile } from "./measure/pairs.ts";
import { type MatchPeer, SPOKEN, startMatch, type MatchSubject } from "./subjects/match-subject.ts";
import { SERVER_CORE } from "./subjects/subject.ts";
import { Swarm } from "./swarm/swarm.ts";

const swarm = new Swarm(undefined);
const WINDOW = Number(process.env.WINDOW ?? 4000), ROUNDS = Number(process.env.ROUNDS ?? 3), WARM = Number(process.env.WARM ?? 5000);
const PEERS = (process.env.PEERS ?? "colyseus,ours-schema,ws").split(",") as MatchPeer[];
const CASES = (process.env.CASES ?? "10@20,10@60,200@20,200@60").split(",");
for (const text of CASES) {
  const [players, hz] = text.split("@").map(Number) as [number, number];
  const plan = { players, npcs: Math.max(0, 200 - players), tickRateHz: hz, sideMetres: 1000, seed: 7 };
  const servers = new Map<MatchPeer, MatchSubject>();
  for (const peer of PEERS) {
    const s = await startMatch(peer, plan, undefined);
    servers.set(peer, s);
    await swarm.openMatch(peer, s, { ...SPOKEN[peer], count: players, probes: 4, atOnce: 25 });
  }
  const got: Record<string, number[][]> = {};
  const window = async (peer: MatchPeer, ms: number) => {
    const s = servers.get(peer)!;
    await s.run();
    const playing = swarm.playMatch(peer, ms + 1000);
    await delay(500);
    const t0 = processTimes(s.pid), sw0 = cpuMs(swarm.pid);
    const cost = await costOf(s, SERVER_CORE, () => delay(ms));
    const t1 = processTimes(s.pid), sw1 = cpuMs(swarm.pid);
    const played = await playing;
    const began = await s.stand();
    await delay(100);
    return { cost, t0, t1, sw: (sw1 - sw0) / cost.wallMs, played, began };
  };
  for (const peer of PEERS) await window(peer, WARM);
  for (const peer of PEERS) await swarm.count(peer);
  for (let r = 0; r < ROUNDS; r++) for (const peer of PEERS) {
    await swarm.count(peer);
    const w = await window(peer, WINDOW);
    const rec = await swarm.count(peer);
    const rate = 1000 * (w.began.length - 1) / (w.began.at(-1)! - w.began[0]!);
    const pm = w.cost.cpuMs / players / (w.cost.wallMs / 60000);
    const sysShare = (w.t1.systemMs - w.t0.systemMs) / Math.max(1, w.t1.systemMs - w.t0.systemMs + w.t1.userMs - w.t0.userMs);
    const iv = w.began.slice(1).map((v, i) => v - w.began[i]! - 1000 / hz);
    (got[peer] ??= []).push([pm * hz / rate, sysShare, rate, quantile(iv, .5), quantile(iv, .99), quantile(w.played.inputToStateMs, .5), quantile(w.played.inputToStateMs, .99), rec.wireBytes / players / (w.began.length / rate), w.cost.foreignMs / w.cost.wallMs, w.sw, w.played.inputs / players / (WINDOW + 1000) * 1000, (rec.patches+rec.messages) / players / w.began.length, residentBytes(servers.get(peer)!.pid) / 1e6]);
  }
  const med = (peer: string, i: number) => quantile(got[peer]!.map((g) => g[i]!), .5);
  console.log(`== ${text}`);
  for (const peer of PEERS) {
    const m = (i: number, d = 1) => med(peer, i).toFixed(d);
    console.log(`${peer.padEnd(12)} ms/pm ${m(0)} [${got[peer]!.map((g) => g[0]!.toFixed(0))}] user ${(med(peer, 0) * (1 - med(peer, 1))).toFixed(1)} sys ${(med(peer, 0) * med(peer, 1)).toFixed(1)} rate ${m(2, 2)} late p50 ${m(3, 2)} p99 ${m(4, 2)} input→state ${m(5)}/${m(6)} B/c/s ${m(7, 0)} foreign ${m(8, 3)} swarm ${m(9, 2)} in/s ${m(10)} states/tick ${m(11, 3)} rss ${m(12)}`);
  }
  for (const peer of PEERS) console.log(`  ${peer} / colyseus: ${(quantile(got[peer]!.map((g, i) => g[0]! / got["colyseus"]![i]![0]!), .5)).toFixed(2)}`);
  for (const [peer, s] of servers) {
    await s.run(); await swarm.keepStates(peer); await delay(300);
    const dump = await s.dump(); await delay(300);
    const states = await swarm.statesAt(peer, dump);
    let bad = 0, n = 0;
    for (const st of states) for (const { id, body } of dump.bodies) { n++; const b = st?.get(id); if (!b || b.x !== Math.fround(body.x) || b.y !== Math.fround(body.y) || b.angle !== body.angle|| b.vx !== Math.fround(body.vx)) bad++; }
    console.log(`  ${peer} verify: ${states.length} probes, ${n} bodies, ${bad} unequal`);
    await s.stand(); await swarm.close(peer); await s.stop();
  }
}
swarm.stop();
