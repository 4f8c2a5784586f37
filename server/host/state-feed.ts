import { ClientState, type Room } from "@colyseus/core";
import { $numFields, encode, type Metadata, type StateView } from "@colyseus/schema";
import { internalsOf, type SchemaSerializerInternals } from "./colyseus-internals.ts";
import { withMemoryForViews } from "./full-state-memory.ts";
import { HOST_LIMITS } from "./limits.ts";

const ROOM_STATE = 14;
const ROOM_STATE_PATCH = 15;
const SWITCH_TO_STRUCTURE = 255;
const DELETE = 64;
/** An operation on each field that a structure may have, and what names the structure. */
const STRUCTURE_BYTES_MAX = 64 + 10;
/** A piece of a patch begins at the root without naming it; behind another piece it has to be named. */
const SWITCH_TO_ROOT = Uint8Array.of(SWITCH_TO_STRUCTURE, 0);
const FULL_STATE_BYTES_MIN = 16 * 1024;
/** A full state may have so much of its bytes behind it in changes; with more it is encoded anew, for the newcomer's sake. */
const APPENDED_SHARE_MAX = 0.25;

/** Metadata of fields that Colyseus leaves out of full states, wholly or until later. */
const LEFT_OUT = ["~__patchOnlyFieldIndexes", "~__streamFieldIndexes"];

/** Somebody whom patches go to. */
interface Reader {
  readonly state: number;
  /** @param patch - Not to be written to. */
  sendPatch(patch: Uint8Array): void;
}

/**
 * How a room's state reaches its clients. Colyseus encodes the whole state for every join that comes while changes wait
 * for their patch, twice if it is large, and then sends the newcomer those changes once more. Here a join takes the
 * changes so far out as a piece of the next patch: the whole state is encoded once for all who join before it changes
 * again, and each client gets those pieces alone that its own state lacks.
 *
 * Rooms whose clients have views or inputs of their own keep Colyseus's way, since their patches are no client's but one's.
 */
export class StateFeed {
  /** Clients from which something is withheld; each is told after every patch, before what the room kept back for then. */
  readonly behind = new Set<{ afterPatch(): void }>();
  readonly #room: Room;
  readonly #settlesViews: boolean;
  #serializer: SchemaSerializerInternals | undefined;
  /** Colyseus's own, of the present serializer. */
  #colyseusPatches: SchemaSerializerInternals["applyPatches"] = () => false;
  #isPlain: boolean | undefined;
  /** What has been taken out of the next patch, oldest first; the first byte of each stands for the opcode. */
  #pieces: Uint8Array[] = [];
  /** Of those who joined since the last patch: how many pieces their state has already. */
  #has = new WeakMap<object, number>();
  /**
   * Those who have decoded a state before. To them a full state says by its very silence what is gone, and must be one alone:
   * changes behind it would be taken for part of what it does not say.
   */
  readonly #knowsState = new WeakSet<object>();
  /** ROOM_STATE of the present state, `undefined` once it has changed. Never written again: it may wait for a slow client. */
  #full: Buffer | undefined;
  /** Bytes of changes behind it. */
  #appendedBytes = 0;
  #fullWithClears: Buffer | undefined;
  /** Where full states are encoded; grows with them, so that none is encoded twice. */
  #scratch = new Uint8Array(FULL_STATE_BYTES_MIN);

  /**
   * @param settlesViews - Whether a client with a view is told nothing twice. By itself Colyseus tells it again, with the
   *   next patch, what its full state held, and arrays then have it twice.
   */
  constructor(room: Room, settlesViews = false) {
    this.#room = room;
    this.#settlesViews = settlesViews;
    const internals = internalsOf(room);
    this.#observe(internals._serializer);
    const setSerializer = internals.setSerializer.bind(room);
    internals.setSerializer = (serializer) => {
      this.#observe(serializer);
      setSerializer(serializer);
    };
  }

  /** A client comes back with what it was told before. */
  returns(client: object): void {
    this.#knowsState.add(client);
  }

  /** Whether one full state says all that missed patches said. */
  isEnough(): boolean {
    return this.#serializer !== undefined && this.#isPlainRoom(this.#serializer);
  }

