import { expect } from "vitest";
import { readConfig, type ServerConfig } from "../../server/config.ts";

export interface Sources {
  env?: Record<string, string>;
  argv?: string[];
  /** The default configuration file. */
  file?: object | string;
  /** Other files, by path. */
  files?: Record<string, string>;
}

export function read({ env = {}, argv = [], file, files = {} }: Sources = {}): ServerConfig {
  const text = typeof file === "object" ? JSON.stringify(file) : file;
  const all = new Map(Object.entries(files));
  if (text !== undefined) all.set("/build/fleetroom.json", text);
  return readConfig({ env, argv, cwd: "/build", readFile: (path) => all.get(path) });
}

/** The lines of the complaint; fails the test when there is none. */
export function mistakes(sources: Sources): string[] {
  try {
    read(sources);
  } catch (error) {
    expect(error).toMatchObject({ name: "GameServerError", code: "CONFIG_INVALID" });
    return (error as Error).message.split("\n");
  }
  throw new Error("the configuration was taken");
}
