import assert from "node:assert/strict";
import { wrapText } from "../../../lib/base/wrap_text.ts";

Deno.test("wrapText() breaks between words, at the width and not before", () => {
  assert.equal(wrapText("ab cd ef", 7), "  ab cd\n  ef");
  assert.equal(wrapText("ab cd ef", 6), "  ab\n  cd\n  ef");
  assert.equal(wrapText("η η η", 5), "  η η\n  η");
});

Deno.test("wrapText() gives a word that is too long a line of its own", () => {
  assert.equal(wrapText("abcdef gh", 5), "  abcdef\n  gh");
});

Deno.test("wrapText() begins each line with the indentation that it is given", () => {
  assert.equal(wrapText("ab cd ef", 5, ""), "ab cd\nef");
  assert.equal(wrapText("ab cd ef", 5, "- "), "- ab\n- cd\n- ef");
});
