import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { Metrics } from './metrics.ts';

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

/** A label in a panel's query. */
const LABEL = /([a-z_]+)(?:=~?)"/g;

test('the server exports every metric and label that the dashboard queries', async () => {
  const file = new URL('../../../../docs/grafana/freshet.json', import.meta.url);
  const { panels } = JSON.parse(await readFile(file, 'utf8')) as Dashboard;
  const { registry } = new Metrics(() => 0, { processFigures: true });
  const known = new Map(
    (await registry.getMetricsAsJSON()).map(({ name }) => [name, registry.getSingleMetric(name)]),
  );
  const asked = panels.flatMap(({ title, targets }) =>
    targets.flatMap(({ expr }) =>
      [...expr.matchAll(/\b((?:freshet|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)].map(
        ([, name = '', filter = '']) => ({
          ...{ title, name, labels: [...filter.matchAll(LABEL)].map(([, label = '']) => label) },
        }),
      ),
    ),
  );
  expect(asked.length).toBeGreaterThan(10);
  for (const { title, name, labels } of asked) {
    // A histogram exports three series, with suffixes to its name.
    const metric = (known.get(name) ?? known.get(name.replace(/_(?:bucket|sum|count)$/, ''))) as
      { labelNames?: string[] } | undefined;
    expect(metric, `${title}: ${name}`).toBeDefined();
    for (const label of labels) expect(metric?.labelNames, `${title}: ${name}`).toContain(label);
  }
});
