import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import regexp from 'eslint-plugin-regexp';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { OUTSIDE, zones } from './fences.mjs';

/** Limits of the cores: no clock, no randomness, no timer, and no import but the protocol. */
const pureCore = {
  files: ['packages/swarm/src/**', 'packages/protocol/src/**'],
  ignores: ['**/*.test.ts'],
  rules: {
    'no-restricted-properties': [
      'error',
      { object: 'Date', property: 'now', message: 'Time is an argument.' },
      { object: 'Math', property: 'random', message: 'Chance is an argument.' },
      { object: 'performance', property: 'now', message: 'Time is an argument.' },
    ],
    'no-restricted-syntax': [
      'error',
      { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time is an argument.' },
    ],
    'no-restricted-globals': [
      'error',
      'setTimeout',
      'setInterval',
      'queueMicrotask',
      'performance',
      'crypto',
    ],
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: '^(?!\\.\\.?/|@freshet/protocol$|valibot$)',
            message: 'A core imports only itself and the protocol.',
          },
        ],
      },
    ],
  },
};

/** The import rules between packages and folders, and no import cycles. Type-only imports make no cycle. */
const imports = {
  files: ['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts'],
  ignores: OUTSIDE,
  plugins: { 'import-x': importX },
  settings: {
    'import-x/resolver-next': [
      createTypeScriptImportResolver({ conditionNames: ['@freshet/source', 'import', 'default'] }),
    ],
    'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
  },
  rules: {
    'import-x/no-restricted-paths': ['error', { zones: zones() }],
    'import-x/no-cycle': ['error', { ignoreExternal: true }],
  },
};

/** Text from the network is hostile: a pattern must not need more than linear time for any text. */
const linearPatterns = {
  files: ['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts'],
  ignores: OUTSIDE,
  plugins: { regexp },
  rules: {
    'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
    'regexp/no-super-linear-move': ['error', { report: 'potential' }],
  },
};

export default defineConfig(
  // TypeScript examples, and types for frameworks, are compiled where those frameworks are installed.
  globalIgnores([
    '**/dist/**',
    'e2e/results/**',
    'bench-results/**',
    'examples/**/*.ts',
    'examples/**/*.tsx',
    'apps/viewer/npm/*.d.ts',
  ]),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-definitions': 'off',
    },
  },
  pureCore,
  imports,
  linearPatterns,
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  {
    files: ['examples/**/*.js'],
    languageOptions: {
      globals: { document: 'readonly', location: 'readonly', URLSearchParams: 'readonly' },
    },
  },
);
