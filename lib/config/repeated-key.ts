/**
 * A key that one object of a JSON text has twice, and where; `undefined` = none. JSON.parse takes the last one silently.
 * The text must be valid JSON.
 */
export function repeatedKey(json: string): { readonly key: string; readonly at: number } | undefined {
  const objects: (Set<string> | undefined)[] = []
  for (const { 0: token, 1: text, index } of json.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '{') objects.push(new Set())
    else if (token === '[') objects.push(undefined)
    else if (token === '}' || token === ']') objects.pop()
    else if (text !== undefined) {
      const key: string = JSON.parse(text)
      const keys = objects.at(-1)
      if (keys?.has(key)) return { key, at: index }
      keys?.add(key)
    }
  }
  return undefined
}
