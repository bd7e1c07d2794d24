import { defineCommand } from 'citty'
import { exitCodes, UsageError } from '../errors.ts'
import { globals } from '../options.ts'

/** `baton backfill`: gives a node the committed blocks it lacks, oldest first. */
export const backfill = defineCommand({
  meta: { name: 'backfill', description: 'Give a node the committed blocks its execution client lacks, oldest first' },
  args: {
    node: { type: 'positional', required: true, description: 'the node; it must not sequence' },
    from: {
      type: 'string',
      valueHint: 'block',
      description: 'first block to check; default: 64 below the newest the node has',
    },
    to: { type: 'string', valueHint: 'block', description: 'last block to insert; default: the committed head' },
    through: {
      type: 'string',
      valueHint: 'client',
      description: 'engine or consensus; default: consensus (op-node) while it runs, since it moves the forkchoice',
    },
    'dry-run': { type: 'boolean', description: 'print the plan and change nothing' },
    ...globals,
  },
  async run({ args }) {
    const { node, through } = args
    if (through !== undefined && through !== 'engine' && through !== 'consensus') {
      throw new UsageError(`--through ${through} is neither engine nor consensus`, 'Leave it out to let Baton choose.')
    }
    const [from, to] = [readNumber('from', args.from), readNumber('to', args.to)]
    const { openForBackfill } = await import('../connect.ts')
    const { planFill, runFill } = await import('../../lib/operations/backfill/procedure.ts')
    const { watch } = await import('../session.ts')
    const { write } = await import('../output.ts')

    const { ports, close } = await openForBackfill(args)
    try {
      const request = { node, from, to, through } as const
      const result = args['dry-run'] ? await planFill(ports, request) : await runFill(ports, request, watch(args))
      write(args, 'backfill', result.value as object, () => result.text)
      return result.blocked ? exitCodes.failed.code : exitCodes.ok.code
    } finally {
      await close()
    }
  },
})

function readNumber(option: string, text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return BigInt(text)
  throw new UsageError(`--${option} ${text} is not a block number`, 'Write it in digits, e.g. 123456.')
}
