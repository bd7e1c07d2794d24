import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { version } from '../version.ts'
import {
  type CounterName,
  catalog,
  type Definition,
  type GaugeName,
  type GaugeValue,
  type HistogramName,
  type LabelsOf,
} from './catalog.ts'

/** The metrics of one process. Metrics of {@link catalog} that its parts do not expose are ignored. */
export type Metrics = {
  set<N extends GaugeName>(name: N, labels: LabelsOf<N>, value: number): void
  /** Replaces everything that these gauges say. */
  replace(names: readonly GaugeName[], values: readonly GaugeValue[]): void
  add<N extends CounterName>(name: N, labels: LabelsOf<N>, value?: number): void
  observe<N extends HistogramName>(name: N, labels: LabelsOf<N>, value: number): void
  /** Calls `update` before each scrape; a failure leaves the values as they are. */
  beforeScrape(update: () => void | Promise<void>): void
  /** The text Prometheus reads, and its content type. */
  scrape(): Promise<{ readonly contentType: string; readonly text: string }>
}

/** Opens the metrics of a process that runs these parts, with the label `chain` on each. */
export function openMetrics(chain: string, parts: readonly ('gate' | 'monitor')[]): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ chain })
  const gauges = new Map<string, Gauge>()
  const counters = new Map<string, Counter>()
  const histograms = new Map<string, Histogram>()
  const updates: (() => void | Promise<void>)[] = []
  for (const [name, { type, at, labels, help, buckets }] of Object.entries<Definition>(catalog)) {
    if (!at.some((part) => parts.includes(part))) continue
    const options = { name, help, labelNames: [...labels], registers: [registry] }
    if (type === 'gauge') gauges.set(name, new Gauge(options))
    else if (type === 'counter') counters.set(name, new Counter(options))
    else histograms.set(name, new Histogram({ ...options, buckets: [...(buckets ?? [])] }))
  }
  const empty = (gauge: Gauge | undefined) => {
    gauge?.reset()
    // A gauge without labels goes back to 0, which would be a claim.
    gauge?.remove({})
  }
  for (const gauge of gauges.values()) empty(gauge)
  gauges.get('op_conductor_info')?.set({ version }, 1)
  return {
    set: (name, labels, value) => gauges.get(name)?.set({ ...labels }, value),
    replace: (names, values) => {
      for (const name of names) empty(gauges.get(name))
      for (const { name, labels, value } of values) gauges.get(name)?.set({ ...labels }, value)
    },
    add: (name, labels, value = 1) => counters.get(name)?.inc({ ...labels }, value),
    observe: (name, labels, value) => histograms.get(name)?.observe({ ...labels }, value),
    beforeScrape: (update) => void updates.push(update),
    async scrape() {
      await Promise.allSettled(updates.map(async (update) => update()))
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}
