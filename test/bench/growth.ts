import Table from 'cli-table3'

/** What a process held after so many commits, after a garbage collection; bytes. */
export type Sample = {
  readonly commits: number
  readonly rss: number
  readonly heapUsed: number
  readonly external: number
}

/** The slopes of the second half, times its length, must stay below these (bytes). */
const BOUNDS = { heapUsed: 2_000_000, rss: 16_000_000 }

/** Whether a process keeps its memory: heap and resident set must not grow over the second half of the run. */
export function judgeGrowth(
  who: string,
  samples: readonly Sample[],
): { readonly text: string; readonly flat: boolean } {
  const half = samples.slice(Math.floor(samples.length / 2))
  const grown = { heapUsed: growth(half, 'heapUsed'), rss: growth(half, 'rss') }
  const mega = (bytes: number) => (bytes / 1e6).toFixed(1)
  const head = [`${who}: commits`, 'RSS MB', 'heap MB', 'external MB']
  const table = new Table({ head, style: { head: [], border: [] }, colAligns: head.map(() => 'right') })
  for (const { commits, rss, heapUsed, external } of samples) {
    table.push([commits.toLocaleString('en'), mega(rss), mega(heapUsed), mega(external)])
  }
  const line = (name: 'heapUsed' | 'rss') => `${name} ${mega(grown[name])} MB (bound ${mega(BOUNDS[name])})`
  const text = `${table.toString()}\ngrowth over the second half: ${line('heapUsed')}, ${line('rss')}`
  return { text, flat: grown.heapUsed <= BOUNDS.heapUsed && grown.rss <= BOUNDS.rss }
}

/** Least squares: what a straight line through the samples rises from the first to the last. */
function growth(of: readonly Sample[], field: 'heapUsed' | 'rss'): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const x = mean(of.map(({ commits }) => commits))
  const y = mean(of.map((sample) => sample[field]))
  const covariance = of.reduce((sum, sample) => sum + (sample.commits - x) * (sample[field] - y), 0)
  const variance = of.reduce((sum, { commits }) => sum + (commits - x) ** 2, 0)
  return (covariance / variance) * ((of.at(-1)?.commits ?? 0) - (of[0]?.commits ?? 0))
}
