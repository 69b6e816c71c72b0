import { phaseFirst, phaseTaps } from "./conv2d";
import { blockStart } from "./conv2d_rows";
import { F32 } from "./simd";

/**
 * Brings a filter, bias and slope into the order in which conv2dF32 reads them:
 * blocks of 8 output channels, padded with zeros. One chunk does all.
 */
@unmanaged
class Conv2dPackParams {
  filter: usize; // f32 [filterHeight, filterWidth, filterIn, filterOut]
  packed: usize;
  bias: usize; // f32 [channels], or 0: none
  packedBias: usize; // f32 [channels rounded up to 8]
  slope: usize; // f32 [slopeSize], or 0: none
  packedSlope: usize; // f32 [channels rounded up to 8]
  slopeSize: i32; // 1 or channels
  filterHeight: i32;
  filterWidth: i32;
  filterIn: i32;
  filterOut: i32;
  padTop: i32;
  padLeft: i32;
  phasesHeight: i32;
  phasesWidth: i32;
  slopeConstant: f32; // packedSlope = slopeConstant + slopeFactor · slope
  slopeFactor: f32;
}

/** [filterOut / 8][filterHeight][filterWidth][filterIn][8] */
export function conv2dPackForwardF32(
  params: usize,
  _chunk: i32,
  _thread: i32,
): void {
  const p = changetype<Conv2dPackParams>(params);
  packChannels(p, p.filterOut);
  const taps = p.filterHeight * p.filterWidth * p.filterIn;
  let to = p.packed;
  const lanes = min(p.filterOut, 8);
  for (let block = 0; block * 8 < p.filterOut; block++) {
    let from = p.filter + <usize> blockStart(block, p.filterOut) * F32;
    for (let tap = 0; tap < taps; tap++, to += 8 * F32) {
      if (lanes == 8) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      } else {
        for (let lane = 0; lane < 8; lane++) {
          store<f32>(
            to + <usize> lane * F32,
            lane < lanes ? load<f32>(from + <usize> lane * F32) : 0,
          );
        }
      }
      from += <usize> p.filterOut * F32;
    }
  }
}

/**
 * For each phase [filterIn / 8][rows][columns][filterOut][8], where rows and
 * columns are those that meet the phase, last first.
 */
export function conv2dPackBackwardF32(
  params: usize,
  _chunk: i32,
  _thread: i32,
): void {
  const p = changetype<Conv2dPackParams>(params);
  packChannels(p, p.filterIn);
  let to = p.packed;
  for (let py = 0; py < p.phasesHeight; py++) {
    const firstRow = phaseFirst(py, p.padTop, p.phasesHeight);
    const rows = phaseTaps(py, p.padTop, p.phasesHeight, p.filterHeight);
    for (let px = 0; px < p.phasesWidth; px++) {
      const firstColumn = phaseFirst(px, p.padLeft, p.phasesWidth);
      const columns = phaseTaps(px, p.padLeft, p.phasesWidth, p.filterWidth);
      for (let block = 0; block * 8 < p.filterIn; block++) {
        const channel = blockStart(block, p.filterIn);
        for (let y = rows - 1; y >= 0; y--) {
          for (let x = columns - 1; x >= 0; x--) {
            const tap = (firstRow + y * p.phasesHeight) * p.filterWidth +
              firstColumn + x * p.phasesWidth;
            to = packTap(p, tap, channel, to);
          }
        }
      }
    }
  }
}

/** [filterOut][8]: the transpose of up to 8 rows of one tap's matrix. */
function packTap(
  p: Conv2dPackParams,
  tap: i32,
  channel: i32,
  to: usize,
): usize {
  const row = <usize> p.filterOut * F32;
  const from = p.filter + <usize> (tap * p.filterIn + channel) * row;
  const lanes = min(p.filterIn, 8);
  for (let i = 0; i < p.filterOut; i++) {
    let at = from + <usize> i * F32;
    for (let lane = 0; lane < lanes; lane++, at += row, to += F32) {
      store<f32>(to, load<f32>(at));
    }
    for (let lane = lanes; lane < 8; lane++, to += F32) store<f32>(to, 0);
  }
  return to;
}

function packChannels(p: Conv2dPackParams, channels: i32): void {
  const padded = (channels + 7) & ~7;
  for (let i = 0; i < padded; i++) {
    const at = <usize> i * F32;
    const inside = i < channels;
    store<f32>(
      p.packedBias + at,
      p.bias && inside ? load<f32>(p.bias + at) : 0,
    );
    let slope = p.slopeConstant;
    if (p.slope && inside) {
      const slopeAt = p.slopeSize == 1 ? 0 : at;
      slope += p.slopeFactor * load<f32>(p.slope + slopeAt);
    }
    store<f32>(p.packedSlope + at, slope);
  }
}
