import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { metrics as cloudwatch } from '../../lib/cloudwatch/metrics.ts'
import { type Panel, panels } from '../../lib/panels.ts'
import { usedGate, watchedFleet } from './exposed.ts'
import { type Family, parseExposition } from './parse-exposition.ts'
import { readQuery } from './read-query.ts'

/** What gate and monitor expose, with a failover and a page behind them. */
let exposed: readonly Family[]
beforeAll(async () => {
  const { fleet, scrape } = await watchedFleet()
  await fleet.run(20_000)
  const well = parseExposition(await scrape())
  for (const name of ['bob', 'cyd', 'ada']) fleet.kill(name)
  await fleet.run(20_000)
  const monitor = parseExposition(await scrape())
  fleet.halt()
  exposed = [...well, ...monitor, ...parseExposition(await usedGate())]
})

/** The series a selector's name stands for: their labels. */
function seriesOf(name: string): readonly Readonly<Record<string, string>>[] | undefined {
  const families = exposed.filter((each) =>
    each.type === 'histogram' ? new RegExp(`^${each.name}_(bucket|sum|count)$`).test(name) : each.name === name,
  )
  const samples = families.flatMap((family) => family.samples.filter((sample) => sample.name === name))
  return families.length === 0 ? undefined : samples.map(({ labels }) => labels)
}

/** This fleet has neither an L1 endpoint nor builders configured: these series are empty, and have these labels. */
const unconfigured: Readonly<Record<string, readonly string[]>> = {
  baton_window_left_seconds: [],
  baton_drift_left_seconds: [],
  baton_poster_runway_seconds: ['poster'],
  baton_boost_health: ['node', 'health'],
  baton_flashblocks_age_seconds: ['node'],
}

/** Every expression of the dashboard, as Grafana runs it. */
const dashboard = JSON.parse(readFileSync('samples/grafana.json', 'utf8')) as {
  readonly panels: {
    readonly title: string
    readonly targets: { readonly expr: string; readonly legendFormat: string }[]
  }[]
  readonly annotations: { readonly list: { readonly expr: string }[] }
}
const queries = [
  ...dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => [title, expr, legendFormat] as const),
  ),
  ...dashboard.annotations.list.map(({ expr }) => ['annotation', expr, ''] as const),
]

test.each(queries)('%s: %s asks for what /metrics exposes', (_, expr, legend) => {
  const { selectors, by } = readQuery(expr)
  expect(selectors.length).toBeGreaterThan(0)
  for (const { name, labels } of selectors) {
    const series = seriesOf(name)
    expect(series, name).toBeDefined()
    const without = unconfigured[name]
    const known = without ? ['chain', ...without] : [...new Set((series ?? []).flatMap((each) => Object.keys(each)))]
    expect(known, `${name} has no series`).toContain('chain')
    expect([...Object.keys(labels), ...by].filter((label) => !known.includes(label))).toEqual([])
    for (const [label, { op, value }] of Object.entries(labels)) {
      if (value === '$chain' || op !== '=') continue
      expect((series ?? []).map((each) => each[label])).toContain(value)
    }
  }
  const shown = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label)
  expect(shown.filter((label) => !by.includes(label))).toEqual([])
})

test('what an expression could get wrong is noticed', () => {
  expect(readQuery('sum by (le, stage) (rate(x_bucket{chain="$chain",a!=""}[5m]))')).toEqual({
    selectors: [{ name: 'x_bucket', labels: { chain: { op: '=', value: '$chain' }, a: { op: '!=', value: '' } } }],
    by: ['le', 'stage'],
  })
  expect(readQuery('1000 * max(a) > 0').selectors).toEqual([{ name: 'a', labels: {} }])
  for (const wrong of ['rate(a[5m)', 'summ(a)', 'sum by le (a)', 'a{b=c}', 'sum(a))']) {
    expect(() => readQuery(wrong), wrong).toThrow()
  }
})

test('the CloudWatch half of the list names metrics that exist', () => {
  const named = panels.flatMap((panel: Panel) => panel.cloudwatch?.metrics ?? [])
  expect(named.filter((name) => !Object.hasOwn(cloudwatch, name))).toEqual([])
  for (const panel of panels as readonly Panel[])
    expect(panel.cloudwatch ?? panel.prometheus, panel.title).toBeDefined()
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length)
})
