import type {
  Claim,
  ComparisonRow,
  ReportTable,
} from "../../reporting/report.ts";
import {
  formatSpread,
  mean,
  standardDeviation,
} from "../../base/statistics.ts";
import type { FeatureRow } from "./feature_row.ts";
import { REPORTED } from "./fashion_net.ts";

/** A layer's correlations, one per image. */
export interface LayerCorrelations {
  readonly net: string;
  readonly layer: string;
  readonly input: readonly number[];
  readonly edges: readonly number[];
}

/** Gathers the rows of each net's layers, in their order. */
export function layerCorrelations(
  rows: readonly FeatureRow[],
): LayerCorrelations[] {
  const byLayer = Map.groupBy(rows, ({ net, layer }) => `${net} ${layer}`);
  return [...byLayer.values()].map((rows) => ({
    net: rows[0]!.net,
    layer: rows[0]!.layer,
    input: rows.map(({ inputR }) => inputR),
    edges: rows.map(({ edgesR }) => edgesR),
  }));
}

/** The last layer before the classifier: the report's "final image". */
const LAST = "conv3";

const format = (value: number) => value.toFixed(3);

/**
 * What section 6 of report 1 says of the final image, beside ours.
 *
 * @returns a row per net and correlation: mean ± standard deviation over images
 */
export function featureComparison(
  layers: readonly LayerCorrelations[],
): ComparisonRow[] {
  const last = layers.filter(({ layer }) => layer === LAST);
  const compare = (
    what: string,
    which: "input" | "edges",
    reported: Readonly<Record<string, string>>,
  ) =>
    last.map((layer) => ({
      quantity: `r with the ${what} after ${LAST}, ${layer.net}`,
      reported: reported[layer.net] ?? "in figures only",
      ours: formatSpread(layer[which], format),
      difference: "",
    }));
  return [
    ...compare("image", "input", REPORTED.finalImage),
    ...compare("edges", "edges", REPORTED.finalEdges),
  ];
}

/** The correlations of all layers, mean ± standard deviation over images. */
export function featureTable(
  layers: readonly LayerCorrelations[],
): ReportTable {
  const images = layers[0]?.input.length ?? 0;
  return {
    title:
      `|r| of each layer's best channel, mean ± s.d. over ${images} test images`,
    columns: ["net", "layer", "with the image", "with its edges"],
    rows: layers.map(({ net, layer, input, edges }) => [
      net,
      layer,
      formatSpread(input, format),
      formatSpread(edges, format),
    ]),
  };
}

/**
 * What section 6 of report 1 claims of the layers' images, and whether it held
 * for the final ones, as far as a comparison of the two nets can tell: r has no
 * bound above which an image is readable. The nets are compared image by image;
 * a difference counts where its mean is above two standard errors.
 *
 * @param layers of nets `relu` and `linear`, the same images in one order; of
 *   fewer than two images nothing can be said
 */
export function featureClaims(layers: readonly LayerCorrelations[]): Claim[] {
  const claim = (
    text: string,
    which: "input" | "edges",
    [higher, lower]: readonly [string, string],
  ): Claim => {
    const valuesOf = (name: string) =>
      layers.find(({ net, layer }) => net === name && layer === LAST)
        ?.[which] ?? [];
    const [high, low] = [valuesOf(higher), valuesOf(lower)];
    if (high.length < 2) {
      const measured = `${high.length} images that all nets classify right`;
      return { claim: text, verdict: "could not be tested", measured };
    }
    const differences = high.map((value, i) => value - low[i]!);
    const error = standardDeviation(differences) / Math.sqrt(high.length);
    const holds = mean(differences) > 2 * error;
    return {
      claim: text,
      verdict: holds ? "held" : "did not hold",
      measured: `${higher} ${format(mean(high))}, ${lower} ${
        format(mean(low))
      }, ${high.length} images`,
    };
  };
  return [
    claim(
      `linear layers leave the image readable, ReLU layers do not (§6); held: after ${LAST}, r with the image is higher for linear`,
      "input",
      ["linear", "relu"],
    ),
    claim(
      `ReLU layers highlight borders, linear layers blur (§6); held: after ${LAST}, r with the edges is higher for relu`,
      "edges",
      ["relu", "linear"],
    ),
  ];
}

/** The mean correlations of each net's layers, for `--json`. */
export function featureNumbers(
  layers: readonly LayerCorrelations[],
): Record<string, string | number>[] {
  return layers.map(({ net, layer, input, edges }) => ({
    net,
    layer,
    r_input: mean(input),
    r_edges: mean(edges),
  }));
}
