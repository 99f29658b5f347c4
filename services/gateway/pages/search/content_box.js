// Where the product is in a picture on plain ground: `content_box` of the visual search.

/** How far from the border's colour is still the border, of 255. */
const PLAIN = 14;
const MOST_UNLIKE = 0.2;
const LEAST_SHOWN = 0.05;

/**
 * @param {ImageData} picture
 * @returns {import("./box.js").Box} the part that is not the plain colour of the border; all of
 *   it where the border is not plain
 */
export function contentBox({ data, width, height }) {
  const border = borderOf(width, height);
  const [red, green, blue] = [0, 1, 2].map(
    (channel) => median(border.map((at) => data[4 * at + channel])));
  const unlike = (at) => Math.max(Math.abs(data[4 * at] - red),
    Math.abs(data[4 * at + 1] - green), Math.abs(data[4 * at + 2] - blue));
  const whole = { x_min: 0, y_min: 0, x_max: 1, y_max: 1 };
  if (border.filter((at) => unlike(at) > PLAIN).length > MOST_UNLIKE * border.length) return whole;
  const [columns, rows] = [new Set(), new Set()];
  for (let at = 0; at < width * height; at += 1) {
    if (unlike(at) > 2 * PLAIN) {
      columns.add(at % width);
      rows.add(Math.floor(at / width));
    }
  }
  if (columns.size * rows.size < LEAST_SHOWN * width * height || !columns.size) return whole;
  return {
    x_min: Math.min(...columns) / width, y_min: Math.min(...rows) / height,
    x_max: (Math.max(...columns) + 1) / width, y_max: (Math.max(...rows) + 1) / height,
  };
}

/** Positions of the pixels at the border; those at the corners count twice. */
function borderOf(width, height) {
  const across = Array.from({ length: width }, (_, x) => [x, (height - 1) * width + x]);
  const down = Array.from({ length: height }, (_, y) => [y * width, y * width + width - 1]);
  return [...across, ...down].flat();
}

function median(values) {
  const sorted = values.sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}
