/**
 * The scripts of the lives that a server is taken through. Every wait has a bound; what came of it is judged afterwards,
 * by the rules.
 * @module
 */
import type { UpdateReason } from "../plane/links.ts";
import { VERIFY_LIMITS } from "./limits.ts";
import type { Client, Stage } from "./stage.ts";
import type { LifeName, Role } from "./trace.ts";

const UPDATE_REASONS: readonly UpdateReason[] = [
  "MATCHMAKING_DATA_UPDATED",
  "BACKFILL_FAILED",
  "BACKFILL_TIMED_OUT",
  "BACKFILL_CANCELLED",
];

/** What the service's own timers end is waited for a little longer than they take. */
const SLACK_MS = 1_000;

const SCRIPTS: Readonly<Record<LifeName, (stage: Stage) => Promise<void>>> = {
  match: matchLife,
  idle: idleLife,
  dismissed: dismissedLife,
};

/** Takes a server through one life. Nothing that it started runs when this settles. */
export async function runLife(life: LifeName, stage: Stage): Promise<void> {
  try {
    await SCRIPTS[life](stage);
  } finally {
    await stage.end();
  }
}

async function matchLife(stage: Stage): Promise<void> {
  if (!(await becomesReady(stage))) return;
  const { reading } = stage;
  await stage.probe(Number(reading.ready?.members["Port"]));
  if (!(await reports(stage, 1, reading.terms.firstReportMs))) return;
  if (await hosts(stage)) {
    // A server that ends by itself now does so whatever it is shown next.
    await stage.recorder.until(() => isOver(stage), VERIFY_LIMITS.settleMs);
    if (reading.terms.hasClient) await playersCome(stage);
    await updates(stage);
    await linkIsLost(stage);
    await linkIsRefreshed(stage);
    const { reportsWanted, reportMs } = reading.terms;
    for (let count = 0; count < reportsWanted; count++)
      await reports(stage, count + 2, reportMs * 1.25 + SLACK_MS);
  }
  await isTerminated(stage);
}

async function idleLife(stage: Stage): Promise<void> {
  const isReady = await becomesReady(stage);
  if (isReady && (await reports(stage, 1, stage.reading.terms.firstReportMs)))
    await isTerminated(stage);
}

async function dismissedLife(stage: Stage): Promise<void> {
  const isReady = await becomesReady(stage);
  if (!isReady || !(await reports(stage, 1, stage.reading.terms.firstReportMs))) return;
  const { reading, recorder } = stage;
  const connections = () =>
    reading.all("connected").length + reading.all("connection-refused").length;
  const before = connections();
  stage.closeWith1001();
  const { dismissalMs } = VERIFY_LIMITS;
  await recorder.until(() => isOver(stage) || connections() > before, dismissalMs);
}

async function becomesReady(stage: Stage): Promise<boolean> {
  const { recorder, reading } = stage;
  const { initializationMs, readyMs } = reading.terms;
  stage.startServer();
  await recorder.until(
    () => reading.first("connected") !== undefined || isOver(stage),
    initializationMs + SLACK_MS,
  );
  if (reading.first("connected") === undefined) return false;
  const activations = () => reading.requests("ActivateServerProcess").length > 0;
  await recorder.until(() => activations() || isOver(stage), readyMs + SLACK_MS);
  return reading.ready !== undefined && !isOver(stage);
}

/** @returns Whether the server has reported its health so often. */
async function reports(stage: Stage, count: number, withinMs: number): Promise<boolean> {
  const { recorder, reading } = stage;
  const hasReported = () => reading.requests("HeartbeatServerProcess").length >= count;
  await recorder.until(() => hasReported() || isOver(stage), withinMs);
  return hasReported() && !isOver(stage);
}

/** @returns Whether the server has an active game session. */
async function hosts(stage: Stage): Promise<boolean> {
  const { recorder, reading } = stage;
  if (!stage.createGameSession()) return false;
  const isActive = () => reading.granted("ActivateGameSession").length > 0;
  await recorder.until(() => isActive() || isOver(stage), reading.terms.activationMs + SLACK_MS);
  return isActive() && !isOver(stage);
}

async function playersCome(stage: Stage): Promise<void> {
  const first = await enters(stage, "stays");
  if (first !== undefined && isThere(stage, first)) await twinComes(stage, first);
  await areRefused(stage, [
    { role: "unknown", playerSessionId: stage.unknown() },
    { role: "expired", playerSessionId: stage.expired() },
    { role: "foreign", playerSessionId: stage.foreign() },
  ]);
  const second = await enters(stage, "leaves");
  if (second === undefined) return;
  await leaves(stage, second);
  if (wasRemoved(stage, second))
    await areRefused(stage, [{ role: "used", playerSessionId: second.playerSessionId }]);
}

/** One player comes, with a fresh reservation, until he is in, or his client is gone. */
async function enters(stage: Stage, role: Role): Promise<Client | undefined> {
  if (isOver(stage)) return undefined;
  const playerSessionId = stage.reserve();
  if (playerSessionId === undefined) return undefined;
  const client = stage.startClient(role, playerSessionId);
  await isIn(stage, client);
  return client;
}

