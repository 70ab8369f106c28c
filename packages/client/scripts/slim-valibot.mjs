/**
 * What `slim.mjs` makes of valibot 1.5: whether a message is valid, since that is all that a page asks; not where it is
 * wrong, nor in which words. No page asks it to stop at the first fault either: the verdict is the same.
 */
const PARTS = [
  // An issue is counted. Which it is and where is not kept.
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
  // Which of a variant's forms was meant.
  [/^(\t*)if \(invalidDiscriminatorKey !== currentKey && .*\{\n(?:.*\n)*?\1\}\n/gm, ''],
  [
    /^\t*(?:let|if \() ?(?:maxDiscriminatorPriority|invalidDiscriminatorKey|expectedDiscriminators|currentPriority) .*\n/gm,
    '',
  ],
  [/^\t*currentPriority\+\+;\n/gm, ''],
  // Words.
  [/^\t+(?:reference|expects|message): .*,\n/gm, ''],
  [/^(\t+kind: "(?:validation|transformation)",\n)\t+type: .*\n/gm, '$1'],
  [/^\t+async: (?:true|false),\n/gm, ''],
  [
    /^function _standardSchema\(schema\) \{\n(?:.*\n)*?\}\n/m,
    'const _standardSchema = (schema) => schema;\n',
  ],
  // Stopping early, and the settings that ask for it.
  [/^(\t*)if \(config\$1\.abortEarly\) \{\n(?:.*\n)*?\1\}\n/gm, ''],
  [/^\t*if \(config\$1\.abortEarly\) break;\n/gm, ''],
  [/if \(!dataset\.issues \|\| !config\$1\.abortEarly && !config\$1\.abortPipeEarly\) /g, ''],
  [
    /^function getGlobalConfig\(config\$1\) \{\n(?:.*\n)*?\}\n/m,
    'const getGlobalConfig = (config = {}) => config;\n',
  ],
];

/** @throws Error when it is not the valibot that is known. */
export function slimValibot(code) {
  return PARTS.reduce((rest, [part, by]) => {
    // `search` begins anew each time, also with a global pattern.
    if (rest.search(part) < 0) throw new Error(`another valibot than 1.5: nothing in it is ${part.source}`);
    return rest.replace(part, by);
  }, code);
}
