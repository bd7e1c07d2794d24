import { defineCommand } from 'citty'
import { exitCodes, UsageError } from '../errors.ts'
import { globals } from '../options.ts'

/** `baton import op-conductor`: makes chain.json from the files of op-conductor and op-conductor-ops. */
export const importFrom = defineCommand({
  meta: { name: 'import', description: "Make chain.json from op-conductor's settings; name what has no counterpart" },
  args: {
    source: { type: 'positional', required: true, description: 'op-conductor' },
    config: { type: 'string', valueHint: 'file', description: "op-conductor-ops' config.toml" },
    network: { type: 'string', valueHint: 'name', description: 'the network of that file; default: the only one' },
    flags: {
      type: 'string',
      valueHint: 'files',
      description: "files with each op-conductor's command line or environment, with commas between them",
    },
    'chain-id': { type: 'string', valueHint: 'id', description: 'the L2 chain id; default: as a node says' },
    'block-time': { type: 'string', valueHint: 's', description: 'seconds; default: as a node says' },
    'execution-port': { type: 'string', valueHint: 'port', default: '8545', description: 'where no file names it' },
    out: {
      type: 'string',
      valueHint: 'file',
      description: 'write it there, if nothing is there yet; default: print it',
    },
    json: globals.json,
    'no-color': globals['no-color'],
  },
  async run({ args }) {
    if (args.source !== 'op-conductor') {
      throw new UsageError(`nothing is imported from "${args.source}"`, 'Write "baton import op-conductor".')
    }
    if (args.config === undefined && args.flags === undefined) {
      throw new UsageError('import needs --config, --flags, or both', 'See "baton import --help".')
    }
    const { readFile, writeFile } = await import('node:fs/promises')
    const { parseConfig } = await import('../../lib/config/chain-config.ts')
    const { importOpConductor, readSequencers } = await import('../../lib/config/import-op-conductor.ts')
    const { knownFlags, readConductorFlags } = await import('../../lib/config/op-conductor-flags.ts')
    const { write } = await import('../output.ts')
    const read = (path: string) =>
      readFile(path, 'utf8').catch(() => {
        throw new UsageError(`${path} cannot be read`, 'Name a readable file.')
      })
    const files = args.flags?.split(',') ?? []
    const sources = {
      ...(args.config !== undefined && {
        ops: { text: await read(args.config), path: args.config, network: args.network },
      }),
      conductors: (await Promise.all(files.map(read))).map((text) => readConductorFlags(text, knownFlags)),
      executionPort: whole('execution-port', args['execution-port'], 65_535),
    }
    const urls = readSequencers(sources).sequencers.flatMap(({ consensus = '' }) =>
      /^https?:/.test(consensus) && URL.canParse(consensus) ? [consensus] : [],
    )
    const facts = {
      ...(await factsOf(urls, args)),
      ...(args.network !== undefined && { name: args.network }),
    }
    const { config, notes } = importOpConductor(sources, facts)
    const text = `${JSON.stringify(config, null, 2)}\n`
    parseConfig(text, process.env, args.out ?? 'the imported configuration', () => false)
    if (args.out !== undefined) {
      await writeFile(args.out, text, { flag: 'wx' }).catch(() => {
        throw new UsageError(`${args.out} cannot be written: it may exist already`, 'Name another file.')
      })
    }
    const words = { none: 'no counterpart', assumed: 'check', write: 'write by hand' } as const
    const lines = notes.map(({ kind, about, text }) => `${words[kind]}: ${about}: ${text}`)
    if (args.out === undefined && args.json !== true) process.stderr.write(`${lines.join('\n')}\n`)
    const shown = args.out === undefined ? text.trimEnd() : [`${args.out}: valid`, ...lines].join('\n')
    write(args, 'import', { config, notes, ...(args.out !== undefined && { file: args.out }) }, () => shown)
    return exitCodes.ok.code
  },
})

type Given = { readonly 'chain-id'?: string | undefined; readonly 'block-time'?: string | undefined }

/** The chain's id and block time, as given, else as the first node that answers says. */
async function factsOf(urls: readonly string[], given: Given) {
  const id = given['chain-id'] === undefined ? undefined : whole('chain-id', given['chain-id'])
  const blockTime = given['block-time'] === undefined ? undefined : Number(given['block-time'])
  if (blockTime !== undefined && !(blockTime > 0)) throw new UsageError('--block-time is not valid', 'Write seconds.')
  if (id !== undefined && blockTime !== undefined) return { id, blockTime }
  const { createNodeClient } = await import('../../lib/chain/client.ts')
  const { getRollupConfig } = await import('../../lib/chain/rollup-config.ts')
  for (const url of urls) {
    const client = createNodeClient(url, { timeoutMs: 3_000 })
    const rollup = await getRollupConfig(client).catch(() => undefined)
    if (rollup) return { id: id ?? Number(rollup.l2ChainId), blockTime: blockTime ?? Number(rollup.blockTime) }
  }
  throw new UsageError('no node says what chain this is', 'Give --chain-id and --block-time.')
}

function whole(option: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0 && value <= most) return value
  throw new UsageError(`--${option} ${text} is not valid`, `Write a whole number up to ${most}.`)
}
