export type Factors = Readonly<Record<string, readonly string[]>>;
export type Row<F extends Factors> = { readonly [Name in keyof F]: F[Name][number] };

type Choice = readonly [factor: string, value: string];

/**
 * A covering array: few rows, and every combination of values of any `strength` factors occurs at least once.
 * Each row starts with a combination that is still missing. Then it takes the values that cover most other
 * missing combinations. The same factors give the same rows.
 */
export function cover<const F extends Factors>(factors: F, strength: number): Row<F>[] {
  const missing = new Map(combinations(factors, strength).map((choices) => [keyOf(choices), choices]));
  const rows: Row<F>[] = [];
  for (let [first] = missing.values(); first; [first] = missing.values()) {
    const row = completeRow(factors, first, missing, strength);
    for (const choices of subsets(row, strength)) missing.delete(keyOf(choices));
    rows.push(Object.fromEntries(sortLike(factors, row)) as Row<F>);
  }
  return rows;
}

/** Every combination of values of every `strength` factors. */
export function combinations(factors: Factors, strength: number): Choice[][] {
  return subsets(Object.keys(factors), strength).flatMap((names) =>
    names.reduce<Choice[][]>(
      (partial, name) =>
        partial.flatMap((choices) =>
          (factors[name] ?? []).map((value): Choice[] => [...choices, [name, value]]),
        ),
      [[]],
    ),
  );
}

function completeRow(
  factors: Factors,
  first: readonly Choice[],
  missing: ReadonlyMap<string, unknown>,
  strength: number,
): Choice[] {
  const row = [...first];
  for (const [name, values] of Object.entries(factors)) {
    if (row.some(([factor]) => factor === name)) continue;
    const others = subsets(row, strength - 1);
    const gain = (value: string) =>
      others.filter((choices) => missing.has(keyOf([...choices, [name, value]]))).length;
    const [best = ''] = values.toSorted((a, b) => gain(b) - gain(a));
    row.push([name, best]);
  }
  return row;
}

function subsets<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, index) =>
    subsets(items.slice(index + 1), size - 1).map((rest) => [item, ...rest]),
  );
}

function keyOf(choices: readonly Choice[]): string {
  return choices
    .map((choice) => choice.join('='))
    .toSorted()
    .join('\n');
}

function sortLike(factors: Factors, row: readonly Choice[]): Choice[] {
  const order = Object.keys(factors);
  return row.toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b));
}
