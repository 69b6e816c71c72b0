import { foldedCost, foldLayers } from "./_fold_layers.ts";
import { layerShapes, multiplyAdds, type PlainLayer } from "./plain_net.ts";

/**
 * Sets each |α| ≤ ε to 0, where ReLU_α is the identity.
 *
 * @param layers a net
 * @param epsilon at least 0; rounded to float32, as α that were trained are
 * @returns the net with other α
 */
export function snapAlphas(
  layers: readonly PlainLayer[],
  epsilon: number,
): PlainLayer[] {
  const largest = Math.fround(epsilon);
  return layers.map((layer) =>
    layer.kind === "activation" && layer.alpha !== null
      ? {
        ...layer,
        alpha: layer.alpha.map((a) => Math.abs(a) <= largest ? 0 : a),
      }
      : layer
  );
}

/** Whether a layer multiplies by parameters, and is linear. */
const hasWeights = ({ kind }: PlainLayer) =>
  kind === "conv2d" || kind === "dense" || kind === "batch-norm";

/** Whether a layer leaves its input as it is. */
const isIdentity = (layer: PlainLayer) =>
  layer.kind === "activation" &&
  layer.alpha !== null && layer.alpha.every((alpha) => alpha === 0);

/** What became of a net. */
export interface FoldedNet {
  readonly layers: readonly PlainLayer[];
  /** The names of the layers in each that was made, in the net's order. */
  readonly folds: readonly (readonly string[])[];
  /**
   * Linear layers in a row that stay apart, as all in one would cost more
   * multiply-adds: their names, and both numbers.
   */
  readonly left: readonly {
    readonly names: readonly string[];
    readonly apart: number;
    readonly folded: number;
  }[];
}

/**
 * Folds linear layers in a row into one, which computes the same but for
 * rounding. Layers with α = 0 as activation are linear. What the layers do in
 * a row is a matrix and a bias: the matrix's rows are gradients, which go back
 * through the layers with their padding, so that borders are exact. Where the
 * result is an image the matrix is a convolution, whose kernels differ where
 * the padding of a layer behind the first one has been in the window.
 *
 * Layers are parted so that multiply-adds are fewest; of equal numbers, the
 * layers stay apart.
 *
 * @param layers a net
 * @param shape of an image that enters it
 * @param options.all whether all layers in a row become one at any cost
 * @returns the net, without activations that do nothing
 */
export function foldNet(
  layers: readonly PlainLayer[],
  shape: readonly number[],
  options: { readonly all: boolean },
): FoldedNet {
  const kept = layers.filter((layer) => !isIdentity(layer));
  const shapes = layerShapes(kept, shape);
  const folded: PlainLayer[] = [];
  const folds: string[][] = [];
  const left: FoldedNet["left"][number][] = [];
  for (let start = 0; start < kept.length;) {
    let end = start;
    while (end < kept.length && isLinear(kept[end]!)) end++;
    if (end === start) {
      folded.push(kept[start++]!);
      continue;
    }
    const run = kept.slice(start, end);
    const runShapes = shapes.slice(start, end + 1);
    const parts = options.all ? wholeOf(run) : cheapestParts(run, runShapes);
    if (parts.length === run.length && run.filter(hasWeights).length > 1) {
      left.push(costsOf(run, runShapes));
    }
    let first = 0;
    for (const length of parts) {
      const part = run.slice(first, first + length);
      if (length === 1) folded.push(part[0]!);
      else {
        const names = namesOf(part);
        folds.push(names);
        for (
          const layer of foldLayers(part, runShapes[first]!, names.join("_"))
        ) {
          folded.push(layer);
        }
      }
      first += length;
    }
    start = end;
  }
  return { layers: folded, folds, left };
}

const isLinear = (layer: PlainLayer) =>
  hasWeights(layer) || layer.kind === "flatten";

/** The names of those layers that have one. */
function namesOf(layers: readonly PlainLayer[]): string[] {
  return layers.flatMap((layer) => "name" in layer ? [layer.name] : []);
}

/** All layers between the first and the last one with weights in one part. */
function wholeOf(run: readonly PlainLayer[]): number[] {
  const before = Math.max(0, run.findIndex(hasWeights));
  const last = run.findLastIndex(hasWeights);
  return run.flatMap((_, i) =>
    i <= before || i > last
      ? [i === before ? Math.max(1, last - i + 1) : 1]
      : []
  );
}

/** What all layers of a run cost, apart and folded. */
function costsOf(
  run: readonly PlainLayer[],
  shapes: readonly (readonly number[])[],
): FoldedNet["left"][number] {
  const first = run.findIndex(hasWeights);
  const part = run.slice(first, run.findLastIndex(hasWeights) + 1);
  const apart = run.reduce((sum, l, i) => sum + multiplyAdds(l, shapes[i]!), 0);
  return {
    names: namesOf(part),
    apart,
    folded: foldedCost(part, shapes[first]!),
  };
}

/** The lengths of the parts that take the fewest multiply-adds. */
function cheapestParts(
  run: readonly PlainLayer[],
  shapes: readonly (readonly number[])[],
): number[] {
  // Of the layers before each place: the cost, and how they are parted.
  const best: { cost: number; parts: number[] }[] = [{ cost: 0, parts: [] }];
  run.forEach((layer, i) => {
    let { cost, parts } = best[i]!;
    cost += multiplyAdds(layer, shapes[i]!);
    parts = [...parts, 1];
    for (let first = i - 1; first >= 0 && hasWeights(layer); first--) {
      if (!hasWeights(run[first]!)) continue;
      const whole = best[first]!.cost +
        foldedCost(run.slice(first, i + 1), shapes[first]!);
      if (whole >= cost) continue;
      cost = whole;
      parts = [...best[first]!.parts, i + 1 - first];
    }
    best.push({ cost, parts });
  });
  return best.at(-1)!.parts;
}
