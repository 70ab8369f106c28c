import type { Page } from '@playwright/test';

/** The `--admin-token` of the servers in the console's tests. */
export const TOKEN = 'a-token-of-the-test';

/** @param url of the server, ending in `/` */
export async function signIn(page: Page, url: string, token = TOKEN): Promise<void> {
  await page.goto(`${url}console/`);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Collects errors that the page throws, and violations of its Content-Security-Policy. */
export function watchProblems(page: Page): readonly string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) problems.push(message.text());
  });
  return problems;
}
