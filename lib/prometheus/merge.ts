/**
 * Joins what several registries expose into one text: each metric once, with the samples of all. Prometheus refuses a
 * text that names a metric twice.
 */
export function mergeExpositions(texts: readonly string[]): string {
  const families = new Map<string, { readonly head: string; readonly samples: string[] }>()
  for (const text of texts) {
    for (const block of text.split(/^(?=# HELP )/m)) {
      const [, head = '', name = ''] = /^(# HELP (\S+) .*\n# TYPE .*\n)/.exec(block) ?? []
      const family = families.get(name) ?? { head, samples: [] }
      families.set(name, family)
      family.samples.push(block.slice(head.length).trim())
    }
  }
  return [...families.values()]
    .map(({ head, samples }) => `${head}${samples.filter((lines) => lines !== '').join('\n')}\n`)
    .join('\n')
}
