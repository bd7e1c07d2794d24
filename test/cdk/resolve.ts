/** A template's value as a text: references become the name of what they refer to, in angle brackets. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [key, of] = entries[0] ?? []
  if (entries.length === 1 && key === 'Ref') return `<${of}>`
  if (entries.length === 1 && key === 'Fn::GetAtt') return `<${(of as string[]).join('.')}>`
  if (entries.length === 1 && key === 'Fn::Join') {
    const [separator, parts] = of as [string, unknown[]]
    return parts.map(plain).join(separator)
  }
  return Object.fromEntries(entries.map(([name, each]) => [name, plain(each)]))
}

/** The same without the eight digits CDK puts behind logical ids: `<BatonStoreHeads.Arn>`. */
export function legible(value: unknown): unknown {
  return JSON.parse(JSON.stringify(plain(value)).replace(/<([A-Za-z0-9]+?)[0-9A-F]{8}(\.[A-Za-z.]+)?>/g, '<$1$2>'))
}
