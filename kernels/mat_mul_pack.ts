import { F32 } from "./simd";

/**
 * Copies parts of a matrix into panels: for each step of the depth the values
 * of `width` lanes (rows of A, columns of B), without gaps, so that the
 * product reads one stream. Lanes from `count` on repeat others or are 0; the
 * product throws what comes of them away.
 */

/** Height of the row panel that starts `left` rows before the block's end. */
export function panelHeight(left: i32): i32 {
  return left == 5 || (left >= 6 && left != 7 && left != 8) ? 6 : 4;
}

/** Panels of 6 or 4 rows; panel of row r begins at `panels + r * depth`. */
export function packRows(
  source: usize,
  rowStride: usize,
  depthStride: usize,
  rows: i32,
  depth: i32,
  panels: usize,
): void {
  for (let row = 0; row < rows;) {
    const height = panelHeight(rows - row);
    packPanel(
      source + <usize> row * rowStride,
      rowStride,
      depthStride,
      min(height, rows - row),
      depth,
      panels + <usize> (row * depth) * F32,
      height,
    );
    row += height;
  }
}

/** Panels of 8 columns; panel of column c begins at `panels + c * depth`. */
export function packColumns(
  source: usize,
  columnStride: usize,
  depthStride: usize,
  columns: i32,
  depth: i32,
  panels: usize,
): void {
  let column = 0;
  if (columnStride == F32) {
    // Whole rows of the source at a time: its lines are used up at once.
    const full = columns >> 3;
    const panelBytes = <usize> (depth * 8) * F32;
    for (let k = 0; k < depth; k++) {
      let from = source + <usize> k * depthStride;
      let to = panels + <usize> k * 32;
      for (let i = 0; i < full; i++) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
        from += 32;
        to += panelBytes;
      }
    }
    column = full << 3;
  }
  for (; column < columns; column += 8) {
    packPanel(
      source + <usize> column * columnStride,
      columnStride,
      depthStride,
      min(8, columns - column),
      depth,
      panels + <usize> (column * depth) * F32,
      8,
    );
  }
}

/** One panel of `width` 4, 6 or 8 lanes, of which `count` exist. */
function packPanel(
  source: usize,
  laneStride: usize,
  depthStride: usize,
  count: i32,
  depth: i32,
  panel: usize,
  width: i32,
): void {
  const step = <usize> width * F32;
  if (laneStride == F32) {
    if (count == width) {
      copyLanes(source, depthStride, depth, panel, step);
    } else {
      copySomeLanes(source, depthStride, count, depth, panel, step);
    }
    return;
  }
  transposeLanes(source, laneStride, depthStride, count, depth, panel, step);
  if (width == 4) return;
  const rest = source + 4 * laneStride;
  if (width == 8) {
    if (count > 4) {
      transposeLanes(
        rest,
        laneStride,
        depthStride,
        count - 4,
        depth,
        panel + 16,
        step,
      );
    } else {
      for (let k = 0; k < depth; k++, panel += step) {
        v128.store(panel, f32x4.splat(0), 16);
      }
    }
    return;
  }
  const last = count > 5 ? rest + laneStride : rest;
  for (let k = 0; k < depth; k++, panel += step) {
    const at = <usize> k * depthStride;
    store<f32>(panel, load<f32>(rest + at), 16);
    store<f32>(panel, load<f32>(last + at), 20);
  }
}

/** Lanes that lie side by side: 4, 6 or 8 of them a step. */
function copyLanes(
  source: usize,
  depthStride: usize,
  depth: i32,
  panel: usize,
  step: usize,
): void {
  for (let k = 0; k < depth; k++, source += depthStride, panel += step) {
    v128.store(panel, v128.load(source));
    if (step == 24) store<u64>(panel, load<u64>(source, 16), 16);
    else if (step == 32) v128.store(panel, v128.load(source, 16), 16);
  }
}

function copySomeLanes(
  source: usize,
  depthStride: usize,
  count: i32,
  depth: i32,
  panel: usize,
  step: usize,
): void {
  const end = <usize> count * F32;
  for (let k = 0; k < depth; k++, source += depthStride, panel += step) {
    let i: usize = 0;
    for (; i < end; i += F32) store<f32>(panel + i, load<f32>(source + i));
    for (; i < step; i += F32) store<f32>(panel + i, 0);
  }
}

/**
 * Four lanes `laneStride` apart, from lane `count` on the last one again:
 * `step` bytes from one step's four values to the next's.
 */
export function transposeLanes(
  source: usize,
  laneStride: usize,
  depthStride: usize,
  count: i32,
  depth: i32,
  panel: usize,
  step: usize,
): void {
  let s0 = source;
  let s1 = s0 + (count > 1 ? laneStride : 0);
  let s2 = s1 + (count > 2 ? laneStride : 0);
  let s3 = s2 + (count > 3 ? laneStride : 0);
  let k = 0;
  if (depthStride == F32) {
    for (; k + 4 <= depth; k += 4) {
      const x0 = v128.load(s0), x1 = v128.load(s1);
      const x2 = v128.load(s2), x3 = v128.load(s3);
      const low01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
      const low23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
      const high01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
      const high23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
      v128.store(panel, v128.shuffle<f64>(low01, low23, 0, 2));
      panel += step;
      v128.store(panel, v128.shuffle<f64>(low01, low23, 1, 3));
      panel += step;
      v128.store(panel, v128.shuffle<f64>(high01, high23, 0, 2));
      panel += step;
      v128.store(panel, v128.shuffle<f64>(high01, high23, 1, 3));
      panel += step;
      s0 += 16;
      s1 += 16;
      s2 += 16;
      s3 += 16;
    }
  }
  for (; k < depth; k++, panel += step) {
    store<f32>(panel, load<f32>(s0));
    store<f32>(panel, load<f32>(s1), 4);
    store<f32>(panel, load<f32>(s2), 8);
    store<f32>(panel, load<f32>(s3), 12);
    s0 += depthStride;
    s1 += depthStride;
    s2 += depthStride;
    s3 += depthStride;
  }
}
