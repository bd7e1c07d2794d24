import { parseArgs } from 'node:util'
import type { ArgsDef } from 'citty'
import { UsageError } from './errors.ts'

/**
 * Refuses what citty would pass over in silence: unknown options, options without their value, and
 * words too many.
 *
 * @throws UsageError
 */
export function checkArguments(command: string, raw: readonly string[], args: ArgsDef): void {
  const names = Object.entries(args)
  const options = names.flatMap(([name, { type }]) =>
    type === 'positional' ? [] : [[name, { type: type === 'boolean' ? 'boolean' : 'string' }] as const],
  )
  const remedy = `See "baton ${command} --help".`
  const positionals = parse()
  const expected = names.filter(([, { type }]) => type === 'positional')
  const surplus = positionals[expected.length]
  if (surplus !== undefined) throw new UsageError(`"${surplus}" is one word too many for ${command}`, remedy)
  const missing = expected[positionals.length]
  if (missing && missing[1].required !== false) {
    throw new UsageError(`${command} needs ${missing[0].toUpperCase()}`, remedy)
  }

  function parse(): readonly string[] {
    try {
      return parseArgs({ args: [...raw], options: Object.fromEntries(options), allowPositionals: true }).positionals
    } catch (error) {
      const [sentence = ''] = (error as Error).message.split(/\. |\n/)
      throw new UsageError(`${command}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`, remedy)
    }
  }
}
