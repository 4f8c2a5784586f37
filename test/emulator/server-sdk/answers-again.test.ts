import { describe, expect, it } from "vitest";
import { AnswerMemory } from "../../../emulator/server-sdk/answer-memory.ts";
import { SERVICE_LIMITS } from "../../../emulator/server-sdk/limits.ts";
import { ACTIVATION, ServiceWorld } from "./service-world.ts";

const ID = "8f8972ce-7a60-428a-bbc1-242fccb59921";

describe("a RequestId that came before", () => {
  it("[ES11] has the same answer and no second effect", () => {
    const world = new ServiceWorld();
    const { process, arn } = world.hosting();
    const [PlayerSessionId] = world.reserve(arn, "anna");
    const seat = { GameSessionId: arn, PlayerSessionId };
    const first = process.ask("AcceptPlayerSession", seat, ID);
    expect(first["StatusCode"]).toBe(200);
    expect(process.ask("AcceptPlayerSession", seat, ID)).toEqual(first);
    // Even when it asks for something else.
    expect(process.ask("RemovePlayerSession", seat, ID)).toEqual(first);
    expect(world.plane.playerSessions.find(PlayerSessionId ?? "")?.status).toBe("ACTIVE");
    expect(process.code("AcceptPlayerSession", seat)).toBe(409);
  });

  it("[ES11] has the same refusal, though it would be granted by now", () => {
    const world = new ServiceWorld();
    const process = world.connect();
    const healthy = { HealthStatus: true };
    const refused = process.ask("HeartbeatServerProcess", healthy, ID);
    expect(refused["StatusCode"]).toBe(409);
    process.ask("ActivateServerProcess", ACTIVATION);
    expect(process.ask("HeartbeatServerProcess", healthy, ID)).toEqual(refused);
    expect(process.code("HeartbeatServerProcess", healthy)).toBe(200);
  });

  it("[ES11] is known on the next connection, and to its own process alone", () => {
    const world = new ServiceWorld();
    const process = world.connect();
    const first = process.ask("ActivateServerProcess", ACTIVATION, ID);
    process.line.leave();
    const back = world.connect(process.query);
    expect(back.ask("ActivateServerProcess", { ...ACTIVATION, Port: 8888 }, ID)).toEqual(first);
    expect(world.record().port).toBe(7777);
    const other = world.connect({ pID: "process-2" });
    other.ask("ActivateServerProcess", { ...ACTIVATION, Port: 8888 }, ID);
    expect(world.record("process-2").port).toBe(8888);
  });
});

describe("what is remembered", () => {
  const { answersKeptMax, answersKeptMs, answersKeptCharsMax } = SERVICE_LIMITS;

  it("[ES13] is 4,096 answers of one process, the oldest forgotten first", () => {
    const memory = new AnswerMemory();
    for (let index = 0; index <= answersKeptMax; index++) memory.keep(`${index}`, "{}", 200, 0);
    expect(memory.size).toBe(answersKeptMax);
    expect(memory.find("0")).toBeUndefined();
    expect(memory.find("1")).toEqual({ text: "{}", statusCode: 200, atMs: 0 });
  });

  it("[ES13] is a megabyte of answers, and none that is larger alone", () => {
    const memory = new AnswerMemory();
    const half = "x".repeat(answersKeptCharsMax / 2);
    for (const id of ["1", "2", "3"]) memory.keep(id, half, 200, 0);
    expect([memory.size, memory.chars]).toEqual([2, answersKeptCharsMax]);
    expect(memory.find("1")).toBeUndefined();
    memory.keep("4", `${half}${half}x`, 200, 0);
    expect([memory.size, memory.chars]).toEqual([0, 0]);
  });

  it("[ES13] is five minutes of answers", () => {
    const memory = new AnswerMemory();
    memory.keep("1", "{}", 200, 0);
    memory.keep("2", "{}", 200, answersKeptMs - 1);
    expect(memory.find("1")).toBeDefined();
    memory.keep("3", "{}", 200, answersKeptMs);
    expect(memory.find("1")).toBeUndefined();
    expect([memory.size, memory.chars]).toEqual([2, 4]);
  });
});
