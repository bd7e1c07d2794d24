/** A sample line. */
export type Sample = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}
/** A metric with its samples. */
export type Family = { readonly name: string; readonly type: string; readonly help: string; readonly samples: Sample[] }

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/
const VALUE = /^[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)$|^NaN$/i

/**
 * Parses the Prometheus text format 0.0.4 and throws at whatever Prometheus or promtool would refuse: a sample outside
 * its family, a family twice, a series twice, a wrong escape, a histogram that is not cumulative.
 */
export function parseExposition(text: string): readonly Family[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no line feed')
  const families: Family[] = []
  const seen = new Set<string>()
  let help: { name: string; text: string } | undefined
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (kind === 'HELP') {
      if (help) throw new Error(`two HELP lines in a row: ${line}`)
      help = { name, text: rest }
      continue
    }
    if (kind === 'TYPE') {
      if (help?.name !== name) throw new Error(`TYPE without its HELP: ${line}`)
      if (families.some((family) => family.name === name)) throw new Error(`${name} appears twice`)
      if (!NAME.test(name) || !['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`bad: ${line}`)
      families.push({ name, type: rest, help: help.text, samples: [] })
      help = undefined
      continue
    }
    const sample = parseSample(line)
    const family = families.at(-1)
    if (!family || help || !belongs(sample.name, family)) throw new Error(`outside its family: ${line}`)
    const series = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).toSorted())}`
    if (seen.has(series)) throw new Error(`the series appears twice: ${line}`)
    seen.add(series)
    if (family.type !== 'gauge' && !(sample.value >= 0)) throw new Error(`below zero: ${line}`)
    family.samples.push(sample)
  }
  for (const family of families) if (family.type === 'histogram') checkHistogram(family)
  return families
}

function parseSample(line: string): Sample {
  const [, name = '', inside = '', value = ''] = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
  if (!NAME.test(name) || !VALUE.test(value)) throw new Error(`no sample: ${line}`)
  const labels: Record<string, string> = {}
  for (let rest = inside; rest !== ''; ) {
    const [all, label = '', escaped = ''] = LABEL.exec(rest) ?? []
    if (all === undefined || label.startsWith('__')) throw new Error(`bad label: ${line}`)
    if (Object.hasOwn(labels, label)) throw new Error(`the label ${label} twice: ${line}`)
    labels[label] = escaped.replace(/\\(.)/g, (_, each: string) => (each === 'n' ? '\n' : each))
    rest = rest.slice(all.length)
  }
  return { name, labels, value: Number(value.replace(/Inf$/i, 'Infinity')) }
}

const belongs = (name: string, family: Family): boolean =>
  family.type === 'histogram'
    ? ['_bucket', '_sum', '_count'].some((suffix) => name === `${family.name}${suffix}`)
    : name === family.name

function checkHistogram({ name, samples }: Family): void {
  const groups = new Map<string, { buckets: [number, number][]; count?: number; sum?: number }>()
  for (const sample of samples) {
    const { le, ...labels } = sample.labels
    const key = JSON.stringify(Object.entries(labels).toSorted())
    const group = groups.get(key) ?? { buckets: [] }
    groups.set(key, group)
    if (sample.name.endsWith('_bucket')) group.buckets.push([Number(le?.replace('+Inf', 'Infinity')), sample.value])
    else if (sample.name.endsWith('_count')) group.count = sample.value
    else group.sum = sample.value
  }
  for (const [key, { buckets, count, sum }] of groups) {
    const grows = buckets.every(
      ([le, n], i) => i === 0 || (le > (buckets[i - 1]?.[0] ?? 0) && n >= (buckets[i - 1]?.[1] ?? 0)),
    )
    const [last, all] = buckets.at(-1) ?? []
    if (!grows || last !== Number.POSITIVE_INFINITY || all !== count || sum === undefined)
      throw new Error(`not a histogram: ${name} ${key}`)
  }
}
