/** The byte range of a value in a JSON text: `start` inclusive, `end` exclusive. */
export type Span = { readonly start: number; readonly end: number }

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** A batch of envelopes nests six deep; the rest is room for later forks. */
const MAX_DEPTH = 32

/** The largest body holds some 110,000 signed transactions of the smallest size. */
const MAX_VALUES = 250_000

/**
 * Checks a text before it is parsed: returns the exceeded limit, or `undefined`. The text need not be JSON. Parsing ten
 * megabytes of open brackets or keys would block every commit of the process.
 */
export function excessOf(text: Buffer): string | undefined {
  let depth = 0
  let values = 0
  for (let i = 0; i < text.length; i++) {
    const byte = text[i]
    if (byte === QUOTE) {
      const end = endOfString(text, i)
      if (end === undefined) return undefined
      i = end - 1
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > MAX_DEPTH) return `it nests deeper than ${MAX_DEPTH}`
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--
    } else if (byte === COMMA && ++values > MAX_VALUES) {
      return `it has more than ${MAX_VALUES} values`
    }
  }
  return undefined
}

/*
 * These functions find values in a text that JSON.parse has accepted, so that the gate keeps what a node sent byte for
 * byte. They do not validate the text again.
 */

/** The members of the object at `at`; the last one wins for a repeated key, as in JSON.parse. */
export function findMembers(json: Buffer, at: number): Map<string, Span> {
  return new Map([...walkMembers(json, at)].map(({ key, ...span }) => [key, span]))
}

/** The members of the object at `at`, in order, repeated keys included. */
function* walkMembers(json: Buffer, at: number): Generator<Span & { readonly key: string }> {
  let i = skipSpace(json, skipSpace(json, at) + 1)
  while (json[i] !== CLOSE_BRACE) {
    const keyEnd = skipString(json, i)
    const key: string = JSON.parse(json.toString('utf8', i, keyEnd))
    const start = skipSpace(json, skipSpace(json, keyEnd) + 1)
    const end = skipValue(json, start)
    yield { key, start, end }
    i = skipComma(json, end)
  }
}

/** A key that occurs twice in an object, or in the object under its key `inner`; `undefined` = none. */
export function repeatedMember(json: Buffer, inner: string): string | undefined {
  for (const at of [0, findMembers(json, 0).get(inner)?.start]) {
    const seen = new Set<string>()
    for (const { key } of at === undefined ? [] : walkMembers(json, at)) {
      if (seen.has(key)) return key.slice(0, 100)
      seen.add(key)
    }
  }
  return undefined
}

/** The elements of the array at `at`. */
export function findElements(json: Buffer, at: number): Span[] {
  const elements: Span[] = []
  let i = skipSpace(json, skipSpace(json, at) + 1)
  while (json[i] !== CLOSE_BRACKET) {
    const end = skipValue(json, i)
    elements.push({ start: i, end })
    i = skipComma(json, end)
  }
  return elements
}

/** The only element of an array of one: everything between its brackets, without walking through it. */
export function findOnlyElement(json: Buffer, { start, end }: Span): Span {
  let last = end - 2
  while (isSpace(json[last])) last--
  return { start: skipSpace(json, start + 1), end: last + 1 }
}

function skipValue(json: Buffer, at: number): number {
  let depth = 0
  for (let i = at; ; i++) {
    const byte = json[i]
    if (byte === QUOTE) {
      i = skipString(json, i) - 1
      if (depth === 0) return i + 1
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth++
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth <= 1) return depth === 0 ? i : i + 1
      depth--
    } else if (depth === 0 && (byte === undefined || byte === COMMA || isSpace(byte))) {
      return i
    }
  }
}

/** The end of the string whose opening quote is at `at`. */
function skipString(json: Buffer, at: number): number {
  return endOfString(json, at) ?? json.length
}

/** The end of the string whose opening quote is at `at`; `undefined` = unterminated. */
function endOfString(text: Buffer, at: number): number | undefined {
  // Most strings are short: a native search would cost more than the loop.
  for (let i = at + 1; i < at + 32; i++) {
    if (text[i] === BACKSLASH) break
    if (text[i] === QUOTE) return i + 1
  }
  for (let quote = at; ; ) {
    quote = text.indexOf(QUOTE, quote + 1)
    if (quote < 0) return undefined
    let before = quote - 1
    while (text[before] === BACKSLASH) before--
    if ((quote - before) % 2 === 1) return quote + 1
  }
}

function skipComma(json: Buffer, at: number): number {
  const i = skipSpace(json, at)
  return json[i] === COMMA ? skipSpace(json, i + 1) : i
}

function skipSpace(json: Buffer, at: number): number {
  let i = at
  while (isSpace(json[i])) i++
  return i
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
