import { defineConfig } from '@playwright/test';
import { chromiumOptions } from './src/harness/viewers/chromium.ts';

/** One test at a time: each has several players, and the machine may have only two cores. */
export default defineConfig({
  testDir: 'src/tests',
  testMatch: '*.spec.ts',
  outputDir: 'results',
  workers: 1,
  fullyParallel: false,
  // A test that passes on the second try hides a fault.
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['./src/harness/machine/machine-reporter.ts']],
  use: { launchOptions: chromiumOptions(), headless: true },
});
