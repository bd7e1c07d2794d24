import { basename } from 'node:path'
import { defineCommand } from 'citty'
import { exitCodes, UsageError } from '../errors.ts'
import { globals } from '../options.ts'

/** `baton config check`: reads a configuration as Baton would, and names each invalid field. */
export const config = defineCommand({
  meta: { name: 'config', description: 'Check a configuration: name each invalid field, its line and what to write' },
  args: {
    act: { type: 'positional', required: true, description: 'check' },
    file: { type: 'positional', required: true, description: 'chain.json or baton.config.json, or either as .yaml' },
    of: { type: 'string', valueHint: 'kind', description: 'chain or deployment; default: by the fields of the file' },
    'without-secrets': {
      type: 'boolean',
      description: 'do not look for the variables and files that hold secrets: they may be on another machine',
    },
    json: globals.json,
    'no-color': globals['no-color'],
  },
  async run({ args }) {
    const { act, file, of } = args
    if (act !== 'check') throw new UsageError(`there is no "config ${act}"`, 'Write "baton config check FILE".')
    if (of !== undefined && of !== 'chain' && of !== 'deployment') {
      throw new UsageError(`--of ${of} is not valid`, 'Write chain or deployment.')
    }
    const kind = of ?? (await kindOf(file))
    const serves = () => args['without-secrets'] !== true
    const problems = await problemsOf(kind, file, serves)
    const { write } = await import('../output.ts')
    const { formatProblem } = await import('../../lib/config/error.ts')
    const lines = problems.map((problem) => `  ${formatProblem(problem)}`)
    write(args, 'config-check', { file, of: kind, valid: problems.length === 0, problems }, () =>
      lines.length === 0 ? `${file}: valid (${kind})` : [`${file} cannot be used (${kind}):`, ...lines].join('\n'),
    )
    return problems.length === 0 ? exitCodes.ok.code : exitCodes.usage.code
  },
})

type Kind = 'chain' | 'deployment'

/** A deployment has `chains`, a chain has `chain`; where the file cannot be read, its name decides. */
async function kindOf(file: string): Promise<Kind> {
  const { readFile } = await import('node:fs/promises')
  const text = await readFile(file, 'utf8').catch(() => '')
  if (/^\s*["']?chains["']?\s*:/m.test(text)) return 'deployment'
  return text === '' && basename(file).startsWith('baton.config') ? 'deployment' : 'chain'
}

async function problemsOf(kind: Kind, file: string, serves: () => boolean) {
  const { ConfigurationError } = await import('../../lib/config/error.ts')
  try {
    if (kind === 'deployment') (await import('../../lib/cdk/app-config.ts')).readAppConfig(file)
    else await (await import('../../lib/config/chain-config.ts')).loadConfig(file, process.env, serves)
    return []
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return error.problems
  }
}
