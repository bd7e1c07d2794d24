import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findElements, findMembers, findOnlyElement, type Span } from '../../lib/gate/raw-json.ts'

const spaces = fc.constantFrom(undefined, 1, '\t', ' \r\n')
// V8 13.6 takes a key whose escaped text begins with a key it met before ('\\') for that one; ours does not.
const noBackslash = (text: string) => !text.includes('\\')
const json = fc
  .json({ stringUnit: 'binary' })
  .filter((text) => !text.includes('\\\\'))
  .map((text): unknown => JSON.parse(text))
const odd = fc.constantFrom('"', '\\', '\\"', '}', ']', '[{', ',', ':', '\\\\"', '\u00e4', '\u{1f600}', '')
const key = fc.oneof(odd, fc.string({ unit: 'binary' })).filter(noBackslash)

/** A value with everything in it that could be mistaken for structure. */
const value = fc.oneof(json, fc.array(fc.oneof(odd, json)), fc.dictionary(key, fc.oneof(odd, json)))

/** As compact or as spaced as JSON may be, some of it escaped. */
const textOf = (input: unknown, space: string | number | undefined, escaped: boolean) => {
  const text = JSON.stringify(input, undefined, space)
  return escaped ? text.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`) : text
}
const parse = (text: Buffer, { start, end }: Span): unknown => JSON.parse(text.toString('utf8', start, end))

describe('what is found in a JSON text is what JSON.parse finds', () => {
  test('members of objects', () => {
    const objects = fc.dictionary(key, value)
    fc.assert(
      fc.property(objects, spaces, fc.boolean(), (object, space, escaped) => {
        const text = Buffer.from(` ${textOf(object, space, escaped)}\n`)
        const parsed = JSON.parse(text.toString())
        const found = [...findMembers(text, 0)].map(([key, span]) => [key, parse(text, span)])
        expect(new Map(found as [string, unknown][])).toEqual(new Map(Object.entries(parsed)))
      }),
      { numRuns: 2_000 },
    )
  })

  test('members whose names have backslashes', () => {
    const text = Buffer.from(JSON.stringify({ '\\': 1, '"': 2, '\\"': 3, '\\\\': 4, 'a\\u0062': 5 }))
    const found = [...findMembers(text, 0)].map(([key, span]) => [key, parse(text, span)])
    expect(found).toEqual([
      ['\\', 1],
      ['"', 2],
      ['\\"', 3],
      ['\\\\', 4],
      ['a\\u0062', 5],
    ])
  })

  test('elements of arrays', () => {
    fc.assert(
      fc.property(fc.array(value), spaces, fc.boolean(), (array, space, escaped) => {
        const text = Buffer.from(` ${textOf(array, space, escaped)}\n`)
        expect(findElements(text, 0).map((span) => parse(text, span))).toEqual(JSON.parse(text.toString()))
      }),
      { numRuns: 2_000 },
    )
  })

  test('the only element of an array', () => {
    fc.assert(
      fc.property(value, spaces, fc.boolean(), (only, space, escaped) => {
        const text = Buffer.from(textOf([only], space, escaped))
        expect(parse(text, findOnlyElement(text, { start: 0, end: text.length }))).toEqual(
          JSON.parse(text.toString())[0],
        )
      }),
      { numRuns: 1_000 },
    )
  })
})
