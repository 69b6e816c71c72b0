/**
 * Rules of the house that no built-in rule of `deno lint` has; deno.json names
 * this file under `lint.plugins`.
 */

/** Columns that a line of a comment may have. */
const COMMENT_COLUMNS = 80;

type Literal = Deno.lint.ArrayExpression | Deno.lint.ObjectExpression;

/** The literal behind `...`, also where `as const` follows it. */
function spreadLiteral(
  argument: Deno.lint.Expression,
): Literal | undefined {
  if (argument.type === "TSAsExpression") {
    return spreadLiteral(argument.expression);
  }
  const literal = argument.type === "ArrayExpression" ||
    argument.type === "ObjectExpression";
  return literal ? argument : undefined;
}

/** Whether the elements may stand where the spread stands. */
function fits(literal: Literal, parent: Deno.lint.Node): boolean {
  return literal.type === "ObjectExpression"
    ? parent.type === "ObjectExpression"
    : ["ArrayExpression", "CallExpression", "NewExpression"].includes(
      parent.type,
    );
}

/**
 * Forbids the spread of an object or an array that is written out there:
 * TypeScript does not look for misspelt fields behind the dots.
 */
const noLiteralSpread: Deno.lint.Rule = {
  create: (context) => ({
    SpreadElement(node) {
      const literal = spreadLiteral(node.argument);
      if (!literal) return;
      const text = context.sourceCode.getText(literal);
      const elements = text.slice(1, -1).trim().replace(/,$/, "");
      context.report({
        node,
        message: "A literal must not be spread",
        hint: "Write its elements where the spread stands",
        // An empty literal would leave its comma behind. The range of a
        // spread in an array is that of its dots alone.
        fix: fits(literal, node.parent) && elements !== ""
          ? (fixer) =>
            fixer.replaceTextRange(
              [node.range[0], node.argument.range[1]],
              elements,
            )
          : undefined,
      });
    },
    Program() {
      for (const comment of context.sourceCode.getAllComments()) {
        if (!/\.\.\.(?:\[|\{)/.test(comment.value)) continue;
        context.report({
          range: comment.range,
          message: "A literal must not be spread, in an example neither",
        });
      }
    },
  }),
};

/** Holds the lines that a comment stands in to `COMMENT_COLUMNS`. */
const commentWidth: Deno.lint.Rule = {
  create: (context) => ({
    Program() {
      const { text } = context.sourceCode;
      for (const { range } of context.sourceCode.getAllComments()) {
        let start = text.lastIndexOf("\n", range[0] - 1) + 1;
        while (start < range[1]) {
          const newline = text.indexOf("\n", start);
          const end = newline < 0 ? text.length : newline;
          const columns = [...text.slice(start, end)].length;
          if (columns > COMMENT_COLUMNS) {
            context.report({
              range: [Math.max(start, range[0]), Math.min(end, range[1])],
              message:
                `A line of a comment must have at most ${COMMENT_COLUMNS} columns: got ${columns}`,
            });
          }
          start = end + 1;
        }
      }
    },
  }),
};

export default {
  name: "house-style",
  rules: {
    "no-literal-spread": noLiteralSpread,
    "comment-width": commentWidth,
  },
} satisfies Deno.lint.Plugin;
