import { describe, expect, test } from "vitest";
import { readAddress } from "../../client/wire/address.ts";

describe("address", () => {
  test.each([
    ["http://127.0.0.1:7000", "ws://127.0.0.1:7000/play"],
    ["https://play.example/", "wss://play.example/play"],
    ["ws://[::1]:7000", "ws://[::1]:7000/play"],
    ["wss://play.example:443/eu/1/?a=b#c", "wss://play.example/eu/1/play"],
    ["ws://127.0.0.1:7000/play", "ws://127.0.0.1:7000/play"],
  ])("[CL14] reads %s as the WebSocket %s", (text, url) => {
    expect(readAddress(text)).toEqual({ transport: "websocket", url });
  });

  test.each([
    ["tcp://127.0.0.1:7000", "127.0.0.1", false],
    ["tcp://[::1]:7000", "::1", false],
    ["tls://play.example:7000", "play.example", true],
  ])("[CL14] reads %s as a byte stream", (text, host, isSecure) => {
    expect(readAddress(text)).toEqual({ transport: "tcp", host, port: 7000, isSecure });
  });
});
