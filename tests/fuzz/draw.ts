import type { Random } from "../../lib/base/random.ts";
import { type Dtype, DTYPES, type Input } from "./call.ts";

/** float32 values where rounding, comparing and converting go wrong. */
// deno-fmt-ignore -- a list of numbers
const SPECIAL = [
  NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5,
  1.401298464324817e-45, -1.1e-38, 3.4028234663852886e38, -3.4e38,
  88, -104, 255.5, 256, 16_777_217, 2_147_483_648, -3e9, 1e-20,
].map(Math.fround);

/** Activations of the fused kernels of TF.js. */
// deno-fmt-ignore -- a list of names
export const FUSED_ACTIVATIONS = [
  "linear", "relu", "relu6", "prelu", "leakyrelu", "sigmoid", "elu",
];

/** Which floats a kernel is given. */
export interface Floats {
  /** With NaN, infinities, denormals and the like in some tensors. */
  special?: boolean;
  /** Bounds of the other values; ±4 by default. */
  low?: number;
  high?: number;
}

/** Draws what calls consist of. */
export class Draw {
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** An integer from low to high, both included. */
  int(low: number, high: number): number {
    return low + this.random.uniformInt(high - low + 1);
  }

  chance(p: number): boolean {
    return this.random.uniform() < p;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.random.uniformInt(items.length)]!;
  }

  /** Mostly small, sometimes 1, a vector and a bit, or nothing at all. */
  size(max = 70): number {
    const kind = this.random.uniform();
    if (kind < 0.04) return 0;
    if (kind < 0.25) return 1;
    return kind < 0.9
      ? this.int(2, Math.min(6, max))
      : this.int(Math.min(7, max), max);
  }

  /** Sizes, fewer large ones the more there are. */
  shape(rank: number, max = rank < 3 ? 70 : rank < 5 ? 9 : 4): number[] {
    return Array.from({ length: rank }, () => this.size(max));
  }

  /** Like `size`, never 0. */
  atLeast1(max = 9): number {
    return Math.max(1, this.size(max));
  }

  /** An axis of a tensor, from its end in some. */
  axis(rank: number): number {
    const axis = this.int(0, rank - 1);
    return this.chance(0.3) ? axis - rank : axis;
  }

  permutation(length: number): number[] {
    const order = Uint32Array.from({ length }, (_, i) => i);
    this.random.shuffle(order);
    return Array.from(order);
  }

  /** Some axes, each once, in any order, some from the end; all in some. */
  axes(rank: number): number[] {
    const count = this.chance(0.2) ? rank : this.int(Math.min(1, rank), rank);
    return this.permutation(rank).slice(0, count)
      .map((axis) => this.chance(0.2) ? axis - rank : axis);
  }

  dtype(...dtypes: Dtype[]): Dtype {
    return this.pick(dtypes);
  }

  float(): number {
    return Math.fround(this.int(-12, 12) / 4);
  }

  floats(size: number, options: Floats = {}): number[] {
    const { special = false, low = -4, high = 4 } = options;
    const kind = this.random.uniform();
    return Array.from({ length: size }, () => {
      if (special && kind < 0.3 && this.chance(0.4)) return this.pick(SPECIAL);
      const value = low + (high - low) * this.random.uniform();
      // Quarters, so that there are ties and zeros.
      const rounded = kind < 0.6 ? Math.round(value * 4) / 4 : value;
      return Math.fround(Math.min(high, Math.max(low, rounded)));
    });
  }

  ints(size: number, low = -9, high = 9): number[] {
    return Array.from({ length: size }, () => this.int(low, high));
  }

  /** A tensor of values that suit its dtype. */
  tensor(
    shape: readonly number[],
    dtype: Dtype = "float32",
    options: Floats = {},
  ): Input {
    const size = shape.reduce((product, length) => product * length, 1);
    const values = dtype === "float32"
      ? this.floats(size, options)
      : dtype === "int32"
      ? this.ints(size)
      : this.ints(size, 0, 1);
    return { shape: [...shape], dtype, values };
  }

  /** A tensor of any dtype, with special values in some. */
  anyTensor(shape: readonly number[]): Input {
    return this.tensor(shape, this.pick(DTYPES), { special: true });
  }

  intTensor(shape: readonly number[], low: number, high: number): Input {
    const size = shape.reduce((product, length) => product * length, 1);
    return {
      shape: [...shape],
      dtype: "int32",
      values: this.ints(size, low, high),
    };
  }

  /** Two shapes that broadcast to one. */
  broadcastable(maxRank = 4): [number[], number[]] {
    const whole = this.shape(this.int(0, maxRank));
    const side = () =>
      whole.map((size) => this.chance(0.25) ? 1 : size)
        .slice(this.chance(0.3) ? this.int(0, whole.length) : 0);
    const sides: [number[], number[]] = [side(), side()];
    if (this.chance(0.4)) sides[this.int(0, 1)] = [...whole];
    return sides;
  }
}
