import type { Figure } from "../charts/figure.ts";
import { comparisonCells } from "./comparison_table.ts";
import { escapeMarkdown, minusSigns } from "../base/format.ts";
import { markdownTable } from "./markdown_table.ts";
import type { TextTable } from "./table_cells.ts";
import { type Facts, factText, type RunRecord } from "../run/run_record.ts";
import { claimCells, type Report } from "./report.ts";

/** Facts that are left out: the command names the task, and threads change nothing. */
const UNTOLD = ["task", "threads"];

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
