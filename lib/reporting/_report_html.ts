import { Marked } from "marked";
import { escapeMarkup } from "../base/format.ts";

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
