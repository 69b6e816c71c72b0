import { dirname } from "node:path";
import { claimCells, comparisonCells, type Report } from "./report.ts";
import type { Output } from "../cli/output.ts";
import { columns, useColor } from "../base/terminal.ts";
import { markdownTable, type TextTable, textTable } from "./text_table.ts";
import { wrapText } from "../base/wrap_text.ts";
import { reportHtml } from "./_report_html.ts";
import type { RunDirectory } from "../run/run_directory.ts";
import { writeAtomically } from "../base/write_atomically.ts";
import type { Figure } from "../charts/figure.ts";
import { escapeMarkdown, minusSigns } from "../base/format.ts";
import {
  type Facts,
  factText,
  readRunRecord,
  type RunRecord,
} from "../run/run_record.ts";

/**
 * Facts that are left out: the command names the task, and threads change
 * nothing.
 */
const UNTOLD = ["task", "threads"];

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
  // Nothing is drawn narrower than 40.
  const width = Math.max(40, Math.min(columns(), 120));
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

/**
 * A report as Markdown, to be read on a forge and as plain text.
 *
 * The same report gives the same bytes, whatever the number of threads.
 *
 * @param report what the run found
 * @param record of the run, for the facts that its numbers depend on
 * @returns the document; figures are images of files beside it
 */
export function reportMarkdown(report: Report, record: RunRecord): string {
  const { claims = [], tables = [], figures, deviations, notes } = report;
  return [
    `# ${escapeMarkdown(oneLine(report.title))}`,
    `    ${oneLine(report.command)}`,
    ...section("Reported and ours", [tableOf(comparisonCells(report.rows))]),
    ...section("Claims", [tableOf(claimCells(claims))]),
    ...tables.flatMap((table) => section(table.title, [tableOf(table)])),
    ...section("Figures", figures.flatMap(imageOf)),
    ...section("Deviations", [
      deviations.map((text, i) => `${i + 1}. ${minusSigns(oneLine(text))}`)
        .join("\n"),
    ]),
    ...section("Notes", notes.map(minusSigns)),
    ...section("Environment", [factLines(record).join("\n")]),
  ].join("\n\n") + "\n";
}

/** A heading and what it stands over; nothing where all of that is empty. */
function section(title: string, parts: readonly string[]): string[] {
  const shown = parts.filter((part) => part !== "");
  const heading = `## ${escapeMarkdown(oneLine(title))}`;
  return shown.length === 0 ? [] : [heading, ...shown];
}

function tableOf(table: TextTable): string {
  return table.rows.length === 0 ? "" : markdownTable(table);
}

/** Charts carry their titles; a picture of pixels gets a line below it. */
function imageOf({ title, file }: Figure): string[] {
  const text = escapeMarkdown(oneLine(title));
  const image = `![${text}](${file})`;
  return file.endsWith(".svg") ? [image] : [image, text];
}

/** One line a fact, with every value that it had in the parts of the run. */
function factLines(
  { pinned, environment, resumedIn }: RunRecord,
): string[] {
  const parts: Facts[] = [{ ...pinned, ...environment }, ...resumedIn];
  const names = new Set(parts.flatMap((facts) => Object.keys(facts)));
  return [...names].filter((name) => !UNTOLD.includes(name)).map((name) => {
    const texts = parts.filter((facts) => name in facts)
      .map((facts) => factText(facts[name]!));
    const text = [...new Set(texts)].join(", then ");
    return `- ${escapeMarkdown(`${name}: ${text}`)}`;
  });
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}
