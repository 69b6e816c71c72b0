import { escapeMarkdown, minusSigns } from "../../../lib/base/format.ts";
import { equal } from "node:assert/strict";
import fc from "fast-check";
import { Marked } from "marked";
import { markdownTable } from "../../../lib/reporting/markdown_table.ts";

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

Deno.test("markdownTable() waits 40 characters for a cell at most", () => {
  const lines = markdownTable({
    columns: ["claim", "verdict"],
    rows: [["x".repeat(60), "held"], ["y", "held"]],
  }).split("\n");
  equal(lines[2], `| ${"x".repeat(60)} | held    |`);
  equal(lines[3], `| y${" ".repeat(39)} | held    |`);
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