  /**
   * The whole state for a client that did not get some patches, or comes back. Colyseus's own leaves out fields without a value, so that
   * a decoder keeps what it had there; here they are deleted by name.
   * @returns A whole ROOM_STATE message, not to be written to.
   */
  encode(client: object): Uint8Array {
    const serializer = this.#serializer as SchemaSerializerInternals;
    this.#knowsState.add(client);
    const full = this.#presentState(serializer, client);
    if (this.#fullWithClears === undefined) {
      const cleared = clearedFields(serializer);
      this.#fullWithClears = cleared.length === 0 ? full : Buffer.concat([full, ...cleared]);
    }
    return this.#fullWithClears;
  }

  #observe(given: ReturnType<typeof internalsOf>["_serializer"]): void {
    this.#forget();
    this.#serializer = undefined;
    // The other one is shared by all rooms without a state.
    if (given.id !== "schema") return;
    const serializer = given as SchemaSerializerInternals;
    this.#serializer = serializer;
    this.#isPlain = undefined;
    const getFullState = withMemoryForViews(serializer);
    serializer.getFullState = (client, timing) => {
      if (client === undefined || client === null || timing !== undefined) {
        return getFullState(client, timing);
      }
      if (this.#isPlainRoom(serializer)) {
        return this.#knowsState.has(client)
          ? this.encode(client)
          : this.#presentState(serializer, client);
      }
      if (this.#settlesViews) this.#settleOthers(client);
      const full = getFullState(client);
      if (this.#settlesViews) (client as { view?: StateView }).view?.changes.clear();
      return full;
    };
    this.#colyseusPatches = serializer.applyPatches.bind(serializer);
    serializer.applyPatches = (clients, state, timing) => {
      const isOurs = timing === undefined && clients.length > 0 && this.#isPlainRoom(serializer);
      const hasChanges = isOurs
        ? this.#sendPatch(serializer, clients as readonly Reader[])
        : this.#letColyseus(serializer, clients as readonly Reader[], state, timing);
      for (const client of [...this.behind]) client.afterPatch();
      return hasChanges;
    };
  }

  #letColyseus(
    serializer: SchemaSerializerInternals,
    clients: readonly Reader[],
    state: unknown,
    timing: unknown,
  ): boolean {
    if (this.#pieces.length > 0) this.#send(clients, undefined);
    if (serializer.encoder.hasChanges) this.#forget();
    return this.#colyseusPatches(clients, state, timing);
  }

  #sendPatch(serializer: SchemaSerializerInternals, clients: readonly Reader[]): boolean {
    const rest = this.#takeChanges(serializer);
    // To copy a state for each patch that nobody joins behind would be waste.
    if (rest !== undefined) this.#forgetState();
    if (rest === undefined && this.#pieces.length === 0) return false;
    this.#send(clients, rest);
    return true;
  }

  /** Sends each client what its state lacks: `rest`, after the pieces that came since it got its state. */
  #send(clients: readonly Reader[], rest: Uint8Array | undefined): void {
    const pieces = rest === undefined ? this.#pieces : [...this.#pieces, rest];
    const has = this.#pieces.length === 0 ? undefined : this.#has;
    this.#pieces = [];
    if (has !== undefined) this.#has = new WeakMap();
    const patches = [joined(pieces, 0)];
    // A client that is closed by a write leaves the list meanwhile. Not by `slice`: Colyseus's list makes one of its kind.
    for (const client of ([] as Reader[]).concat(clients)) {
      if (client.state !== ClientState.JOINED) continue;
      const from = has?.get(client) ?? 0;
      if (from === pieces.length) continue;
      const patch = patches[from] ?? joined(pieces, from);
      if (from > 0) patches[from] = patch;
      client.sendPatch(patch);
    }
  }

  /** Patches everybody but a client that is about to get the whole state, so that nothing is left to tell it. */
  #settleOthers(client: object): void {
    const others = ([] as object[]).concat(this.#room.clients).filter((one) => one !== client);
    this.#colyseusPatches(others, this.#room.state);
  }

  /** @returns ROOM_STATE; from here on the client gets only what changes after it. */
  #presentState(serializer: SchemaSerializerInternals, client: object): Buffer {
    // Of a room that never sends a patch, as Colyseus has it: the client gets some changes twice.
    const isFull = this.#pieces.length >= HOST_LIMITS.patchPiecesMax;
    const piece = isFull ? undefined : this.#takeChanges(serializer);
    if (piece !== undefined) {
      this.#pieces.push(piece);
      this.#appendToState(piece);
    }
    if (this.#pieces.length > 0) this.#has.set(client, this.#pieces.length);
    const isForOne = this.#appendedBytes > 0 && this.#knowsState.has(client);
    if (isFull || isForOne) this.#forgetState();
    this.#full ??= this.#encodeAll(serializer);
    return this.#full;
  }

