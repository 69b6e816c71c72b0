import { dirname } from "node:path";
import { comparisonCells } from "./comparison_table.ts";
import type { Output } from "../cli/output.ts";
import { columns, useColor } from "../base/terminal.ts";
import { textTable } from "./text_table.ts";
import { wrapText } from "../base/wrap_text.ts";
import { readRunRecord } from "../run/run_record.ts";
import { claimCells, type Report } from "./report.ts";
import { reportHtml } from "./report_html.ts";
import { reportMarkdown } from "./report_markdown.ts";
import type { RunDirectory } from "../run/run_directory.ts";
import { writeAtomically } from "../base/write_atomically.ts";

export type { Claim, Report, ReportTable } from "./report.ts";

/**
 * Shows a run's figures and its tables on the terminal, and leaves the figures
 * as files and all of it as `report.md` and `report.html` in the run's
 * directory. Figures in which there is nothing to see are left out.
 *
 * @param run declares these two files and the figures', and has begun
 * @param output where the figures and tables are shown
 * @param report what the run found
 */
export async function writeReport(
  run: RunDirectory,
  output: Output,
  report: Report,
): Promise<void> {
  const { title, rows, claims = [], tables = [] } = report;
  const figures = report.figures.filter(({ isEmpty }) => !isEmpty);
  const width = Math.max(40, Math.min(columns(), 120)); // nothing is drawn narrower
  const pictures = new Map<string, string | Uint8Array>();
  for (const figure of figures) {
    output.log(`\n${figure.text({ width, color: useColor() })}`);
    const picture = await figure.picture();
    pictures.set(figure.file, picture);
    writeAtomically(run.file(figure.file), picture);
  }
  const shown = [
    comparisonCells(rows),
    claimCells(claims),
    ...tables,
  ].filter((table) => table.rows.length > 0);
  for (const table of shown) {
    const heading = "title" in table
      ? `${wrapText(table.title).replace(/^ {2}/gm, "")}\n`
      : "";
    output.log(`\n${heading}${textTable(table)}`);
  }
  const path = run.file("report.md");
  const markdown = reportMarkdown(
    { ...report, figures },
    readRunRecord(dirname(path)),
  );
  writeAtomically(path, markdown);
  writeAtomically(
    run.file("report.html"),
    reportHtml(title, markdown, pictures),
  );
}