async function isIn(stage: Stage, client: Client): Promise<void> {
  const { recorder, reading } = stage;
  const isAccepted = () =>
    reading
      .about("AcceptPlayerSession", client.playerSessionId)
      .some(({ statusCode }) => statusCode === 200);
  const isSettled = () => isAccepted() || !isThere(stage, client) || isOver(stage);
  await recorder.until(isSettled, reading.terms.patienceMs);
  await recorder.until(() => !isThere(stage, client) || isOver(stage), VERIFY_LIMITS.stayMs);
}

/** Somebody presents the id of a player who is there. One of the two is to go. */
async function twinComes(stage: Stage, first: Client): Promise<void> {
  const { recorder, reading } = stage;
  const twin = stage.startClient("twin", first.playerSessionId);
  const isSettled = () => !isThere(stage, twin) || !isThere(stage, first) || isOver(stage);
  await recorder.until(isSettled, reading.terms.patienceMs);
  // Who took the other's place stays in it.
  if (isThere(stage, twin) && isThere(stage, first)) await stage.dismiss(twin);
}

async function areRefused(
  stage: Stage,
  wanted: readonly { role: Role; playerSessionId: string | undefined }[],
): Promise<void> {
  if (isOver(stage)) return;
  const { recorder, reading } = stage;
  const clients = wanted.flatMap(({ role, playerSessionId }) =>
    playerSessionId === undefined ? [] : [stage.startClient(role, playerSessionId)],
  );
  const areGone = () => clients.every((client) => !isThere(stage, client));
  await recorder.until(() => areGone() || isOver(stage), reading.terms.patienceMs);
  await Promise.all(clients.map((client) => stage.dismiss(client)));
}

async function leaves(stage: Stage, client: Client): Promise<void> {
  const { recorder, reading } = stage;
  await stage.dismiss(client);
  const isSettled = () => wasRemoved(stage, client) || isOver(stage);
  const isWanted = reading
    .about("AcceptPlayerSession", client.playerSessionId)
    .some(({ statusCode }) => statusCode === 200);
  if (isWanted) await recorder.until(isSettled, reading.terms.patienceMs);
}

async function updates(stage: Stage): Promise<void> {
  if (isOver(stage)) return;
  for (const reason of UPDATE_REASONS) stage.updateGameSession(reason);
  await stage.recorder.until(() => isOver(stage), VERIFY_LIMITS.settleMs);
}

async function linkIsLost(stage: Stage): Promise<void> {
  if (isOver(stage)) return;
  const { recorder, reading } = stage;
  const before = reading.all("connected").length;
  stage.cutLink();
  const isBack = () => reading.all("connected").length > before;
  await recorder.until(() => isBack() || isOver(stage), reading.terms.patienceMs);
  await recorder.until(() => isOver(stage), VERIFY_LIMITS.settleMs);
  if (!isBack() || !reading.terms.hasClient) return;
  const newcomer = await enters(stage, "after-link");
  if (newcomer !== undefined) await leaves(stage, newcomer);
}

/** A player comes in the very moment: the service's answer about him is on its way when the connection moves. */
async function linkIsRefreshed(stage: Stage): Promise<void> {
  const { recorder, reading } = stage;
  if (isOver(stage) || !isConnected(stage)) return;
  const before = reading.all("connected").length;
  const playerSessionId = reading.terms.hasClient ? stage.reserve() : undefined;
  let client: Client | undefined;
  if (playerSessionId !== undefined) {
    stage.holdAnswers("AcceptPlayerSession", VERIFY_LIMITS.heldMs);
    client = stage.startClient("during-refresh", playerSessionId);
    const isAsked = () => reading.about("AcceptPlayerSession", playerSessionId).length > 0;
    const isGone = () => client === undefined || !isThere(stage, client);
    await recorder.until(() => isAsked() || isGone() || isOver(stage), reading.terms.patienceMs);
  }
  stage.refreshConnection();
  stage.holdAnswers("AcceptPlayerSession", 0);
  const isFresh = () => reading.all("connected").length > before;
  await recorder.until(() => isFresh() || isOver(stage), reading.terms.patienceMs);
  if (client !== undefined) {
    await isIn(stage, client);
    await leaves(stage, client);
  }
  const { oldConnectionMs } = VERIFY_LIMITS;
  if (isFresh())
    await recorder.until(() => openConnections(stage) < 2 || isOver(stage), oldConnectionMs);
}

async function isTerminated(stage: Stage): Promise<void> {
  if (isOver(stage)) return;
  const { recorder, reading } = stage;
  const { terminationMs, exitMs } = reading.terms;
  stage.terminateProcess();
  const isSettled = () => reading.granted("TerminateServerProcess").length > 0 || isOver(stage);
  await recorder.until(isSettled, terminationMs + SLACK_MS);
  await recorder.until(() => isOver(stage), exitMs + SLACK_MS);
}

/** Whether the server has ended, or was given up by the service. */
function isOver({ reading }: Stage): boolean {
  return reading.exited !== undefined || reading.step("kill") !== undefined;
}

function isThere({ reading }: Stage, { number }: Client): boolean {
  return reading.first("client-gone", ({ client }) => client === number) === undefined;
}

function wasRemoved({ reading }: Stage, { playerSessionId }: Client): boolean {
  return reading
    .about("RemovePlayerSession", playerSessionId)
    .some(({ statusCode }) => statusCode === 200);
}

function openConnections({ reading }: Stage): number {
  return reading.all("connected").length - reading.all("disconnected").length;
}

function isConnected(stage: Stage): boolean {
  return openConnections(stage) > 0;
}
