import { defineCommand } from 'citty'
import { globals } from '../globals.ts'
import { readVersion } from '../version.ts'

/** `baton version`. */
export const version = defineCommand({
  meta: { name: 'version', description: 'Print the version' },
  args: globals,
  async run({ args }) {
    const { write } = await import('../write.ts')
    write(args, { version: readVersion(), node: process.version }, readVersion)
  },
})
