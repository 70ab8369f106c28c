/**
 * What `slim.mjs` makes of valibot 1.5: only whether a message is valid, since a page needs no more; not where it is
 * wrong, and no message about it. A page never asks valibot to stop at the first fault either: the verdict is the same.
 */
const PARTS = [
  // An issue is only counted; its kind and place are not kept.
  [
    /^function _addIssue\(context, label, dataset, config\$1, other\) \{\n(?:.*\n)*?\}\n/m,
    `function _addIssue(context, dataset) {
	if (context.kind === "schema") dataset.typed = false;
	(dataset.issues ??= []).push({});
}
`,
  ],
  [/(_addIssue\(this, "[^"]*", dataset, config\$1), \{ .* \}\);$/gm, '$1);'],
  [/^(\t*)(.*_addIssue\(this, "[^"]*", dataset, config\$1), \{\n(?:.*\n)*?\1\}\);$/gm, '$1$2);'],
  [
    /_addIssue\(this, (?:"[^"]*"|info\?\.label \?\? "input"), dataset, config\$\d/g,
    '_addIssue(this, dataset',
  ],
  [/^(\t*)const pathItem = \{[^}]*\};\n\1for \(const issue of .*\n(?:.*\n)*?\1\}\n/gm, ''],
  // The search for the variant that was meant.
  [/^(\t*)if \(invalidDiscriminatorKey !== currentKey && .*\{\n(?:.*\n)*?\1\}\n/gm, ''],
  [
    /^\t*(?:let|if \() ?(?:maxDiscriminatorPriority|invalidDiscriminatorKey|expectedDiscriminators|currentPriority) .*\n/gm,
    '',
  ],
  [/^\t*currentPriority\+\+;\n/gm, ''],
  // Texts.
  [/^\t+(?:reference|expects|message): .*,\n/gm, ''],
  [/^(\t+kind: "(?:validation|transformation)",\n)\t+type: .*\n/gm, '$1'],
  [/^\t+async: (?:true|false),\n/gm, ''],
  [
    /^function _standardSchema\(schema\) \{\n(?:.*\n)*?\}\n/m,
    'const _standardSchema = (schema) => schema;\n',
  ],
  // Stopping early, and the settings for it.
  [/^(\t*)if \(config\$1\.abortEarly\) \{\n(?:.*\n)*?\1\}\n/gm, ''],
  [/^\t*if \(config\$1\.abortEarly\) break;\n/gm, ''],
  [/if \(!dataset\.issues \|\| !config\$1\.abortEarly && !config\$1\.abortPipeEarly\) /g, ''],
  [
    /^function getGlobalConfig\(config\$1\) \{\n(?:.*\n)*?\}\n/m,
    'const getGlobalConfig = (config = {}) => config;\n',
  ],
];

/** @throws Error when the code is not that of valibot 1.5. */
export function slimValibot(code) {
  return PARTS.reduce((rest, [part, by]) => {
    // `search` starts anew each time, even with a global pattern.
    if (rest.search(part) < 0) throw new Error(`another valibot than 1.5: nothing in it is ${part.source}`);
    return rest.replace(part, by);
  }, code);
}
