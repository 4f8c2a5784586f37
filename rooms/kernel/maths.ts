/**
 * Trigonometry that is bit-identical on every machine: only + - * / and Math.sqrt, which IEEE 754 fixes exactly.
 * The engine's own sin, cos and atan2 may differ in the last bit between versions and processors.
 * @module
 */

const TWO_PI = 2 * Math.PI;

/** Half of pi in two parts: the first has 33 bits, so that its product with a small whole number is exact. */
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_LOW = 6.077100506506192e-11;

/** @returns The sine, within 1e-15 for `|radians|` up to 1000; less exact beyond. NaN for what is not finite. */
export function sin(radians: number): number {
  return sinOfQuadrant(radians, 0);
}

/** @returns The cosine, as exact as `sin`. */
export function cos(radians: number): number {
  return sinOfQuadrant(radians, 1);
}

/** Sine of `radians` plus `quadrantsAhead` right angles. */
function sinOfQuadrant(radians: number, quadrantsAhead: number): number {
  const turns = Math.floor(radians / (Math.PI / 2) + 0.5);
  const rest = radians - turns * HALF_PI_HIGH - turns * HALF_PI_LOW;
  const quadrant = (((turns + quadrantsAhead) % 4) + 4) % 4;
  const isCosine = quadrant === 1 || quadrant === 3;
  const magnitude = isCosine ? cosNearZero(rest) : sinNearZero(rest);
  return quadrant >= 2 ? -magnitude : magnitude;
}

/** Coefficients of FreeBSD's msun, for an argument within a quarter of pi. */
function sinNearZero(x: number): number {
  const z = x * x;
  const tail =
    0.00833333333332249 +
    z *
      (-0.0001984126982985795 +
        z * (0.0000027557313707070068 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)));
  return x + z * x * (-0.16666666666666632 + z * tail);
}

function cosNearZero(x: number): number {
  const z = x * x;
  const tail =
    0.0416666666666666 +
    z *
      (-0.001388888888887411 +
        z *
          (0.00002480158728947673 +
            z *
              (-2.7557314351390663e-7 + z * (2.087572321298175e-9 - z * 1.1359647557788195e-11))));
  return 1 - 0.5 * z + z * z * tail;
}

/** @returns The direction of a vector, -pi to pi; 0 for the null vector, NaN if a part is. */
export function atan2(y: number, x: number): number {
  if (x === 0 && y === 0) return 0;
  const isSteep = Math.abs(y) > Math.abs(x);
  const ratio = isSteep ? x / y : y / x;
  const angle = atanWithinOne(ratio);
  if (isSteep) return (y > 0 ? Math.PI / 2 : -Math.PI / 2) - angle;
  if (x > 0) return angle;
  return y >= 0 ? angle + Math.PI : angle - Math.PI;
}

const TAN_EIGHTH_PI = Math.SQRT2 - 1;
/** The series' odd terms below this power are kept: the first one left out is under 1e-17. */
const ATAN_LAST_POWER = 39;

/** Arc tangent for a ratio from -1 to 1, by its series after one step towards zero. */
function atanWithinOne(ratio: number): number {
  const size = Math.abs(ratio);
  const isLarge = size > TAN_EIGHTH_PI;
  // atan(r) = pi/4 + atan((r-1)/(r+1)) brings the argument within tan(pi/8), where the series is short.
  const x = isLarge ? (size - 1) / (size + 1) : size;
  const z = x * x;
  let sum = 0;
  for (let power = ATAN_LAST_POWER; power >= 1; power -= 2) sum = 1 / power - z * sum;
  const angle = (isLarge ? Math.PI / 4 : 0) + x * sum;
  return ratio < 0 ? -angle : angle;
}

/** @returns Length of a vector; Infinity when its square overflows, above about 1e154. */
export function hypot(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

/** @returns The nearest value within the bounds; `low` for NaN, so that it cannot spread. */
export function clamp(value: number, low: number, high: number): number {
  if (value > high) return high;
  if (value >= low) return value;
  return low;
}

/** @returns The same direction from -pi to pi. */
export function wrapAngle(radians: number): number {
  if (radians >= -Math.PI && radians <= Math.PI) return radians;
  const wrapped = radians - TWO_PI * Math.floor((radians + Math.PI) / TWO_PI);
  return clamp(wrapped, -Math.PI, Math.PI);
}
