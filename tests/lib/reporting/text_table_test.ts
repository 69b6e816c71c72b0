import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { markdownTable, textTable } from "../../../lib/reporting/text_table.ts";
import { summaryTable } from "../../../lib/reporting/summary_table.ts";
import { escapeMarkdown, minusSigns } from "../../../lib/base/format.ts";
import { Marked } from "marked";

Deno.test("textTable() aligns columns of numbers to the right, and no others", () => {
  equal(
    textTable({
      columns: ["net", "accuracy", "α", "§"],
      rows: [
        ["relu", "0.9 ± 0.01", "—", "4"],
        ["linear", "−6 points", "+.5", "all"],
      ],
    }),
    `
┌────────┬────────────┬─────┬─────┐
│ net    │   accuracy │   α │ §   │
├────────┼────────────┼─────┼─────┤
│ relu   │ 0.9 ± 0.01 │   — │ 4   │
│ linear │  −6 points │ +.5 │ all │
└────────┴────────────┴─────┴─────┘
`.trim(),
  );
});

Deno.test("textTable() breaks no word while there is another way", () => {
  equal(
    textTable({
      columns: ["file", "what is in it"],
      rows: [["checkpoint.safetensors", "all of the state of a run"]],
    }, 40),
    `
┌────────────────────────┬─────────────┐
│ file                   │ what is in  │
│                        │ it          │
├────────────────────────┼─────────────┤
│ checkpoint.safetensors │ all of the  │
│                        │ state of a  │
│                        │ run         │
└────────────────────────┴─────────────┘
`.trim(),
  );
});

Deno.test("textTable() breaks names at hyphens, but no exponents and no numbers with units", () => {
  equal(
    textTable({
      columns: ["net", "relu-alpha-0.5", "1e-5"],
      rows: [["no-activation around 1e-5", "90.12 ± 0.25 %", "−6.34 points"]],
    }, 46),
    `
┌────────────┬────────────────┬──────────────┐
│ net        │ relu-alpha-0.5 │         1e−5 │
├────────────┼────────────────┼──────────────┤
│ no-        │ 90.12 ± 0.25 % │ −6.34 points │
│ activation │                │              │
│ around     │                │              │
│ 1e−5       │                │              │
└────────────┴────────────────┴──────────────┘
`.trim(),
  );
});

Deno.test("textTable() breaks the names of rows at hyphens after all others", () => {
  const run = {
    path: "runs",
    task: "fashion-alpha",
    status: "interrupted",
    nets: 3,
    allNets: 3,
    epoch: 3,
    epochs: 3,
    seconds: 380,
    date: "2026-11-30T19:30:00Z",
    best: { quantity: "test_accuracy", value: 0.9046, net: "relu-alpha-0.5" },
  } as const;
  const runs = ["fashion-alpha", "lambdas"].map((name) => ({ name, ...run }));
  const lines = textTable(summaryTable(runs), 80).split("\n");
  ok(lines.every((line) => line.length <= 80));
  deepEqual(
    lines.map((line) => /^│ (\S+)/.exec(line)?.[1]).filter((name) => name),
    ["run", "fashion-alpha", "lambdas", "(fashion-alpha)"],
  );
});

Deno.test("textTable() keeps every character within any width, uncoloured", () => {
  const word = fc.stringMatching(/^[a-zA-Z0-9.+−]{0,60}$/);
  const cell = fc.array(word, { maxLength: 8 }).map((words) => words.join(" "));
  const table = fc.integer({ min: 1, max: 8 }).chain((count) => {
    const row = fc.array(cell, { minLength: count, maxLength: count });
    return fc.record({ columns: row, rows: fc.array(row, { maxLength: 4 }) });
  });
  fc.assert(fc.property(
    table,
    fc.integer({ min: 40, max: 120 }),
    (table, width) => {
      const text = textTable(table, width);
      ok(text.split("\n").every((line) => [...line].length <= width));
      ok(!text.includes("\x1b"));
      const characters = (text: string) =>
        [...text.replace(/[^a-zA-Z0-9.+−]/g, "")].sort().join("");
      const { columns, rows } = table;
      const cells = text.startsWith("┌")
        ? [columns, ...rows]
        : rows.length === 0
        ? [columns]
        : rows.flatMap((row) => [columns, row]);
      equal(characters(text), characters(cells.flat().join("")));
    },
  ));
});

