import type { Telemetry } from "./telemetry.ts";

export type EventName = keyof Telemetry;
export type EventInfo<Name extends EventName> = Parameters<Telemetry[Name]>[0];

/** For telemetry that treats all events alike: every one of them arrives at `record`. */
export abstract class EveryEvent implements Telemetry {
  /** Must not throw and must not wait. */
  protected abstract record<Name extends EventName>(event: Name, info: EventInfo<Name>): void;

  serverListening(info: EventInfo<"serverListening">): void {
    this.record("serverListening", info);
  }
  healthChanged(info: EventInfo<"healthChanged">): void {
    this.record("healthChanged", info);
  }
  serverStopping(info: EventInfo<"serverStopping">): void {
    this.record("serverStopping", info);
  }
  serverStopped(info: EventInfo<"serverStopped">): void {
    this.record("serverStopped", info);
  }
  gameSessionStateChanged(info: EventInfo<"gameSessionStateChanged">): void {
    this.record("gameSessionStateChanged", info);
  }
  gameSessionPlaced(info: EventInfo<"gameSessionPlaced">): void {
    this.record("gameSessionPlaced", info);
  }
  gameSessionStarted(info: EventInfo<"gameSessionStarted">): void {
    this.record("gameSessionStarted", info);
  }
  gameSessionFailed(info: EventInfo<"gameSessionFailed">): void {
    this.record("gameSessionFailed", info);
  }
  gameSessionEnded(info: EventInfo<"gameSessionEnded">): void {
    this.record("gameSessionEnded", info);
  }
  joinRefused(info: EventInfo<"joinRefused">): void {
    this.record("joinRefused", info);
  }
  joinEnded(info: EventInfo<"joinEnded">): void {
    this.record("joinEnded", info);
  }
  playerJoined(info: EventInfo<"playerJoined">): void {
    this.record("playerJoined", info);
  }
  playerDropped(info: EventInfo<"playerDropped">): void {
    this.record("playerDropped", info);
  }
  playerReconnected(info: EventInfo<"playerReconnected">): void {
    this.record("playerReconnected", info);
  }
  playerLeft(info: EventInfo<"playerLeft">): void {
    this.record("playerLeft", info);
  }
  playerSessionRemoveFailed(info: EventInfo<"playerSessionRemoveFailed">): void {
    this.record("playerSessionRemoveFailed", info);
  }
  connectionClosed(info: EventInfo<"connectionClosed">): void {
    this.record("connectionClosed", info);
  }
  requestRefused(info: EventInfo<"requestRefused">): void {
    this.record("requestRefused", info);
  }
  handshakeFailed(info: EventInfo<"handshakeFailed">): void {
    this.record("handshakeFailed", info);
  }
  certificateLoaded(info: EventInfo<"certificateLoaded">): void {
    this.record("certificateLoaded", info);
  }
  certificateRejected(info: EventInfo<"certificateRejected">): void {
    this.record("certificateRejected", info);
  }
  commandDropped(info: EventInfo<"commandDropped">): void {
    this.record("commandDropped", info);
  }
  tickRan(info: EventInfo<"tickRan">): void {
    this.record("tickRan", info);
  }
  stepOverran(info: EventInfo<"stepOverran">): void {
    this.record("stepOverran", info);
  }
  roomFault(info: EventInfo<"roomFault">): void {
    this.record("roomFault", info);
  }
  clientFault(info: EventInfo<"clientFault">): void {
    this.record("clientFault", info);
  }
  resultDelivered(info: EventInfo<"resultDelivered">): void {
    this.record("resultDelivered", info);
  }
  resultNotDelivered(info: EventInfo<"resultNotDelivered">): void {
    this.record("resultNotDelivered", info);
  }
  journalTruncated(info: EventInfo<"journalTruncated">): void {
    this.record("journalTruncated", info);
  }
  journalFailed(info: EventInfo<"journalFailed">): void {
    this.record("journalFailed", info);
  }
  fleetCallFailed(info: EventInfo<"fleetCallFailed">): void {
    this.record("fleetCallFailed", info);
  }
  fleetCallEnded(info: EventInfo<"fleetCallEnded">): void {
    this.record("fleetCallEnded", info);
  }
  fleetReachable(info: EventInfo<"fleetReachable">): void {
    this.record("fleetReachable", info);
  }
  fleetLost(info: EventInfo<"fleetLost">): void {
    this.record("fleetLost", info);
  }
  fleetBreakerTurned(info: EventInfo<"fleetBreakerTurned">): void {
    this.record("fleetBreakerTurned", info);
  }
  backfillStarted(info: EventInfo<"backfillStarted">): void {
    this.record("backfillStarted", info);
  }
  backfillEnded(info: EventInfo<"backfillEnded">): void {
    this.record("backfillEnded", info);
  }
  backfillGivenUp(info: EventInfo<"backfillGivenUp">): void {
    this.record("backfillGivenUp", info);
  }
  localSessionFileRejected(info: EventInfo<"localSessionFileRejected">): void {
    this.record("localSessionFileRejected", info);
  }
  vendorMessage(info: EventInfo<"vendorMessage">): void {
    this.record("vendorMessage", info);
  }
}
