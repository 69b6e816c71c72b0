import { parse } from "csv-parse/sync";
import { explainIoError } from "../base/explain_io_error.ts";

/** Characters of a header in an error. */
const LONGEST_QUOTE = 40;

/**
 * Reads a CSV log back, also one that a spreadsheet has saved with CRLF or a
 * byte order mark.
 *
 * @returns one record a row, its fields by column as they are written
 * @throws {Error} `Cannot read <path>: <reason>` if the file cannot be read, is
 * no CSV in UTF-8, or has no commas between its columns; what Deno or the
 * parser threw is the cause
 */
export function readCsvLog(path: string): Record<string, string>[] {
  try {
    const text = new TextDecoder().decode(Deno.readFileSync(path));
    if (/[\ufffd\0]/.test(text)) {
      throw new Error("it must be text in UTF-8: got other bytes");
    }
    refuseOtherSeparators(text);
    return parse(text, { columns: checkColumns });
  } catch (error) {
    throw explainIoError(`read ${path}`, error);
  }
}

/** The header's names have none of the characters that separate elsewhere. */
function refuseOtherSeparators(text: string) {
  const [header = ""] = text.split(/[\r\n]/, 1);
  if (!/[;\t]/.test(header)) return;
  throw new Error(
    `columns must be separated by commas: got the header ${
      JSON.stringify(header.slice(0, LONGEST_QUOTE))
    }`,
  );
}

function checkColumns(names: string[]): string[] {
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) {
    throw new Error(
      `each column must have a name of its own: got ${twice} twice`,
    );
  }
  return names;
}
