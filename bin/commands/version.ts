import { defineCommand } from 'citty'
import { version as number } from '../../lib/version.ts'
import { globals } from '../options.ts'

/** `baton version`. */
export const version = defineCommand({
  meta: { name: 'version', description: 'Print the version' },
  args: globals,
  async run({ args }) {
    const { write } = await import('../output.ts')
    write(args, 'version', { baton: number, node: process.version }, () => number)
  },
})
