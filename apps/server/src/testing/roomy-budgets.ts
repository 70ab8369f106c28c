import { Budgets, type BudgetName } from '../guard/budgets.ts';

/** Budgets with the default options, for tests of one part of the server. */
export function roomyBudgets(
  onRefused: (budget: BudgetName) => void = () => undefined,
  maxViewers = 10_000,
): Budgets {
  const now = () => performance.now();
  return new Budgets({ bits: { v4: 24, v6: 48 }, maxViewers, now, onRefused });
}
