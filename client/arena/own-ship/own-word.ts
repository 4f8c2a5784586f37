import type { ShipBody } from "../../../rooms/arena/prediction.ts";
import { shortTurn } from "../remote-ships.ts";

/** Where the server had the own ship, and what it knew of us then. */
export interface OwnWord {
  readonly tick: number;
  /** The number of the last command used; its low 16 bits are enough. */
  readonly ack: number;
  /** `undefined` while the ship is destroyed. */
  readonly body: ShipBody | undefined;
}

/** How exact the server's word is. A prediction that is no farther from it than this was right. */
export interface WordTolerance {
  readonly metres: number;
  readonly metresPerSecond: number;
  readonly radians: number;
}

/** Whether a prediction was right, as far as the word is exact. */
export function isConfirmed(
  predicted: ShipBody,
  word: ShipBody,
  { metres, metresPerSecond, radians }: WordTolerance,
): boolean {
  return (
    Math.abs(predicted.xMetres - word.xMetres) <= metres &&
    Math.abs(predicted.yMetres - word.yMetres) <= metres &&
    Math.abs(predicted.vxMetresPerSecond - word.vxMetresPerSecond) <= metresPerSecond &&
    Math.abs(predicted.vyMetresPerSecond - word.vyMetresPerSecond) <= metresPerSecond &&
    Math.abs(shortTurn(predicted.angleRadians, word.angleRadians)) <= radians
  );
}
