import { type ComparisonRow, markdownTable } from "../cli/comparison_table.ts";
import { comparisonTable } from "../cli/comparison_table.ts";
import type { Output } from "../cli/output.ts";
import { columns, useColor } from "../cli/terminal.ts";
import { lineChart } from "../charts/line_chart.ts";
import type { LineChartSpec } from "../charts/line_chart_spec.ts";
import { lineChartSvg } from "../charts/line_chart_svg.ts";
import type { RunDirectory } from "./run_directory.ts";
import { writeAtomically } from "./write_atomically.ts";

/** A figure of a run and the file that holds it. */
export interface Figure extends LineChartSpec {
  readonly file: string;
}

/** Rows of a chart in the terminal: legible, and two fit one screen. */
const CHART_HEIGHT = 12;

/**
 * Shows a run's figures and its table on the terminal, and leaves the figures
 * as SVG and all of it as `report.md` in the run's directory.
 *
 * @param report.notes paragraphs below the table
 */
export async function writeReport(
  run: RunDirectory,
  output: Output,
  report: {
    title: string;
    rows: readonly ComparisonRow[];
    figures: readonly Figure[];
    notes: readonly string[];
  },
): Promise<void> {
  const { title, rows, figures, notes } = report;
  const width = Math.min(columns(), 120);
  for (const figure of figures) {
    output.log("");
    output.log(
      lineChart({ ...figure, width, height: CHART_HEIGHT, color: useColor() }),
    );
    writeAtomically(run.file(figure.file), await lineChartSvg(figure));
  }
  output.log("");
  output.log(comparisonTable(rows, Math.min(width, 80)));
  const parts = [
    `# ${title}`,
    markdownTable(rows),
    ...notes,
    ...figures.map(({ title, file }) => `![${title}](${file})`),
  ];
  writeAtomically(run.file("report.md"), parts.join("\n\n") + "\n");
}
