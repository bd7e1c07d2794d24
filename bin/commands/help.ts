import { defineCommand } from 'citty'
import { globals } from '../options.ts'

/** `baton help`: the overview, or the help of one command. */
export const help = defineCommand({
  meta: { name: 'help', description: 'Show what a command does, its options and examples' },
  args: {
    command: { type: 'positional', required: false, description: 'a command; without one, all are listed' },
    json: globals.json,
    'no-color': globals['no-color'],
  },
  async run({ args }) {
    const { commandNamed, helpWidth, overview } = await import('../cli.ts')
    const { write } = await import('../output.ts')
    const { command } = args
    const text = command === undefined ? await overview() : await commandNamed(command).usage(helpWidth())
    write(args, 'help', { text }, () => text)
  },
})