Deno.test("textTable() puts a table on end whose words do not fit beside each other", () => {
  equal(
    textTable({
      columns: ["net", "learning rate", "regularization", "validation loss"],
      rows: [
        ["relu-alpha-0.5-12-epochs", "0.001", "none", "0.75"],
        ["linear", "0.1", "L2 with a λ of 0.0001 for all of it", "—"],
      ],
    }, 40),
    `
net              relu-alpha-0.5-12-
                 epochs
learning rate    0.001
regularization   none
validation loss  0.75
────────────────────────────────────────
net              linear
learning rate    0.1
regularization   L2 with a λ of 0.0001
                 for all of it
validation loss  —
`.trim(),
  );
});

Deno.test("textTable() refuses a width below 40 and a row that is too long", () => {
  throws(() => textTable({ columns: ["a"], rows: [] }, 39), RangeError);
  throws(() => textTable({ columns: ["a"], rows: [["1", "2"]] }), {
    name: "TypeError",
    message: "Cannot make the table: each row must have 1 cells: got 2",
  });
});

/** The texts of a table's cells as a Markdown parser understands them. */
function parsedCells(markdown: string): string[] {
  const cells: string[] = [];
  const marked = new Marked({
    renderer: {
      tablecell({ tokens }) {
        cells.push(this.parser.parseInline(tokens));
        return "";
      },
    },
  });
  marked.parse(markdown, { async: false });
  return cells;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

Deno.test("markdownTable() aligns the source, and escapes what would be a new cell", () => {
  equal(
    markdownTable({
      columns: ["quantity", "ours"],
      rows: [["Σ|αᵢ|\nat the end", "0.12"], ["1\\2", ""]],
    }),
    String.raw`
| quantity           | ours |
| ------------------ | ---: |
| Σ\|αᵢ\| at the end | 0.12 |
| 1\\2               |      |
`.trim(),
  );
});

Deno.test("markdownTable() aligns long cells too", () => {
  const lines = markdownTable({
    columns: ["claim", "measured"],
    rows: [["x".repeat(160), "90 %"], ["y", "z".repeat(90)]],
  }).split("\n");
  equal(lines[0], `| claim${" ".repeat(155)} | measured${" ".repeat(82)} |`);
  equal(lines[2], `| ${"x".repeat(160)} | 90 %${" ".repeat(86)} |`);
  equal(lines[3], `| y${" ".repeat(159)} | ${"z".repeat(90)} |`);
});

Deno.test("markdownTable() gives cells that Markdown shows as they are", () => {
  const piece = fc.oneof(
    fc.constantFrom(..."\\|<>*_`~[]()!&;#-+1.ab αx \"':/".split("")),
    fc.constantFrom("**", "__", "~~", "&lt;", "<b>", "](", "][", "![", "\\|"),
    fc.constantFrom("ReLU_α", "<!--", "[0, 1]", "` `"),
  );
  const cell = fc.array(piece, { maxLength: 12 })
    .map((pieces) => pieces.join("").trim().replace(/\s+/g, " "));
  fc.assert(
    fc.property(cell, cell, (first, second) => {
      const table = { columns: ["a", "b"], rows: [[first, second]] };
      const cells = parsedCells(markdownTable(table));
      equal(cells[2], escapeHtml(minusSigns(first)));
      equal(cells[3], escapeHtml(minusSigns(second)));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("escapeMarkdown() leaves ordinary texts as they are", () => {
  for (const text of ["α₁ in [0, 1]", "relu_alpha", "R&D (§4)", "0.1; −2 %"]) {
    equal(escapeMarkdown(text), text);
  }
});

Deno.test("escapeMarkdown() escapes links, emphasis and character references", () => {
  equal(
    escapeMarkdown("[a](b) ![c][d] _e_ &lt; <f>"),
    String.raw`[a\](b) ![c\][d] \_e\_ \&lt; \<f>`,
  );
});