  /** Takes the changes so far out of the room. @returns ROOM_STATE_PATCH, `undefined` if there are none. */
  #takeChanges(serializer: SchemaSerializerInternals): Uint8Array | undefined {
    const { encoder } = serializer;
    if (!encoder.hasChanges) return undefined;
    // Colyseus's own memory of the state, should it ever be asked again.
    serializer.needFullEncode = true;
    encoder.sharedBuffer[0] = ROOM_STATE_PATCH;
    // The encoder's memory is written again by the next patch.
    const patch = Buffer.from(encoder.encode({ offset: 1 }));
    encoder.discardChanges();
    return patch;
  }

  /** A full state with a patch behind it is a full state: to encode all of it costs what a large room has of everything. */
  #appendToState(piece: Uint8Array): void {
    const full = this.#full;
    const alone = (full?.byteLength ?? 0) - this.#appendedBytes;
    const appendedBytes = this.#appendedBytes + SWITCH_TO_ROOT.byteLength + piece.byteLength - 1;
    this.#forgetState();
    if (full === undefined || appendedBytes > APPENDED_SHARE_MAX * alone) return;
    this.#full = Buffer.concat([full, SWITCH_TO_ROOT, piece.subarray(1)]);
    this.#appendedBytes = appendedBytes;
  }

  #encodeAll({ encoder }: SchemaSerializerInternals): Buffer {
    this.#scratch[0] = ROOM_STATE;
    const encoded = encoder.encodeAll({ offset: 1 }, this.#scratch);
    const full = Buffer.from(encoded);
    // With some room to grow: Colyseus encodes all over again what does not fit, and says so each time.
    if (full.byteLength * 1.25 > this.#scratch.byteLength) {
      this.#scratch = new Uint8Array(full.byteLength * 2);
    }
    return full;
  }

  #isPlainRoom({ hasFilters, hasUnreliableFields, encoder }: SchemaSerializerInternals): boolean {
    if (internalsOf(this.#room)._inputController !== undefined) return false;
    this.#isPlain ??=
      !hasFilters && !hasUnreliableFields && !hasFieldsLeftOut(encoder.context.schemas.keys());
    return this.#isPlain;
  }

  #forget(): void {
    this.#pieces = [];
    this.#has = new WeakMap();
    this.#forgetState();
  }

  #forgetState(): void {
    this.#appendedBytes = 0;
    this.#full = undefined;
    this.#fullWithClears = undefined;
  }
}

function hasFieldsLeftOut(schemas: Iterable<{ readonly [Symbol.metadata]?: Metadata }>): boolean {
  for (const schema of schemas) {
    const metadata = schema[Symbol.metadata];
    if (metadata && LEFT_OUT.some((name) => name in metadata)) return true;
  }
  return false;
}

/** One ROOM_STATE_PATCH out of several, less the first ones. */
function joined(pieces: readonly Uint8Array[], from: number): Uint8Array {
  const first = pieces[from] as Uint8Array;
  if (from === pieces.length - 1) return first;
  const more = pieces.slice(from + 1).flatMap((piece) => [SWITCH_TO_ROOT, piece.subarray(1)]);
  return Buffer.concat([first, ...more]);
}

/** Deletes of all fields without a value, structure by structure. */
function clearedFields({ encoder }: SchemaSerializerInternals): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const [refId, { ref }] of Object.entries(encoder.root.changeTrees)) {
    const metadata = (ref.constructor as { [Symbol.metadata]?: Metadata })[Symbol.metadata];
    if (metadata === undefined || metadata[$numFields] === undefined) continue;
    const bytes = Buffer.alloc(STRUCTURE_BYTES_MAX);
    const it = { offset: 0 };
    bytes[it.offset++] = SWITCH_TO_STRUCTURE;
    encode.number(bytes, Number(refId), it);
    const start = it.offset;
    for (let index = 0; index <= metadata[$numFields]; index++) {
      const field = metadata[index];
      if (field === undefined || field.deprecated) continue;
      const value = (ref as unknown as Record<string, unknown>)[field.name];
      if (value === undefined || value === null) bytes[it.offset++] = DELETE | index;
    }
    if (it.offset > start) found.push(bytes.subarray(0, it.offset));
  }
  return found;
}
