import type { Input } from "./rules.ts";

/** Of a server that chooses its own bytes: ours, and those on plain `ws`. */
export const INPUT_BYTES = 10;

//   offset 0  f32  dx
//   offset 4  f32  dy
//   offset 8  u16  angle

export function writeInput(view: DataView, at: number, { dx, dy, angle }: Input): void {
  view.setFloat32(at, dx, true);
  view.setFloat32(at + 4, dy, true);
  view.setUint16(at + 8, angle, true);
}

/** @returns `undefined` for what is no input. */
export function readInput(bytes: Uint8Array, at = 0): Input | undefined {
  if (bytes.length !== at + INPUT_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, INPUT_BYTES);
  const dx = view.getFloat32(0, true);
  const dy = view.getFloat32(4, true);
  if (!(Math.abs(dx) <= 1 && Math.abs(dy) <= 1)) return undefined;
  return { dx, dy, angle: view.getUint16(8, true) };
}
