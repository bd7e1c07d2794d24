/** A selector of a query, with its label matchers. */
type Selector = {
  readonly name: string
  readonly labels: Readonly<Record<string, { readonly op: string; readonly value: string }>>
}

const FUNCTIONS = new Set(['rate', 'increase', 'changes', 'histogram_quantile', 'max_over_time'])
const AGGREGATIONS = new Set(['sum', 'max', 'min', 'avg', 'count'])
const TOKEN =
  /\s*(\d+(?:\.\d+)?|[a-zA-Z_:][\w:]*|"(?:[^"\\]|\\.)*"|\[(?:\$__rate_interval|\d+[smhd])\]|!=|=~|!~|>=|<=|==|[-+*/<>=(){},])/y

/**
 * Reads the part of PromQL that the dashboards use, and throws at anything else: an unknown function, a range without
 * its bracket, parentheses that do not match.
 */
export function readQuery(query: string): { readonly selectors: readonly Selector[]; readonly by: readonly string[] } {
  const tokens = tokenize(query)
  const selectors: Selector[] = []
  const by: string[] = []
  let at = 0
  const peek = () => tokens[at]
  const take = (wanted?: string): string => {
    const token = tokens[at++]
    if (token === undefined || (wanted !== undefined && token !== wanted))
      throw new Error(`${wanted ?? 'more'} is missing in ${query}`)
    return token
  }
  const list = (each: () => void, end: string) => {
    while (peek() !== end) {
      each()
      if (peek() !== end) take(',')
    }
    take(end)
  }
  const grouping = () => {
    if (peek() !== 'by') return
    take('by')
    take('(')
    list(() => by.push(take()), ')')
  }
  const primary = (): void => {
    const token = take()
    if (/^\d/.test(token)) return
    if (token === '(') {
      expression()
      take(')')
    } else if (FUNCTIONS.has(token)) {
      take('(')
      list(expression, ')')
    } else if (AGGREGATIONS.has(token)) {
      grouping()
      take('(')
      expression()
      take(')')
    } else if (/^[a-zA-Z_:]/.test(token) && peek() !== '(') selectors.push({ name: token, labels: matchers() })
    else throw new Error(`${token} is unknown in ${query}`)
    if (peek()?.startsWith('[')) take()
  }
  const matchers = (): Selector['labels'] => {
    const labels: Record<string, { op: string; value: string }> = {}
    if (peek() !== '{') return labels
    take('{')
    list(() => {
      const [label, op, quoted] = [take(), take(), take()]
      if (!/^(=|!=|=~|!~)$/.test(op) || !quoted.startsWith('"')) throw new Error(`a matcher is wrong in ${query}`)
      labels[label] = { op, value: quoted.slice(1, -1) }
    }, '}')
    return labels
  }
  const expression = (): void => {
    primary()
    while (/^([-+*/<>]|[<>=!]=)$/.test(peek() ?? '')) {
      take()
      primary()
    }
  }
  expression()
  if (peek() !== undefined) throw new Error(`${peek()} is too much in ${query}`)
  return { selectors, by }
}

function tokenize(query: string): readonly string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < query.trimEnd().length) {
    const at = TOKEN.lastIndex
    const [, token] = TOKEN.exec(query) ?? []
    if (token === undefined) throw new Error(`no token at ${query.slice(at)}`)
    tokens.push(token)
  }
  return tokens
}
