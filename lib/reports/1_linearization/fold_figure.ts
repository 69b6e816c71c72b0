import { escapeMarkup } from "../../base/format.ts";
import { maxOf } from "../../base/statistics.ts";
import { longest, wrapText } from "../../base/wrap_text.ts";
import type { Figure } from "../../charts/figure.ts";
import {
  countParameters,
  layerShapes,
  multiplyAdds,
  type PlainLayer,
} from "../../models/plain_net.ts";
import type { ProvenFold } from "./fold_proof.ts";

/** A layer in words and numbers. */
export interface LayerRow {
  readonly layer: string;
  /** What leaves it. */
  readonly shape: string;
  readonly multiplyAdds: number;
  readonly parameters: number;
}

/**
 * A net layer by layer.
 *
 * @param layers the net
 * @param shape of an image
 * @returns a row per layer
 */
export function layerRows(
  layers: readonly PlainLayer[],
  shape: readonly number[],
): LayerRow[] {
  const shapes = layerShapes(layers, shape);
  return layers.map((layer, i) => ({
    layer: layerText(layer),
    shape: shapes[i + 1]!.join("×"),
    multiplyAdds: multiplyAdds(layer, shapes[i]!),
    parameters: countParameters(layer),
  }));
}

function layerText(layer: PlainLayer): string {
  switch (layer.kind) {
    case "conv2d": {
      const [height, width, inChannels, outChannels] = layer.shape;
      const pad = layer.pad[0] === 0 ? "" : `, pad ${layer.pad[0]}`;
      const stride = layer.stride === 1 ? "" : `, stride ${layer.stride}`;
      return `${layer.name} ${height}×${width} ${inChannels} → ${outChannels}${pad}${stride}`;
    }
    case "bordered-conv2d": {
      const pieces = layer.pieces.flat();
      const kernels = pieces.reduce(
        (sum, { rows, columns }) => sum + rows * columns,
        0,
      );
      const [height, width] = layer.window;
      const channels = `${pieces[0]!.shape[2]} → ${layer.outShape[2]}`;
      return `${layer.name} ${height}×${width} ${channels}, ${kernels} kernels`;
    }
    case "dense":
      return `${layer.name} ${layer.shape.join(" → ")}`;
    case "batch-norm":
      return layer.name;
    case "activation":
      return layer.alpha === null ? "ReLU" : "ReLU_α";
    case "max-pool":
      return `max pool ${layer.size}×${layer.size}`;
    case "flatten":
      return "flatten";
  }
}

/** The multiply-adds of all layers. */
export const totalOf = (rows: readonly LayerRow[]) =>
  rows.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0);

const format = (value: number) => value.toLocaleString("en");

/** Folds of nets that have the same layers before, and the same after. */
export interface FoldKind {
  readonly first: ProvenFold;
  readonly names: readonly string[];
  readonly before: readonly LayerRow[];
  readonly after: readonly LayerRow[];
}

/** Both nets of a fold, layer by layer. */
export const rowsOf = ({ snapped, folded, shape }: ProvenFold) => ({
  before: layerRows(snapped, shape),
  after: layerRows(folded.layers, shape),
});

/** The kinds that there are among folds, in their order. */
export function foldKinds(folds: readonly ProvenFold[]): FoldKind[] {
  const groups = Map.groupBy(folds, (fold) => JSON.stringify(rowsOf(fold)));
  return [...groups.values()].map((folds) => ({
    ...rowsOf(folds[0]!),
    first: folds[0]!,
    names: folds.map(({ name }) => name),
  }));
}

/** Nets of one kind in few words. */
export function namesText(names: readonly string[]): string {
  return names.length < 4
    ? names.join(", ")
    : `${names[0]} and ${names.length - 1} more`;
}

/** The files of {@linkcode foldFigures}, and of those that are left out. */
export const foldFigureFile = (name: string) => `fold-${name}.svg`;

/** A picture of both nets for each kind of fold. */
export function foldFigures(kinds: readonly FoldKind[]): Figure[] {
  return kinds.map(({ names, before, after }) =>
    foldFigure(
      foldFigureFile(names[0]!),
      `${namesText(names)}, before and after the fold`,
      before,
      after,
    )
  );
}

