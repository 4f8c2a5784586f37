const SIZE = 100;

exports.clampToField = (x, y) => [clamp(x), clamp(y)];

function clamp(value) {
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), SIZE) : 0;
}
