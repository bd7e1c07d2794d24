/** The same text for the same value, whatever the order of its fields. */
export function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `"${value}"`
    case 'bigint':
      return `${value}n`
    case 'object':
      return value === null ? 'null' : textOfObject(value)
    default:
      return String(value)
  }
}

function textOfObject(value: object): string {
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('latin1')}"`
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`
  const fields = value as Readonly<Record<string, unknown>>
  let text = '{'
  for (const key of Object.keys(fields).sort()) if (fields[key] !== undefined) text += `${key}:${textOf(fields[key])},`
  return `${text}}`
}

/** Gives equal values the same small number. */
export class Interned<T> {
  readonly #ids = new Map<string, number>()
  readonly #values: T[] = []

  /** @param text what makes two values equal. */
  id(value: T, text: string = textOf(value)): number {
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    const id = this.#values.length
    this.#ids.set(text, id)
    this.#values.push(value)
    return id
  }

  of(id: number): T {
    const value = this.#values[id]
    if (value === undefined && id >= this.#values.length) throw new RangeError(`nothing has the number ${id}`)
    return value as T
  }

  get size(): number {
    return this.#values.length
  }
}
