import { type ArgsDef, defineCommand } from 'citty'
import { disasterKinds } from '../../lib/operations/disaster/acts.ts'
import { faultKinds } from '../../lib/page/acts.ts'
import { type Choices, type CompletedCommand, completionScript, shells } from '../../lib/terminal/completion.ts'
import { UsageError } from '../errors.ts'
import { type Globals, globals } from '../options.ts'

/** `baton completion`: a script that teaches a shell the commands, options and nodes. */
export const completion = defineCommand({
  meta: { name: 'completion', description: 'Print a completion script for bash, zsh or fish' },
  args: {
    shell: { type: 'positional', required: true, description: `${shells.join(', ')}; nodes: the names of the nodes` },
    ...globals,
  },
  async run({ args }) {
    if (args.shell === 'nodes') return void process.stdout.write(`${(await nodeNames(args)).join('\n')}\n`)
    const shell = shells.find((each) => each === args.shell)
    if (!shell) throw new UsageError(`there is no completion for "${args.shell}"`, `There is ${shells.join(', ')}.`)
    process.stdout.write(`${completionScript(shell, await describe())}\n`)
  },
})

/** From the configuration alone: completion must not wait for a store. */
async function nodeNames({ config: path }: Globals): Promise<readonly string[]> {
  const { findLocalProcess } = await import('../local-process.ts')
  const { loadConfig } = await import('../../lib/config/chain-config.ts')
  const config =
    path === undefined ? findLocalProcess(process.cwd())?.config : await loadConfig(path, process.env, () => false)
  return config?.nodes.map(({ name }) => name) ?? []
}

/** Fixed words of positional arguments. */
const choices: Readonly<Record<string, Choices>> = {
  'completion shell': shells,
  'config act': ['check'],
  'config file': 'files',
  'import source': ['op-conductor'],
  'disaster act': ['survey', ...disasterKinds],
  'fault kind': Object.keys(faultKinds),
}

async function describe(): Promise<readonly CompletedCommand[]> {
  const { commands } = await import('../cli.ts')
  const names = Object.keys(commands)
  return await Promise.all(
    Object.entries(commands).map(async ([name, { description, args }]) => {
      const entries = Object.entries(await args())
      return {
        name,
        description: await description(),
        options: entries.flatMap(([option, arg]) => (arg.type === 'positional' ? [] : [optionOf(option, arg)])),
        positionals: entries.flatMap(([word, { type }]): Choices[] => {
          if (type !== 'positional') return []
          if (word === 'node') return ['nodes']
          return [name === 'help' ? names : (choices[`${name} ${word}`] ?? 'any')]
        }),
      }
    }),
  )
}

function optionOf(name: string, arg: ArgsDef[string]) {
  const { description = '' } = arg
  if (arg.type === 'boolean') return { name, description }
  const hint = 'valueHint' in arg ? arg.valueHint : undefined
  const value: Choices = hint === 'node' ? 'nodes' : hint === 'file' ? 'files' : 'any'
  return { name, description, value }
}
