import { useColor } from "../base/terminal.ts";
import type { ImageMode } from "./image_text.ts";

/** Primary Device Attributes: any terminal with escape codes answers this. */
const QUESTION = "\x1b[c";

// deno-lint-ignore no-control-regex -- an escape code is what is looked for
const ANSWER = /\x1b\[\?([\d;]*)c/;

/** The attribute of terminals that draw sixels. */
const SIXEL_ATTRIBUTE = "4";

/** Milliseconds: enough for a far SSH host; only mute terminals take them. */
const TIMEOUT = 1_000;

/**
 * How this process's terminal can show pictures: `ascii` where stdout is no
 * terminal, NO_COLOR is set, or the terminal answers no question; `sixel` where
 * it says that it draws them; else `half-block`, also where stdin is no
 * terminal and the question cannot be asked.
 *
 * The sandbox hides TERM and COLORTERM, so that the terminal itself is asked.
 * Keys pressed meanwhile are lost: ask once, before the work. Where no answer
 * comes, stdin is closed, since nothing else ends the read that waits for it.
 *
 * @param options.quiet whether no picture will be shown: `ascii` then, and the
 *   terminal is not asked
 * @returns the mode for `imageText`
 *
 * @example
 * ```ts
 * import { imageMode } from "#lib/images/image_mode.ts";
 * import { imageText } from "alphalab/images";
 *
 * const data = new Uint8Array([0, 64, 128, 255]);
 * const image = { width: 4, height: 1, channels: 1, data } as const;
 * console.log(imageText(image, { width: 40, mode: await imageMode() }));
 * ```
 */
export async function imageMode(
  { quiet = false }: { readonly quiet?: boolean } = {},
): Promise<ImageMode> {
  if (quiet || !useColor()) return "ascii";
  if (!Deno.stdin.isTerminal()) return "half-block";
  const attributes = await askAttributes();
  if (attributes === null) return "ascii";
  return attributes.includes(SIXEL_ATTRIBUTE) ? "sixel" : "half-block";
}

/** The terminal's attributes; null where it does not answer in time. */
async function askAttributes(): Promise<string[] | null> {
  let timer;
  const timeout = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), TIMEOUT);
  });
  let attributes = null;
  // Without lines and echo, and yet Ctrl-C ends the process.
  Deno.stdin.setRaw(true, { cbreak: true });
  try {
    Deno.stdout.writeSync(new TextEncoder().encode(QUESTION));
    attributes = await Promise.race([readAnswer(), timeout]);
  } finally {
    clearTimeout(timer);
    Deno.stdin.setRaw(false);
  }
  if (attributes === null) Deno.stdin.close();
  return attributes;
}

/** Reads up to the answer; null where stdin ends before. */
async function readAnswer(): Promise<string[] | null> {
  const buffer = new Uint8Array(256);
  let text = "";
  for (;;) {
    const count = await Deno.stdin.read(buffer);
    if (count === null) return null;
    text += new TextDecoder().decode(buffer.subarray(0, count));
    const [, parameters] = ANSWER.exec(text) ?? [];
    // The first one is the terminal's class.
    if (parameters !== undefined) return parameters.split(";").slice(1);
  }
}
