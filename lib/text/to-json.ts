/**
 * Writes a value as JSON: big integers as decimal strings, bytes left out.
 *
 * @example
 * toJson({ number: 12n }) // '{"number":"12"}'
 */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_, field: unknown) => {
      if (typeof field === 'bigint') return String(field)
      return field instanceof Uint8Array ? undefined : field
    },
    indent,
  )
}
