import { defineCommand } from 'citty'
import { UsageError } from '../errors.ts'
import { globals } from '../options.ts'

/** `baton history`: what Baton and the operators did or refused to do, newest last. */
export const history = defineCommand({
  meta: { name: 'history', description: 'Show what Baton and operators did or refused to do, and why; newest last' },
  args: {
    limit: { type: 'string', valueHint: 'n', default: '50', description: 'how many lines, from 1 to 1000' },
    ...globals,
  },
  async run({ args }) {
    const limit = Number(args.limit)
    if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
      throw new UsageError(`--limit ${args.limit} is not a number of lines`, 'Write an integer from 1 to 1000.')
    }
    const { withChain } = await import('../connect.ts')
    const { renderHistory } = await import('../../lib/terminal/render-table.ts')
    const { write } = await import('../output.ts')
    const newestFirst = await withChain(args, ({ history, chain }) => history.list(chain.id, { limit }))
    const records = newestFirst.toReversed()
    write(args, 'history', { records }, () => renderHistory(records, process.stdout.columns))
  },
})