/** Pixels, as all lengths of the picture. */
const MARGIN = 12, COLUMN = 360, ROW = 42, BAR = 7, TOP = 66;
/** The longest bar: the number stands beside it. */
const LONGEST_BAR = COLUMN - 90;

/**
 * A net before and after a fold, side by side, with each layer's shape and
 * cost; the bars have one scale.
 *
 * @param file its SVG file's name
 * @param title what was folded
 * @param before the layers, as `layerRows` has them
 * @param after the same of the folded net
 * @returns the figure
 */
export function foldFigure(
  file: string,
  title: string,
  before: readonly LayerRow[],
  after: readonly LayerRow[],
): Figure {
  const nets = [
    { heading: "before", rows: before },
    { heading: "folded", rows: after },
  ].map((net) => ({
    ...net,
    heading: `${net.heading}: ${format(totalOf(net.rows))} multiply-adds`,
  }));
  const most = maxOf(before.concat(after).map((row) => row.multiplyAdds));
  return {
    file,
    title,
    text({ width }) {
      const all = before.concat(after);
      const [names, shapes, costs] = [
        longest(all.map(({ layer }) => layer)),
        longest(all.map(({ shape }) => shape)),
        longest(all.map(({ multiplyAdds }) => format(multiplyAdds))),
      ];
      const room = width - names - shapes - costs - 6;
      const blocks = nets.map(({ heading, rows }) => [
        heading,
        ...rows.map(({ layer, shape, multiplyAdds: cost }) => {
          const bar = "█".repeat(Math.round(Math.max(0, room) * cost / most));
          const number = cost === 0 ? "" : format(cost);
          const line = room < 0
            ? `${layer}  ${number}`
            : `${layer.padEnd(names)}  ${shape.padStart(shapes)}  ${
              number.padStart(costs)
            }  ${bar}`;
          return [...line].slice(0, width).join("").trimEnd();
        }),
      ]);
      return [wrapText(title, width, ""), ...blocks.flat()].join("\n");
    },
    picture: () => Promise.resolve(foldSvg(title, nets, most)),
  };
}

function foldSvg(
  title: string,
  nets: readonly { heading: string; rows: readonly LayerRow[] }[],
  most: number,
): string {
  const width = 2 * COLUMN + 3 * MARGIN;
  const height = TOP + ROW * maxOf(nets.map(({ rows }) => rows.length)) +
    MARGIN;
  const text = (x: number, y: number, style: string, words: string) =>
    `<text x="${x}" y="${y}" ${style}>${escapeMarkup(words)}</text>`;
  const columns = nets.flatMap(({ heading, rows }, column) => {
    const left = MARGIN + column * (COLUMN + MARGIN);
    return [
      text(left, TOP - 14, 'font-size="13" font-weight="bold"', heading),
      ...rows.flatMap(({ layer, shape, multiplyAdds: cost }, i) => {
        const y = TOP + i * ROW;
        const bar = Math.round(10 * LONGEST_BAR * cost / most) / 10;
        const number = cost === 0 ? "" : format(cost);
        return [
          `<rect x="${left}" y="${y}" width="${COLUMN}" height="${
            ROW - 6
          }" rx="4" fill="${
            cost === 0 ? "#fafafa" : "#eef3f8"
          }" stroke="#bbb"/>`,
          text(left + 8, y + 16, 'font-size="12"', layer),
          text(
            left + COLUMN - 8,
            y + 16,
            'font-size="12" text-anchor="end"',
            shape,
          ),
          `<rect x="${left + 8}" y="${
            y + 24
          }" width="${bar}" height="${BAR}" fill="#4c78a8"/>`,
          text(
            left + COLUMN - 8,
            y + 31,
            'font-size="10" fill="#444" text-anchor="end"',
            number,
          ),
        ];
      }),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="figure" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif">`,
    `<title>${escapeMarkup(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(MARGIN, 26, 'font-size="14" font-weight="bold"', title),
    ...columns,
    "</svg>\n",
  ].join("\n");
}
