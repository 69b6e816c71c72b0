import { dirname } from "node:path";
import { Marked } from "marked";
import { claimCells, comparisonCells, type Report } from "./report.ts";
import type { Output } from "../cli/output.ts";
import { columns, useColor } from "../base/terminal.ts";
import { markdownTable, type TextTable, textTable } from "./text_table.ts";
import { wrapText } from "../base/wrap_text.ts";
import type { RunDirectory } from "../run/run_directory.ts";
import { writeAtomically } from "../base/write_atomically.ts";
import type { Figure } from "../charts/figure.ts";
import { escapeMarkdown, escapeMarkup, minusSigns } from "../base/format.ts";
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

/** Nothing is loaded, and no script runs, whatever the text says. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

const STYLE = `
:root { color-scheme: light dark; }
body {
  max-width: 52rem; margin: 0 auto; padding: 1rem;
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word;
}
h1, h2 { line-height: 1.25; }
h2 { margin-top: 2.5rem; }
table {
  display: block; width: max-content; max-width: 100%; overflow-x: auto;
  border-collapse: collapse;
}
th, td {
  padding: 0.3rem 0.75rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent);
}
td:first-child:not(.number) { min-width: 8rem; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
pre {
  padding: 0.75rem; border-radius: 0.3rem; white-space: pre-wrap;
  background: color-mix(in srgb, currentColor 8%, transparent);
}
svg, img { max-width: 100%; height: auto; }
`;

/**
 * A report as one HTML file: its figures are in it, it has no script and no
 * link. The same arguments give the same bytes.
 *
 * @param title of the page
 * @param markdown the report, as `reportMarkdown` gives it; HTML in it is shown
 *   as text
 * @param pictures the content of each figure's file by its name, SVG as text,
 *   PNG as bytes
 * @returns the document
 * @throws {Error} for an image that is none of the pictures
 */
export function reportHtml(
  title: string,
  markdown: string,
  pictures: ReadonlyMap<string, string | Uint8Array>,
): string {
  const names = [...pictures.keys()];
  const marked = new Marked({
    renderer: {
      html: ({ text }) => escapeMarkup(text),
      link({ href, tokens, text, autolink }) {
        return autolink
          ? escapeMarkup(text)
          : `${this.parser.parseInline(tokens)} (${escapeMarkup(href)})`;
      },
      image({ href, tokens }) {
        const picture = pictures.get(href);
        if (picture === undefined) {
          throw new Error(
            `Cannot make the report: an image must be one of the figures ${names}: got ${href}`,
          );
        }
        if (typeof picture === "string") {
          return inlineSvg(picture, `figure-${names.indexOf(href) + 1}`);
        }
        const { parser } = this;
        const alt = parser.parseInline(tokens, parser.textRenderer);
        const bytes = picture.toBase64();
        return `<img alt="${
          escapeMarkup(alt)
        }" src="data:image/png;base64,${bytes}">`;
      },
      tablecell({ tokens, header, align }) {
        const tag = header ? "th" : "td";
        const side = align === "right" ? ' class="number"' : "";
        const content = this.parser.parseInline(tokens);
        return `<${tag}${side}>${content}</${tag}>\n`;
      },
    },
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${marked.parse(markdown, { async: false })}</main>
</body>
</html>
`;
}

/** An SVG document as an element whose ids are no other element's. */
function inlineSvg(svg: string, prefix: string): string {
  const ids = new Set([...svg.matchAll(/\sid="(.*?)"/g)].map(([, id]) => id));
  return svg.slice(svg.indexOf("<svg")).trimEnd().replace(
    /(\sid="|href="#|url\(#)([^")]*)/g,
    (whole, before, id) => ids.has(id) ? `${before}${prefix}-${id}` : whole,
  );
}
