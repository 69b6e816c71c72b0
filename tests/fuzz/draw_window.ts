import type { Draw } from "./draw.ts";

/** Zeros before and after an image's rows or columns. */
type Pads = [before: number, after: number];

/** How a window moves over the sides of an image, two or three of them. */
export interface Window {
  sides: number[];
  filter: number[];
  strides: number[];
  dilations: number[];
  /** As TF.js takes it. */
  pad: "same" | "valid" | number | Pads[];
  dimRoundingMode?: "floor" | "round" | "ceil";
  /** Places of the window along each side; may be below 1. */
  outSides: number[];
}

/** What windows are drawn. */
export interface WindowOptions {
  /** Two by default. */
  sides?: number;
  /** With holes in the filter of some. */
  dilated?: boolean;
  /** "same" and "valid" only. */
  namedPads?: boolean;
  /** Numbers as padding, each in its own right; by default. */
  numberPads?: boolean;
}

/**
 * Pads with which a window has as many places without rounding as it has by
 * its number and its rounding.
 */
export function exactPads(
  side: { size: number; filter: number; stride: number; pad: Pads },
  rounding: Window["dimRoundingMode"],
): Pads {
  const { size, filter, stride, pad } = side;
  const last = (places({ ...side, rounding }) - 1) * stride;
  return [pad[0], last + filter - size - pad[0]];
}

/** Places of a window of `filter` along `size`; as the equation has it. */
function places(
  { size, filter, stride, pad, rounding }: {
    size: number;
    filter: number;
    stride: number;
    pad: "same" | "valid" | Pads;
    rounding: Window["dimRoundingMode"];
  },
): number {
  if (pad === "same") return Math.ceil(size / stride);
  if (pad === "valid") return Math.ceil((size - filter + 1) / stride);
  const value = (size - filter + pad[0] + pad[1]) / stride + 1;
  return Math[rounding ?? "trunc"](value);
}

/** Draws a window; one in some is larger than its image. */
export function drawWindow(d: Draw, options: WindowOptions = {}): Window {
  const { sides: count = 2, dilated = false } = options;
  const each = <T>(draw: () => T) => Array.from({ length: count }, draw);
  const most = count === 2 ? 9 : 5;
  const sides = each(() => d.size(most));
  const square = d.chance(0.4);
  const side = d.int(1, 4);
  const filter = each(() => square ? side : d.int(1, 5));
  const holes = dilated && d.chance(0.3);
  const dilations = each(() => holes ? d.int(1, 3) : 1);
  const even = d.int(1, 3);
  const strides = d.chance(0.5)
    ? each(() => even)
    : each(() => holes ? 1 : d.int(1, 4));
  if (holes) strides.fill(1);
  const kind = options.namedPads
    ? d.pick(["same", "valid"])
    : d.pick(["same", "valid", "number", "number", "explicit"]);
  const dimRoundingMode = kind === "number" || kind === "explicit"
    ? d.pick([undefined, undefined, "floor", "round", "ceil"] as const)
    : undefined;
  const number = d.int(0, 3);
  const pads = each((): Pads =>
    kind === "number" ? [number, number] : [d.int(0, 3), d.int(0, 3)]
  );
  const pad = kind === "number"
    ? number
    : kind === "explicit"
    ? [[0, 0] as Pads, ...pads, [0, 0] as Pads]
    : kind as "same" | "valid";
  return {
    sides,
    filter,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    outSides: sides.map((size, i) =>
      places({
        size,
        filter: (filter[i]! - 1) * dilations[i]! + 1,
        stride: strides[i]!,
        pad: typeof pad === "string" ? pad : pads[i]!,
        rounding: dimRoundingMode,
      })
    ),
  };
}

/** Sizes that a tensor may have: what is below 0 becomes nothing. */
export function atLeast0(sizes: readonly number[]): number[] {
  return sizes.map((size) => Math.max(0, size));
}
