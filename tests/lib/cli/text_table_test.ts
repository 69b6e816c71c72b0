import { equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { textTable } from "../../../lib/cli/text_table.ts";

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
│ net        │ relu-alpha-0.5 │         1e-5 │
├────────────┼────────────────┼──────────────┤
│ no-        │ 90.12 ± 0.25 % │ −6.34 points │
│ activation │                │              │
│ around     │                │              │
│ 1e-5       │                │              │
└────────────┴────────────────┴──────────────┘
`.trim(),
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
      equal(
        characters(text),
        characters([table.columns, ...table.rows].flat().join("")),
      );
    },
  ));
});

Deno.test("textTable() draws more columns than there is room for", () => {
  const cells = Array.from({ length: 30 }, (_, i) => String(i));
  const text = textTable({ columns: cells, rows: [cells] }, 40);
  equal(text.split("\n")[0]!.length, 30 * 4 + 1);
});

Deno.test("textTable() refuses a width below 40 and a row that is too long", () => {
  throws(() => textTable({ columns: ["a"], rows: [] }, 39), RangeError);
  throws(() => textTable({ columns: ["a"], rows: [["1", "2"]] }), {
    name: "TypeError",
    message: "Cannot make the table: each row must have 1 cells: got 2",
  });
});
