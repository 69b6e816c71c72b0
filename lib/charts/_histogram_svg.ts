import { countBins, type HistogramSpec } from "./histogram_chart.ts";
import { PALETTE, vegaSvg } from "./vega_svg.ts";

/** Pixels of one histogram. */
const WIDTH = 180;
const HEIGHT = 36;

/**
 * A grid of histograms as SVG, drawn by Vega-Lite, all with the same axes.
 *
 * @param spec what to show
 * @returns the SVG document, on white; the same spec gives the same bytes
 * @throws {TypeError} if two rows or two columns have one name
 * @throws {RangeError} for what {@linkcode countBins} refuses
 */
export async function histogramSvg(spec: HistogramSpec): Promise<string> {
  const { title, xLabel, rows, columns, range: [low, high], bins } = spec;
  const { counts, most, note } = countBins(spec);
  const edge = (bin: number) => low + (high - low) * bin / bins;
  // Vega fails on a grid without a cell, and on a name without a character
  const named = (names: string[]) =>
    names.length > 0 ? names.map((name) => name || " ") : [" "];
  const rowNames = named(rows.map(({ name }) => name));
  const columnNames = named([...columns]);
  const values = rowNames.flatMap((row, i) =>
    columnNames.flatMap((column, j) =>
      Array.from({ length: bins }, (_, bin) => ({
        row,
        column,
        from: edge(bin),
        to: edge(bin + 1),
        count: counts[i]?.[j]?.[bin] ?? 0,
      }))
    )
  );
  return await vegaSvg({
    title: { text: title, subtitle: note, anchor: "middle" },
    background: "white",
    data: { values },
    facet: {
      row: {
        field: "row",
        type: "nominal",
        title: null,
        sort: rowNames,
        header: { labelAngle: 0, labelAlign: "left" },
      },
      column: {
        field: "column",
        type: "nominal",
        title: null,
        sort: columnNames,
      },
    },
    spacing: { row: 8, column: 16 },
    spec: {
      width: WIDTH,
      height: HEIGHT,
      mark: { type: "bar", binSpacing: 1 },
      encoding: {
        x: {
          field: "from",
          bin: "binned",
          type: "quantitative",
          title: xLabel,
          scale: { domain: [low, high], nice: false },
          axis: { tickCount: 5, grid: false },
        },
        x2: { field: "to" },
        y: {
          field: "count",
          type: "quantitative",
          title: null,
          scale: { domain: [0, Math.max(1, most)], nice: false },
          axis: { tickCount: 2, tickMinStep: 1 },
        },
        color: {
          field: "column",
          type: "nominal",
          legend: null,
          scale: {
            domain: columnNames,
            range: columnNames.map((_, index) =>
              PALETTE[index % PALETTE.length]!
            ),
          },
        },
      },
    },
  });
}
