import { type Figure, lineFigure } from "../../charts/figure.ts";
import type {
  AutodiffNet,
  AutodiffResults,
} from "./octmnist_autodiff_tables.ts";

/** The report's figure that shows a table's row. */
const FIGURES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  4: { 0.1: 6, 0.01: 6, 0.001: 6 },
  5: { 16: 8, 1024: 8 },
  6: { 1: 9, 0.1: 9 },
  7: { none: 10, dropout: 10 },
};

function numbersOf({ places }: AutodiffNet): number[] {
  return places.flatMap(({ table, setting }) => FIGURES[table]![setting] ?? []);
}

/** The file of a net's curves; undefined where none of the figures shows it. */
export function autodiffFigureFile(net: AutodiffNet): string | undefined {
  return numbersOf(net).length > 0 ? `curves-${net.name}.svg` : undefined;
}

/**
 * Figures 6 and 8 to 10 of report 3: loss and accuracy over the epochs, a
 * figure a net.
 *
 * @param nets of a run
 * @param results of all of them
 * @returns a figure for each net that the report shows
 */
export function autodiffFigures(
  nets: readonly AutodiffNet[],
  results: AutodiffResults,
): Figure[] {
  return nets.flatMap((net) => {
    const file = autodiffFigureFile(net);
    if (file === undefined) return [];
    const numbers = numbersOf(net);
    const rows = results.get(net.name)!;
    const series = (name: string, column: string) => ({
      name,
      values: rows.map((row) => Number(row[column])),
    });
    const what = numbers.length > 1 ? "Figures" : "Figure";
    return [lineFigure(file, {
      title: `${what} ${numbers.join(" and ")}: ${net.name}`,
      xLabel: "epoch",
      yLabel: "loss; accuracy, 0 to 1",
      series: [
        series("training loss", "train_loss"),
        series("validation loss", "validation_loss"),
        series("training accuracy", "train_accuracy"),
        series("validation accuracy", "validation_accuracy"),
      ],
    })];
  });
}
