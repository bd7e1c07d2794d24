import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import { ConfigurationError, parseJson } from './error.ts'

/** Whether a file is read as YAML; every other one is JSON. */
export const isYaml = (path: string): boolean => /\.ya?ml$/i.test(path)

/**
 * Reads a configuration file that is written as YAML (by its name) or JSON, with `read`, which takes JSON. A
 * ConfigurationError of `read` gets the line of each field that it names.
 *
 * @throws ConfigurationError
 */
export function readWritten<T>(text: string, path: string, read: (json: string) => T): T {
  // Editors on Windows begin a file with a byte order mark.
  const plain = text.replace(/^\uFEFF/, '')
  const json = isYaml(path) ? jsonOf(plain, path) : refuseComments(plain, path)
  try {
    return read(json)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const lineOf = linesOf(plain)
    const problems = error.problems.map((problem) => {
      const line = lineOf(problem.path)
      return line === undefined ? problem : { ...problem, line }
    })
    throw new ConfigurationError(path, problems, error)
  }
}

function jsonOf(text: string, path: string): string {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [error] = document.errors
  if (!error) return plainOf(document, path)
  const { line, col } = lines.linePos(error.pos[0])
  // The library's sentence may quote the text, and with it a secret.
  const problem = `is not YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`
  throw new ConfigurationError(path, [{ path: `line ${line}, column ${col}`, problem, write: 'valid YAML' }], error)
}

/** Aliases of aliases may stand for more than fits into memory: the library refuses those. */
function plainOf(document: Document, path: string): string {
  try {
    return JSON.stringify(document.toJS() ?? null)
  } catch (cause) {
    const problem = 'its aliases cannot be resolved'
    throw new ConfigurationError(path, [{ path: '', problem, write: 'each value where it belongs' }], cause)
  }
}

/** JSON has no comments; saying so is clearer than "Unexpected token". */
function refuseComments(text: string, path: string): string {
  try {
    JSON.parse(text)
  } catch {
    const line = text.split('\n').findIndex((each) => /^\s*(\/\/|\/\*|#)/.test(each))
    if (line < 0) parseJson(text, path)
    const write = 'it as a field of its own, remove it, or name the file .yaml: YAML has comments'
    if (line >= 0)
      throw new ConfigurationError(path, [{ path: `line ${line + 1}`, problem: 'JSON has no comments', write }])
  }
  return text
}

/** Finds the line of a field such as `nodes[0].zone`, or of what should hold it. JSON is YAML, too. */
function linesOf(text: string): (path: string) => number | undefined {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  return (path) => {
    const keys = path.split(/[.[\]]+/).flatMap((key) => (key === '' ? [] : [/^\d+$/.test(key) ? Number(key) : key]))
    for (let length = keys.length; length > 0; length--) {
      const node = document.getIn(keys.slice(0, length), true)
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
    }
    return undefined
  }
}
